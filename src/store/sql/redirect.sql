-- Slugs that posts had before.

-- query redirect_find: SELECT REDIRECT
-- in: slug TEXT
-- out: post_id INT
SELECT post_id FROM redirect WHERE slug = :slug;

-- query redirect_insert: INSERT REDIRECT
-- in: slug TEXT, post_id INT, created INT
INSERT INTO redirect (slug, post_id, created) VALUES (:slug, :post_id, :created);

-- query redirect_delete: DELETE REDIRECT
-- in: slug TEXT
DELETE FROM redirect WHERE slug = :slug;
