-- Access tokens. The owner has a handful: the list and the clean-up read them all.

-- row token: public TEXT, hash BLOB, name TEXT, client_id TEXT, scope TEXT, created INT, expires INT,
-- row token: last_used INT, revoked INT

-- query token_insert: INSERT TOKEN
-- in: row token
INSERT INTO token (public, hash, name, client_id, scope, created, expires, last_used, revoked)
VALUES (:public, :hash, :name, :client_id, :scope, :created, :expires, :last_used, :revoked);

-- query token_find: SELECT TOKEN
-- in: hash BLOB
-- out: row token
SELECT public, hash, name, client_id, scope, created, expires, last_used, revoked
FROM token WHERE hash = :hash;

-- query token_list: SELECT TOKEN
-- out: row token
SELECT public, hash, name, client_id, scope, created, expires, last_used, revoked
FROM token ORDER BY id DESC;

-- query token_revoke: UPDATE TOKEN
-- in: now INT, public TEXT
UPDATE token SET revoked = iif(revoked = 0, :now, revoked) WHERE public = :public;

-- query token_touch: UPDATE TOKEN
-- in: now INT, public TEXT
-- Only the hour is kept, but none before the token was made; a row is written at most once in it.
UPDATE token SET last_used = max(created, :now - :now % 3600)
WHERE public = :public AND last_used < max(created, :now - :now % 3600);

-- query token_clean: DELETE TOKEN
-- in: before INT
DELETE FROM token
WHERE (expires <> 0 AND expires < :before) OR (revoked <> 0 AND revoked < :before);
