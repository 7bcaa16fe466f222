-- What editing, media and retries need: a post's version, the slugs it once had, uploaded files and
-- where they are used, work for the courier.

-- version grows with each change of a post: the entity tag of its source. rich: the properties hold
-- more to show than name, summary, content, tags and time, so that lists read them, too; posts from
-- before are taken for such, since nobody looked. syndicate_to holds the uids of targets, each
-- followed by U+001F.
ALTER TABLE post ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE post ADD COLUMN rich INTEGER NOT NULL DEFAULT 1 CHECK (rich IN (0, 1));
ALTER TABLE post ADD COLUMN channel TEXT NOT NULL DEFAULT '';
ALTER TABLE post ADD COLUMN syndicate_to TEXT NOT NULL DEFAULT '';

-- Posts as their author lists them, in any state; cards, which are an address book; tags by use.
CREATE INDEX post_live ON post (published) WHERE deleted = 0;

CREATE INDEX post_card ON post (published) WHERE type = 'card' AND deleted = 0;

CREATE INDEX tag_used ON tag (posts DESC, fold) WHERE posts > 0;

-- A slug that a post had before: its URL is redirected.
CREATE TABLE redirect (
	slug TEXT NOT NULL PRIMARY KEY CHECK (slug <> ''),
	post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX redirect_post ON redirect (post_id);

-- A create that may come again because its answer was lost. key: SHA-256 of the client and its
-- Idempotency-Key, or of the client and what it sent; content: SHA-256 of what it sent.
CREATE TABLE retry (
	key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
	content BLOB NOT NULL CHECK (length(content) = 32),
	post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX retry_post ON retry (post_id);
CREATE INDEX retry_expires ON retry (expires);

-- Uploaded files. name is the path below media_path, made of a keyed digest of what was uploaded:
-- the same bytes are stored once. digest is that digest. width and height are 0 for what is no
-- picture; sizes holds the widths of the smaller pictures that there are, "480 960 1600". Ids are not
-- given again, since a job may outlive what it is about.
CREATE TABLE media (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE CHECK (name <> ''),
	digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
	type TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	sizes TEXT NOT NULL,
	created INTEGER NOT NULL,
	client TEXT NOT NULL
) STRICT;

CREATE INDEX media_created ON media (created);

-- The key of the digests: one row, made with the first upload.
CREATE TABLE media_key (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

-- Which posts show which files.
CREATE TABLE post_media (
	media_id INTEGER NOT NULL REFERENCES media (id),
	post_id INTEGER NOT NULL REFERENCES post (id) ON DELETE CASCADE,
	PRIMARY KEY (media_id, post_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX post_media_post ON post_media (post_id);

-- Pages and feeds show the sizes of pictures.
CREATE TRIGGER media_updated AFTER UPDATE ON media
BEGIN
	UPDATE site SET revision = revision + 1 WHERE id = 1;
END;

-- What the courier is to do. subject is the id of what it is about; due is when it may be tried
-- (again); a job that has failed too often stays, with due 0, until it is retried by hand.
CREATE TABLE job (
	id INTEGER PRIMARY KEY,
	kind TEXT NOT NULL,
	subject INTEGER NOT NULL,
	due INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	problem TEXT NOT NULL,
	created INTEGER NOT NULL,
	UNIQUE (kind, subject)
) STRICT;

CREATE INDEX job_due ON job (due) WHERE due > 0;
