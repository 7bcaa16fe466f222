-- Addresses that lead elsewhere.

-- row alias: source TEXT, target TEXT, status INT, created INT

-- query alias_find: SELECT ALIAS
-- in: sources TEXT
-- out: row alias
-- sources is a JSON array, the best one first.
SELECT source, target, status, created
FROM json_each(:sources) AS wanted CROSS JOIN alias ON alias.source = wanted.value
ORDER BY wanted.key LIMIT 1;

-- query alias_list: SELECT ALIAS
-- in: after TEXT, limit INT
-- out: row alias
SELECT source, target, status, created FROM alias WHERE source > :after
ORDER BY source LIMIT :limit;

-- query alias_put: INSERT ALIAS
-- in: source TEXT, target TEXT, status INT, created INT
INSERT INTO alias (source, target, status, created) VALUES (:source, :target, :status, :created)
ON CONFLICT (source) DO UPDATE SET target = excluded.target, status = excluded.status,
	created = excluded.created
WHERE target <> excluded.target OR status <> excluded.status;

-- query alias_remove: DELETE ALIAS
-- in: source TEXT
DELETE FROM alias WHERE source = :source;
