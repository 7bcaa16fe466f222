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

-- row tag_listed: name TEXT, posts INT

-- query tag_by_name: SELECT TAG
-- in: after TEXT, limit INT
-- out: row tag_listed
-- Tags that listed posts have, behind that one.
SELECT name, posts FROM tag WHERE +posts > 0 AND fold > lower(:after) ORDER BY fold LIMIT :limit;

-- query tag_by_use: SELECT TAG
-- in: posts INT, after TEXT, limit INT
-- out: row tag_listed
-- The same, most used first, behind the one that has so many posts.
SELECT name, posts FROM tag
WHERE posts > 0 AND posts <= :posts AND (posts < :posts OR fold > lower(:after))
ORDER BY posts DESC, fold LIMIT :limit;

-- query tag_leave: DELETE TAG
-- in: post_id INT
-- All tags of a post.
DELETE FROM post_tag WHERE post_id = :post_id;

-- query tag_used: SELECT TAG
-- in: filter TEXT, limit INT
-- out: name TEXT
-- Tags that listed posts have, most used first; filter is a part of their name.
SELECT name FROM tag WHERE posts > 0 AND instr(fold, lower(:filter)) > 0
ORDER BY posts DESC, fold LIMIT :limit;
