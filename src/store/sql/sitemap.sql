-- Posts as a sitemap names them: by id, which never changes, so that a part of it stays what it was.

-- query sitemap_posts: SELECT POST
-- in: after INT, to INT, limit INT
-- out: id INT, slug TEXT, modified INT
-- By the table's own order: an index of the listed posts would have to be sorted.
SELECT id, slug, max(published, updated) AS modified FROM post NOT INDEXED
WHERE id > :after AND id <= :to AND listed ORDER BY id LIMIT :limit;

-- query sitemap_next: SELECT POST
-- in: after INT
-- out: id INT
SELECT id FROM post WHERE id > :after ORDER BY id LIMIT 1;
