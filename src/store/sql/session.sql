-- The owner's logins.

-- row session: hash BLOB, csrf TEXT, user_agent TEXT, remote_addr TEXT, created INT,
-- row session: last_accessed INT, expires INT

-- query session_insert: INSERT SESSION
-- in: row session
INSERT INTO session (hash, csrf, user_agent, remote_addr, created, last_accessed, expires)
VALUES (:hash, :csrf, :user_agent, :remote_addr, :created, :last_accessed, :expires);

-- query session_find: SELECT SESSION
-- in: hash BLOB
-- out: row session
SELECT hash, csrf, user_agent, remote_addr, created, last_accessed, expires
FROM session WHERE hash = :hash;

-- query session_touch: UPDATE SESSION
-- in: now INT, expires INT, hash BLOB
UPDATE session SET last_accessed = :now, expires = :expires WHERE hash = :hash;

-- query session_delete: DELETE SESSION
-- in: hash BLOB
DELETE FROM session WHERE hash = :hash;

-- query session_clean: DELETE SESSION
-- in: now INT
DELETE FROM session WHERE expires <= :now;
