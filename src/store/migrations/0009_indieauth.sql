-- What the IndieAuth server needs. A token's row is what the owner sees of an application: a grant. It
-- holds the hash of the access token of the day; granted is the most that a token of it may ever do,
-- scope what the present one does. drafts: whatever it posts becomes a draft. ends: when the grant is
-- over unless it is renewed, where issued and expires are those of the access token alone.
ALTER TABLE token ADD COLUMN granted TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN issued INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN ends INTEGER NOT NULL DEFAULT 0;
ALTER TABLE token ADD COLUMN drafts INTEGER NOT NULL DEFAULT 0 CHECK (drafts IN (0, 1));
ALTER TABLE token ADD COLUMN posts INTEGER NOT NULL DEFAULT 0;

UPDATE token SET granted = scope, issued = created, ends = expires;

-- posts counts those up to the post that stands here; the courier moves it on, so that no create pays.
CREATE TABLE token_tally (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	upto INTEGER NOT NULL
) STRICT;

INSERT INTO token_tally (id, upto) SELECT 1, coalesce(max(id), 0) FROM post;

UPDATE token SET posts = made.n
FROM (SELECT client, count(*) AS n FROM post WHERE client <> '' GROUP BY client) AS made
WHERE made.client = token.public;

-- Refresh tokens of a grant, also those that have been exchanged, so that a second use is noticed.
-- used: 0 not yet, a moment, or -1 for one whose answer was lost and that another has replaced.
CREATE TABLE refresh (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
	token_id INTEGER NOT NULL REFERENCES token (id) ON DELETE CASCADE,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	used INTEGER NOT NULL
) STRICT;

CREATE INDEX refresh_token ON refresh (token_id);

-- Authorization codes, with all that they are bound to. A used one stays for a day, with the token it
-- was exchanged for, so that a second use is noticed. challenge: '' for a client without PKCE.
CREATE TABLE code (
	hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	client_id TEXT NOT NULL,
	name TEXT NOT NULL,
	redirect_uri TEXT NOT NULL,
	challenge TEXT NOT NULL,
	scope TEXT NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	used INTEGER NOT NULL,
	token TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests that wait for the owner to sign in and decide: what was asked for, as it came.
CREATE TABLE authorization (
	id INTEGER PRIMARY KEY,
	public TEXT NOT NULL UNIQUE CHECK (public <> ''),
	query TEXT NOT NULL,
	created INTEGER NOT NULL
) STRICT;
