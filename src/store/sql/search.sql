-- Searching. Candidates come newest first, within a span of keys; what is a match is decided by who reads
-- them. Posts that have changed since their row was made are left out: they are read as they are.

-- row search_row: key INT, post_id INT, text TEXT

-- row search_source: id INT, published INT, listed INT, type TEXT, tags TEXT, name TEXT, summary TEXT,
-- row search_source: text TEXT

-- query search_match: SELECT SEARCH
-- in: match TEXT, from INT, before INT
-- out: row search_row
-- needs: fts5
SELECT search.key, search.post_id, search.text
FROM search_fts CROSS JOIN search ON search.key = search_fts.rowid
WHERE search_fts MATCH :match AND search_fts.rowid >= :from AND search_fts.rowid < :before
	AND NOT EXISTS (SELECT 1 FROM search_stale WHERE search_stale.post_id = search.post_id)
ORDER BY search_fts.rowid DESC;

-- query search_walk: SELECT SEARCH
-- in: from INT, before INT
-- out: row search_row
SELECT key, post_id, text FROM search
WHERE key >= :from AND key < :before
	AND NOT EXISTS (SELECT 1 FROM search_stale WHERE search_stale.post_id = search.post_id)
ORDER BY key DESC;

-- query search_fresh: SELECT SEARCH
-- in: limit INT
-- out: row search_source
-- Listed posts that have no row yet, newest first.
SELECT post.id, published, listed, type, tags, name, summary, text
FROM search_state CROSS JOIN post ON post.id > search_state.done
WHERE search_state.id = 1 AND listed ORDER BY post.id DESC LIMIT :limit;

-- query search_changed: SELECT SEARCH
-- in: limit INT
-- out: row search_source
-- Listed posts whose row is not as they are.
SELECT post.id, published, listed, type, tags, name, summary, text
FROM search_stale CROSS JOIN post ON post.id = search_stale.post_id
WHERE listed ORDER BY search_stale.post_id DESC LIMIT :limit;

-- The courier's part.

-- query search_state: SELECT SEARCH
-- out: folding INT, fts INT, done INT
SELECT folding, fts, done FROM search_state WHERE id = 1;

-- query search_state_put: UPDATE SEARCH
-- in: folding INT, fts INT, done INT
UPDATE search_state SET folding = :folding, fts = :fts, done = :done WHERE id = 1;

-- query search_left: SELECT SEARCH
-- out: left INT, newest INT
-- left: whether a post has no row yet or a row that is not as the post is.
SELECT EXISTS (SELECT 1 FROM search_stale)
	OR (SELECT max(id) FROM post) > (SELECT done FROM search_state WHERE id = 1) AS "left",
	coalesce((SELECT max(id) FROM post), 0) AS newest;

-- query search_next: SELECT SEARCH
-- in: id INT, limit INT
-- out: row search_source
SELECT id, published, listed, type, tags, name, summary, text
FROM post WHERE id > :id ORDER BY id LIMIT :limit;

-- query search_stale: SELECT SEARCH
-- in: limit INT
-- out: post_id INT
SELECT post_id FROM search_stale ORDER BY post_id LIMIT :limit;

-- query search_source: SELECT SEARCH
-- in: id INT
-- out: row search_source
SELECT id, published, listed, type, tags, name, summary, text FROM post WHERE id = :id;

-- query search_find: SELECT SEARCH
-- in: post_id INT
-- out: row search_row
SELECT key, post_id, text FROM search WHERE post_id = :post_id;

-- query search_insert: INSERT SEARCH
-- in: key INT, post_id INT, text TEXT
INSERT INTO search (key, post_id, text) VALUES (:key, :post_id, :text);

-- query search_delete: DELETE SEARCH
-- in: key INT
DELETE FROM search WHERE key = :key;

-- query search_fresh_again: DELETE SEARCH
-- in: post_id INT
DELETE FROM search_stale WHERE post_id = :post_id;

-- query search_index_insert: INSERT SEARCH
-- in: key INT, text TEXT
-- needs: fts5
INSERT INTO search_fts (rowid, text) VALUES (:key, :text);

-- query search_index_delete: INSERT SEARCH
-- in: key INT, text TEXT
-- needs: fts5
-- text is what was inserted: an index that holds no text cannot look it up.
INSERT INTO search_fts (search_fts, rowid, text) VALUES ('delete', :key, :text);

-- query search_index_empty: INSERT SEARCH
-- needs: fts5
INSERT INTO search_fts (search_fts) VALUES ('delete-all');

-- query search_index_check: INSERT SEARCH
-- needs: fts5
-- Compares the index with the table.
INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1);

-- query search_lost: SELECT SEARCH
-- out: posts INT
-- Listed posts that should have a row and have none, and rows whose post is not listed.
SELECT (SELECT count(*) FROM post WHERE listed AND id <= (SELECT done FROM search_state WHERE id = 1)
		AND NOT EXISTS (SELECT 1 FROM search WHERE search.post_id = post.id)
		AND NOT EXISTS (SELECT 1 FROM search_stale WHERE search_stale.post_id = post.id))
	+ (SELECT count(*) FROM search
		WHERE NOT EXISTS (SELECT 1 FROM post WHERE post.id = search.post_id AND listed)
		AND NOT EXISTS (SELECT 1 FROM search_stale WHERE search_stale.post_id = search.post_id)) AS posts;
