-- Uploaded files.

-- row media: id INT, name TEXT, digest BLOB, type TEXT, bytes INT, width INT, height INT,
-- row media: sizes TEXT, created INT, client TEXT

-- query media_insert: INSERT MEDIA
-- in: name TEXT, digest BLOB, type TEXT, bytes INT, width INT, height INT, sizes TEXT
-- in: created INT, client TEXT
-- out: id INT
INSERT INTO media (name, digest, type, bytes, width, height, sizes, created, client)
VALUES (:name, :digest, :type, :bytes, :width, :height, :sizes, :created, :client)
RETURNING id;

-- query media_find_id: SELECT MEDIA
-- in: id INT
-- out: row media
SELECT id, name, digest, type, bytes, width, height, sizes, created, client
FROM media WHERE id = :id;

-- query media_find_name: SELECT MEDIA
-- in: name TEXT
-- out: row media
SELECT id, name, digest, type, bytes, width, height, sizes, created, client
FROM media WHERE name = :name;

-- query media_find_digest: SELECT MEDIA
-- in: digest BLOB
-- out: row media
SELECT id, name, digest, type, bytes, width, height, sizes, created, client
FROM media WHERE digest = :digest;

-- query media_set_sizes: UPDATE MEDIA
-- in: sizes TEXT, id INT
UPDATE media SET sizes = :sizes WHERE id = :id;

-- query media_delete: DELETE MEDIA
-- in: id INT
DELETE FROM media WHERE id = :id;
