-- The owner: one row or none.

-- query owner_insert: INSERT OWNER
-- in: name TEXT, url TEXT, password_hash TEXT, created INT
INSERT INTO owner (id, name, url, password_hash, created)
VALUES (1, :name, :url, :password_hash, :created)
ON CONFLICT (id) DO NOTHING;

-- query owner_find: SELECT OWNER
-- out: name TEXT, url TEXT, password_hash TEXT, created INT, handle BLOB
SELECT name, url, password_hash, created, handle FROM owner WHERE id = 1;

-- query owner_set_password: UPDATE OWNER
-- in: password_hash TEXT
UPDATE owner SET password_hash = :password_hash WHERE id = 1;

-- query owner_set_handle: UPDATE OWNER
-- in: handle BLOB
UPDATE owner SET handle = :handle WHERE id = 1 AND handle = x'';
