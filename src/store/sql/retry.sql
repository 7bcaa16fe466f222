-- Creates that may come again.

-- query retry_find: SELECT RETRY
-- in: key BLOB, now INT
-- out: content BLOB, post_id INT
SELECT content, post_id FROM retry WHERE key = :key AND expires > :now;

-- query retry_put: INSERT RETRY
-- in: key BLOB, content BLOB, post_id INT, expires INT
INSERT INTO retry (key, content, post_id, expires) VALUES (:key, :content, :post_id, :expires)
ON CONFLICT (key) DO UPDATE SET content = excluded.content, post_id = excluded.post_id,
	expires = excluded.expires;

-- query retry_clean: DELETE RETRY
-- in: now INT
DELETE FROM retry WHERE expires <= :now;
