-- What the owner has changed about the site while it runs.

-- row setting: key TEXT, value TEXT

-- query setting_list: SELECT SETTING
-- out: row setting
SELECT key, value FROM setting ORDER BY key;

-- query setting_version: SELECT SETTING
-- out: version INT
SELECT version FROM setting_version WHERE id = 1;

-- query setting_put: INSERT SETTING
-- in: key TEXT, value TEXT, changed INT
INSERT INTO setting (key, value, changed) VALUES (:key, :value, :changed)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, changed = excluded.changed;

-- query setting_remove: DELETE SETTING
-- in: key TEXT
DELETE FROM setting WHERE key = :key;
