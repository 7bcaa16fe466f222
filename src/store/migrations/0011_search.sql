-- Searching. text is a listed post's words, folded (text/fold.h); key orders posts as lists do: the moment of
-- publication, and within it the id. An index over it is made where SQLite has FTS5, by no migration.
--
-- Rows are made by the courier, so that a create writes nothing here: posts with ids up to done are in the
-- table, later ones are looked at as they are, and so are those that have changed (search_stale). fts: 0 the
-- index lacks rows, 1 it is being filled, up to done, 2 it has all rows. folding is the version of the rules.
CREATE TABLE search (
	key INTEGER PRIMARY KEY,
	post_id INTEGER NOT NULL UNIQUE,
	text TEXT NOT NULL
) STRICT;

CREATE TABLE search_stale (
	post_id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE search_state (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	folding INTEGER NOT NULL,
	fts INTEGER NOT NULL CHECK (fts BETWEEN 0 AND 2),
	done INTEGER NOT NULL
) STRICT;

INSERT INTO search_state (id, folding, fts, done) VALUES (1, 0, 0, 0);

CREATE TRIGGER post_search_updated AFTER UPDATE ON post WHEN OLD.listed OR NEW.listed
BEGIN
	INSERT INTO search_stale (post_id) VALUES (NEW.id) ON CONFLICT (post_id) DO NOTHING;
END;

CREATE TRIGGER post_search_removed AFTER DELETE ON post
BEGIN
	INSERT INTO search_stale (post_id) VALUES (OLD.id) ON CONFLICT (post_id) DO NOTHING;
END;
