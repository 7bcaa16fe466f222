-- What a command has made in one go, under a name of its own where a token's would stand. Walked along
-- the key, which costs a command what an index would cost every post.

-- query batch_post: SELECT POST
-- in: id INT, client TEXT
-- out: id INT
SELECT id FROM post WHERE id > :id AND client = :client ORDER BY id LIMIT 1;

-- query batch_stranger: SELECT POST
-- in: id INT, client TEXT
-- out: id INT
SELECT id FROM post WHERE id > :id AND client <> :client AND deleted = 0 ORDER BY id LIMIT 1;

-- query batch_post_remove: DELETE POST
-- in: id INT
DELETE FROM post WHERE id = :id;

-- query batch_file: SELECT MEDIA
-- in: id INT, client TEXT
-- out: id INT, name TEXT
SELECT id, name FROM media WHERE id > :id AND client = :client ORDER BY id LIMIT 1;

-- query batch_search_back: UPDATE SEARCH
-- Posts beyond the last that is left are yet to come, whatever their ids have been before.
UPDATE search_state SET done = min(done, (SELECT coalesce(max(id), 0) FROM post)) WHERE id = 1;
