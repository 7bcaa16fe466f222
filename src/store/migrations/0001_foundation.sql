-- The first schema: the owner, tokens and sessions, posts with their tags, and what is kept about
-- posts so that no page ever has to count them.
--
-- Conventions: moments are seconds since 1970 in UTC, 0 for "never"; no column is NULL; text that is
-- not there is ''.

CREATE TABLE owner (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	name TEXT NOT NULL,
	url TEXT NOT NULL,
	password_hash TEXT NOT NULL,
	created INTEGER NOT NULL
) STRICT;

-- Access tokens. hash is the SHA-256 of what the client holds, public what people see of it.
CREATE TABLE token (
	id INTEGER PRIMARY KEY,
	public TEXT NOT NULL UNIQUE,
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	name TEXT NOT NULL,
	client_id TEXT NOT NULL,
	scope TEXT NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	last_used INTEGER NOT NULL,
	revoked INTEGER NOT NULL
) STRICT;

-- The owner's logins in browsers.
CREATE TABLE session (
	hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	csrf TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	remote_addr TEXT NOT NULL,
	created INTEGER NOT NULL,
	last_accessed INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_expires ON session (expires);

-- Posts. status: 0 draft, 1 published, 2 scheduled. visibility: 0 public, 1 unlisted, 2 private.
-- A post is listed when it is published, public and not deleted. tags repeats what stands in
-- post_tag, in the author's order and spelling, each tag followed by U+001F: a list of posts is read
-- with its tags by one statement. The long columns come last, so that lists need not read them.
CREATE TABLE post (
	id INTEGER PRIMARY KEY,
	uid TEXT NOT NULL,
	slug TEXT NOT NULL UNIQUE CHECK (slug <> ''),
	type TEXT NOT NULL,
	status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
	visibility INTEGER NOT NULL CHECK (visibility BETWEEN 0 AND 2),
	published INTEGER NOT NULL,
	published_zone INTEGER NOT NULL CHECK (published_zone BETWEEN -1439 AND 1439),
	updated INTEGER NOT NULL,
	deleted INTEGER NOT NULL,
	listed INTEGER NOT NULL
		GENERATED ALWAYS AS (status = 1 AND visibility = 0 AND deleted = 0) STORED,
	client TEXT NOT NULL,
	tags TEXT NOT NULL,
	name TEXT NOT NULL,
	summary TEXT NOT NULL,
	html TEXT NOT NULL,
	text TEXT NOT NULL,
	mf2 TEXT NOT NULL
) STRICT;

-- Read backwards: newest first, the later id first within a second.
CREATE INDEX post_listed ON post (published) WHERE listed;

CREATE INDEX post_scheduled ON post (published) WHERE status = 2 AND deleted = 0;

-- Tags. name is the spelling that was seen first, fold the key: case of ASCII letters does not count.
CREATE TABLE tag (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL CHECK (name <> '' AND instr(name, char(31)) = 0),
	fold TEXT NOT NULL GENERATED ALWAYS AS (lower(name)) STORED UNIQUE,
	posts INTEGER NOT NULL DEFAULT 0 CHECK (posts >= 0)
) STRICT;

-- published and listed are the post's, so that the list of a tag is one range of one index.
CREATE TABLE post_tag (
	post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
	tag_id INTEGER NOT NULL REFERENCES tag (id),
	published INTEGER NOT NULL,
	listed INTEGER NOT NULL,
	PRIMARY KEY (post_id, tag_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX post_tag_listed ON post_tag (tag_id, published, post_id, listed) WHERE listed;

-- How many listed posts a year (level 1, '2026'), a month (2, '2026-03') and a day (3, '2026-03-01')
-- of UTC has. Page n is found by walking down at most some years, twelve months and 31 days.
CREATE TABLE post_period (
	level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
	period TEXT NOT NULL,
	posts INTEGER NOT NULL,
	PRIMARY KEY (level, period)
) STRICT, WITHOUT ROWID;

-- The site as a whole, one row: revision grows with every change of a post or its tags, changed is
-- the newest moment at which something listed came, was edited or went, posts counts listed posts.
CREATE TABLE site (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	revision INTEGER NOT NULL,
	changed INTEGER NOT NULL,
	posts INTEGER NOT NULL CHECK (posts >= 0)
) STRICT;

INSERT INTO site (id, revision, changed, posts) VALUES (1, 0, 0, 0);

-- "INSERT INTO post_tally (published, step) VALUES (t, 1)" counts a listed post of that moment in,
-- -1 counts it out. A view only to have the arithmetic in one place.
CREATE VIEW post_tally (published, step) AS SELECT published, 0 FROM post;

CREATE TRIGGER post_tally_step INSTEAD OF INSERT ON post_tally
BEGIN
	UPDATE site SET posts = posts + NEW.step WHERE id = 1;
	INSERT INTO post_period (level, period, posts) VALUES
		(1, strftime('%Y', NEW.published, 'unixepoch'), NEW.step),
		(2, strftime('%Y-%m', NEW.published, 'unixepoch'), NEW.step),
		(3, strftime('%Y-%m-%d', NEW.published, 'unixepoch'), NEW.step)
		ON CONFLICT (level, period) DO UPDATE SET posts = posts + excluded.posts;
END;

CREATE TRIGGER post_inserted AFTER INSERT ON post
BEGIN
	UPDATE site SET revision = revision + 1,
		changed = iif(NEW.listed, max(changed, NEW.published, NEW.updated), changed)
		WHERE id = 1;
	INSERT INTO post_tally (published, step) SELECT NEW.published, 1 WHERE NEW.listed;
END;

CREATE TRIGGER post_updated AFTER UPDATE ON post
BEGIN
	UPDATE site SET revision = revision + 1,
		changed = iif(OLD.listed OR NEW.listed, max(changed, NEW.updated, NEW.deleted,
			iif(NEW.listed, NEW.published, 0)), changed)
		WHERE id = 1;
END;

CREATE TRIGGER post_moved AFTER UPDATE OF published, status, visibility, deleted ON post
WHEN OLD.listed <> NEW.listed OR OLD.published <> NEW.published
BEGIN
	INSERT INTO post_tally (published, step) SELECT OLD.published, -1 WHERE OLD.listed;
	INSERT INTO post_tally (published, step) SELECT NEW.published, 1 WHERE NEW.listed;
	UPDATE post_tag SET published = NEW.published, listed = NEW.listed WHERE post_id = NEW.id;
END;

CREATE TRIGGER post_removed AFTER DELETE ON post
BEGIN
	UPDATE site SET revision = revision + 1 WHERE id = 1;
	INSERT INTO post_tally (published, step) SELECT OLD.published, -1 WHERE OLD.listed;
END;

CREATE TRIGGER post_tag_inserted AFTER INSERT ON post_tag
BEGIN
	UPDATE site SET revision = revision + 1 WHERE id = 1;
	UPDATE tag SET posts = posts + NEW.listed WHERE id = NEW.tag_id;
END;

CREATE TRIGGER post_tag_moved AFTER UPDATE OF listed ON post_tag WHEN OLD.listed <> NEW.listed
BEGIN
	UPDATE tag SET posts = posts + NEW.listed - OLD.listed WHERE id = NEW.tag_id;
END;

CREATE TRIGGER post_tag_removed AFTER DELETE ON post_tag
BEGIN
	UPDATE site SET revision = revision + 1 WHERE id = 1;
	UPDATE tag SET posts = posts - OLD.listed WHERE id = OLD.tag_id;
END;
