-- What the owner has changed about the site while it runs. The keys are those of tables/settings.def;
-- one that has no row is as the configuration says.
CREATE TABLE setting (
	key TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
	value TEXT NOT NULL,
	changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Grows with each change of a setting: whoever knows it knows whether to read them again.
CREATE TABLE setting_version (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL
) STRICT;

INSERT INTO setting_version (id, version) VALUES (1, 0);

-- Every page and feed shows some of them.
CREATE TRIGGER setting_inserted AFTER INSERT ON setting
BEGIN
	UPDATE setting_version SET version = version + 1 WHERE id = 1;
	UPDATE site SET revision = revision + 1 WHERE id = 1;
END;

CREATE TRIGGER setting_updated AFTER UPDATE ON setting
BEGIN
	UPDATE setting_version SET version = version + 1 WHERE id = 1;
	UPDATE site SET revision = revision + 1 WHERE id = 1;
END;

CREATE TRIGGER setting_removed AFTER DELETE ON setting
BEGIN
	UPDATE setting_version SET version = version + 1 WHERE id = 1;
	UPDATE site SET revision = revision + 1 WHERE id = 1;
END;
