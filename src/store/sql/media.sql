-- Uploaded files.

-- row media: id INT, name TEXT, digest BLOB, type TEXT, bytes INT, width INT, height INT,
-- row media: sizes TEXT, created INT, client TEXT

-- query media_insert: INSERT UPLOAD
-- in: name TEXT, digest BLOB, type TEXT, bytes INT, width INT, height INT, sizes TEXT
-- in: created INT, client TEXT
-- out: id INT
-- No page shows it yet: who writes the post that does, says so.
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

-- query media_known: SELECT MEDIA
-- in: digest BLOB
-- out: known INT
SELECT EXISTS (SELECT 1 FROM media WHERE digest = :digest) AS known;

-- query media_newest: SELECT MEDIA
-- in: limit INT, offset INT
-- out: row media
SELECT id, name, digest, type, bytes, width, height, sizes, created, client
FROM media INDEXED BY media_created ORDER BY created DESC, id DESC LIMIT :limit OFFSET :offset;

-- query media_behind: SELECT MEDIA
-- in: id INT, limit INT
-- out: row media
SELECT id, name, digest, type, bytes, width, height, sizes, created, client
FROM media WHERE id > :id ORDER BY id LIMIT :limit;

-- query media_set_file: UPDATE MEDIA
-- in: bytes INT, width INT, height INT, id INT
UPDATE media SET bytes = :bytes, width = :width, height = :height, sizes = '' WHERE id = :id;

-- query media_touch: UPDATE UPLOAD
-- in: created INT, id INT
-- What is uploaded once more is the newest upload.
UPDATE media SET created = :created WHERE id = :id;

-- query media_used: SELECT MEDIA
-- in: media_id INT
-- out: used INT
SELECT EXISTS (SELECT 1 FROM post_media JOIN post ON post.id = post_media.post_id
	WHERE post_media.media_id = :media_id AND post.deleted = 0) AS used;

-- query media_link: INSERT UPLOAD
-- in: post_id INT, digest BLOB
-- A file that is not known is no file of ours; one that is named twice is shown by one post.
INSERT INTO post_media (media_id, post_id) SELECT id, :post_id FROM media WHERE digest = :digest
ON CONFLICT (media_id, post_id) DO NOTHING;

-- query media_unlink: DELETE UPLOAD
-- in: media_id INT
DELETE FROM post_media WHERE media_id = :media_id;

-- query media_unlink_post: DELETE UPLOAD
-- in: post_id INT
DELETE FROM post_media WHERE post_id = :post_id;

-- query media_key_insert: INSERT UPLOAD
-- in: key BLOB
INSERT INTO media_key (id, key) VALUES (1, :key) ON CONFLICT (id) DO NOTHING;

-- query media_key_find: SELECT UPLOAD
-- out: key BLOB
SELECT key FROM media_key WHERE id = 1;

-- query media_library: SELECT MEDIA
-- in: created INT, id INT, kind TEXT, unused INT, limit INT
-- out: row media
-- The owner's list: those behind one of that moment and id, newest first, of a kind ("image") or of all
-- (''), or of those that no post shows. A kind of which there are few is looked for row by row: an
-- index would cost every upload for what is asked seldom.
SELECT id, name, digest, type, bytes, width, height, sizes, created, client
FROM media INDEXED BY media_created
WHERE (created, id) < (:created, :id)
	AND (:kind = '' OR substr(type, 1, instr(type, '/') - 1) = :kind)
	AND (:unused = 0 OR NOT EXISTS (SELECT 1 FROM post_media
		JOIN post ON post.id = post_media.post_id
		WHERE post_media.media_id = media.id AND post.deleted = 0))
ORDER BY created DESC, id DESC LIMIT :limit;

-- query media_uses: SELECT MEDIA
-- in: media_id INT, limit INT
-- out: slug TEXT, name TEXT, excerpt TEXT, status INT
-- The posts that show a file, those written last first.
SELECT post.slug, post.name, substr(post.text, 1, 100) AS excerpt, post.status
FROM post_media JOIN post ON post.id = post_media.post_id
WHERE post_media.media_id = :media_id AND post.deleted = 0
ORDER BY post_media.post_id DESC LIMIT :limit;
