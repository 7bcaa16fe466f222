-- Tags and their posts. Names compare by the fold column: case of ASCII letters does not count.

-- query tag_insert: INSERT TAG
-- in: name TEXT
-- Keeps the spelling that is there.
INSERT INTO tag (name) VALUES (:name) ON CONFLICT (fold) DO NOTHING;

-- query tag_join: INSERT TAG
-- in: post_id INT, name TEXT
-- A tag that a post has twice, in two spellings, counts once.
INSERT INTO post_tag (post_id, tag_id, published, listed)
SELECT post.id, tag.id, post.published, post.listed
FROM post, tag WHERE post.id = :post_id AND tag.fold = lower(:name)
ON CONFLICT (post_id, tag_id) DO NOTHING;

-- query tag_find: SELECT TAG
-- in: name TEXT
-- out: name TEXT, posts INT
SELECT name, posts FROM tag WHERE fold = lower(:name);
