-- Signing in: sessions with a name and a time of proof, second factors, and what is remembered of
-- tries. Everybody signs in once more, since sessions of before have no name to be listed by.

DROP TABLE session;

-- The owner's logins in browsers. hash is the SHA-256 of the cookie, public what lists show of it;
-- factors are words: password, totp, recovery, passkey; proved is when one of them was shown last.
CREATE TABLE session (
	hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	public TEXT NOT NULL UNIQUE,
	factors TEXT NOT NULL,
	proved INTEGER NOT NULL,
	user_agent TEXT NOT NULL,
	remote_addr TEXT NOT NULL,
	created INTEGER NOT NULL,
	last_accessed INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_expires ON session (expires);

-- What the owner is called by authenticators: 32 random bytes, made with the first passkey.
ALTER TABLE owner ADD COLUMN handle BLOB NOT NULL DEFAULT x'';

-- The authenticator app: its secret, sealed with a key that is not in the database. last_step is the
-- time step of the last code that was accepted; active is 0 until the first one was.
CREATE TABLE totp (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	secret BLOB NOT NULL,
	active INTEGER NOT NULL,
	last_step INTEGER NOT NULL,
	created INTEGER NOT NULL
) STRICT;

-- Recovery codes, by their SHA-256; used is when, 0 for not yet.
CREATE TABLE recovery (
	hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Passkeys (WebAuthn Level 3, section 4, "Credential Record"). key is the COSE key as it came.
CREATE TABLE passkey (
	credential BLOB NOT NULL PRIMARY KEY CHECK (length(credential) BETWEEN 1 AND 1023),
	public TEXT NOT NULL UNIQUE,
	name TEXT NOT NULL,
	key BLOB NOT NULL,
	sign_count INTEGER NOT NULL,
	backup_eligible INTEGER NOT NULL,
	backed_up INTEGER NOT NULL,
	transports TEXT NOT NULL,
	aaguid BLOB NOT NULL CHECK (length(aaguid) = 16),
	created INTEGER NOT NULL,
	last_used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Browsers that have shown the password and owe a second factor; hash is of their cookie.
CREATE TABLE pending (
	hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
	tries INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Challenges given to authenticators, each for one purpose of one browser or session, for one use.
CREATE TABLE challenge (
	hash BLOB NOT NULL CHECK (length(hash) = 32),
	purpose TEXT NOT NULL,
	challenge BLOB NOT NULL CHECK (length(challenge) = 32),
	expires INTEGER NOT NULL,
	PRIMARY KEY (hash, purpose)
) STRICT, WITHOUT ROWID;

CREATE INDEX challenge_expires ON challenge (expires);

-- Tries: how many since when, who has to wait until when, and how often they had to before.
CREATE TABLE throttle (
	kind TEXT NOT NULL,
	who TEXT NOT NULL,
	tries INTEGER NOT NULL,
	since INTEGER NOT NULL,
	until INTEGER NOT NULL,
	strikes INTEGER NOT NULL,
	PRIMARY KEY (kind, who)
) STRICT, WITHOUT ROWID;

CREATE INDEX throttle_since ON throttle (since);
