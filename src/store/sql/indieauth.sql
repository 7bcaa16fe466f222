-- The IndieAuth server's secrets and requests. There are few of each, and the clean-up reads them all.

-- query refresh_insert: INSERT REFRESH
-- in: hash BLOB, created INT, expires INT, token TEXT
INSERT INTO refresh (hash, token_id, created, expires, used)
SELECT :hash, id, :created, :expires, 0 FROM token WHERE public = :token;

-- query refresh_find: SELECT REFRESH
-- in: hash BLOB
-- out: id INT, hash BLOB, token TEXT, expires INT, used INT, newer INT
-- newer: a later one of the same grant has been used.
SELECT r.id, r.hash, t.public AS token, r.expires, r.used, EXISTS (SELECT 1 FROM refresh AS later
	WHERE later.token_id = r.token_id AND later.id > r.id AND later.used > 0) AS newer
FROM refresh AS r JOIN token AS t ON t.id = r.token_id WHERE r.hash = :hash;

-- query refresh_use: UPDATE REFRESH
-- in: now INT, id INT
UPDATE refresh SET used = :now WHERE id = :id AND used = 0;

-- query refresh_replace: UPDATE REFRESH
-- in: id INT
-- Later ones of the same grant, none of which was used.
UPDATE refresh SET used = -1
WHERE token_id = (SELECT token_id FROM refresh WHERE id = :id) AND id > :id;

-- query refresh_clean: DELETE REFRESH
-- in: now INT
DELETE FROM refresh WHERE expires <= :now;

-- row code: hash BLOB, client_id TEXT, name TEXT, redirect_uri TEXT, challenge TEXT, scope TEXT
-- row code: created INT, expires INT, used INT, token TEXT

-- query code_insert: INSERT CODE
-- in: row code
INSERT INTO code (hash, client_id, name, redirect_uri, challenge, scope, created, expires, used,
	token)
VALUES (:hash, :client_id, :name, :redirect_uri, :challenge, :scope, :created, :expires, :used,
	:token);

-- query code_find: SELECT CODE
-- in: hash BLOB
-- out: row code
SELECT hash, client_id, name, redirect_uri, challenge, scope, created, expires, used, token
FROM code WHERE hash = :hash;

-- query code_use: UPDATE CODE
-- in: now INT, token TEXT, hash BLOB
UPDATE code SET used = :now, token = :token WHERE hash = :hash AND used = 0;

-- query code_clean: DELETE CODE
-- in: before INT
DELETE FROM code WHERE expires < :before;

-- query authorization_insert: INSERT AUTHORIZATION
-- in: public TEXT, query TEXT, created INT
INSERT INTO authorization (public, query, created) VALUES (:public, :query, :created);

-- query authorization_find: SELECT AUTHORIZATION
-- in: public TEXT
-- out: query TEXT, created INT
SELECT query, created FROM authorization WHERE public = :public;

-- query authorization_delete: DELETE AUTHORIZATION
-- in: public TEXT
DELETE FROM authorization WHERE public = :public;

-- query authorization_crop: DELETE AUTHORIZATION
-- in: most INT
DELETE FROM authorization WHERE id <= (SELECT max(id) - :most FROM authorization);

-- query authorization_clean: DELETE AUTHORIZATION
-- in: before INT
DELETE FROM authorization WHERE created < :before;
