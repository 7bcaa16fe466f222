-- The owner's logins. There are a handful: the list reads them all.

-- row session: hash BLOB, public TEXT, factors TEXT, proved INT, user_agent TEXT, remote_addr TEXT,
-- row session: created INT, last_accessed INT, expires INT

-- query session_insert: INSERT SESSION
-- in: row session
INSERT INTO session (hash, public, factors, proved, user_agent, remote_addr, created, last_accessed,
	expires)
VALUES (:hash, :public, :factors, :proved, :user_agent, :remote_addr, :created, :last_accessed,
	:expires);

-- query session_find: SELECT SESSION
-- in: hash BLOB
-- out: row session
SELECT hash, public, factors, proved, user_agent, remote_addr, created, last_accessed, expires
FROM session WHERE hash = :hash;

-- query session_list: SELECT SESSION
-- in: now INT
-- out: row session
SELECT hash, public, factors, proved, user_agent, remote_addr, created, last_accessed, expires
FROM session WHERE expires > :now ORDER BY last_accessed DESC, created DESC;

-- query session_touch: UPDATE SESSION
-- in: now INT, expires INT, hash BLOB
UPDATE session SET last_accessed = :now, expires = :expires WHERE hash = :hash;

-- query session_prove: UPDATE SESSION
-- in: fresh BLOB, factors TEXT, now INT, hash BLOB
-- A proof gives the session another cookie; it stays the same session in lists.
UPDATE session SET hash = :fresh, factors = :factors, proved = :now, last_accessed = :now
WHERE hash = :hash;

-- query session_delete: DELETE SESSION
-- in: hash BLOB
DELETE FROM session WHERE hash = :hash;

-- query session_revoke: DELETE SESSION
-- in: public TEXT
DELETE FROM session WHERE public = :public;

-- query session_revoke_others: DELETE SESSION
-- in: public TEXT
DELETE FROM session WHERE public <> :public;

-- query session_clean: DELETE SESSION
-- in: now INT
DELETE FROM session WHERE expires <= :now;
