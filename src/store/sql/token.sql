-- Access tokens and what they were granted. The owner has a handful: the list and the clean-up read
-- them all.

-- row token: public TEXT, hash BLOB, name TEXT, client_id TEXT, scope TEXT, created INT, expires INT,
-- row token: last_used INT, revoked INT, granted TEXT, issued INT, ends INT, drafts INT, posts INT

-- query token_insert: INSERT TOKEN
-- in: row token
INSERT INTO token (public, hash, name, client_id, scope, created, expires, last_used, revoked,
	granted, issued, ends, drafts, posts)
VALUES (:public, :hash, :name, :client_id, :scope, :created, :expires, :last_used, :revoked,
	:granted, :issued, :ends, :drafts, :posts);

-- query token_find: SELECT TOKEN
-- in: hash BLOB
-- out: row token
SELECT public, hash, name, client_id, scope, created, expires, last_used, revoked, granted, issued,
	ends, drafts, posts
FROM token WHERE hash = :hash;

-- query token_find_id: SELECT TOKEN
-- in: public TEXT
-- out: row token
SELECT public, hash, name, client_id, scope, created, expires, last_used, revoked, granted, issued,
	ends, drafts, posts
FROM token WHERE public = :public;

-- query token_list: SELECT TOKEN
-- out: row token
-- posts: those that are counted already, and those since.
SELECT public, hash, name, client_id, scope, created, expires, last_used, revoked, granted, issued,
	ends, drafts, posts + (SELECT count(*) FROM post
		WHERE post.id > (SELECT upto FROM token_tally WHERE id = 1) AND post.client = token.public) AS posts
FROM token ORDER BY id DESC;

-- query token_revoke: UPDATE TOKEN
-- in: now INT, public TEXT
UPDATE token SET revoked = iif(revoked = 0, :now, revoked) WHERE public = :public;

-- query token_change: UPDATE TOKEN
-- in: scope TEXT, granted TEXT, drafts INT, public TEXT
UPDATE token SET scope = :scope, granted = :granted, drafts = :drafts
WHERE public = :public AND revoked = 0;

-- query token_renew: UPDATE TOKEN
-- in: hash BLOB, scope TEXT, issued INT, expires INT, ends INT, public TEXT
UPDATE token SET hash = :hash, scope = :scope, issued = :issued, expires = :expires, ends = :ends
WHERE public = :public AND revoked = 0;

-- query token_touch: UPDATE TOKEN
-- in: now INT, public TEXT
-- Only the hour is kept, but none before the token was made; a row is written at most once in it.
UPDATE token SET last_used = max(created, :now - :now % 3600)
WHERE public = :public AND last_used < max(created, :now - :now % 3600);

-- query token_tally: UPDATE TOKEN
UPDATE token SET posts = posts + (SELECT count(*) FROM post
	WHERE post.id > (SELECT upto FROM token_tally WHERE id = 1) AND post.client = token.public)
WHERE EXISTS (SELECT 1 FROM post
	WHERE post.id > (SELECT upto FROM token_tally WHERE id = 1) AND post.client = token.public);

-- query token_tally_move: UPDATE TOKEN
UPDATE token_tally SET upto = (SELECT coalesce(max(id), 0) FROM post)
WHERE id = 1 AND upto <> (SELECT coalesce(max(id), 0) FROM post);

-- query token_clean: DELETE TOKEN
-- in: before INT
DELETE FROM token
WHERE (ends <> 0 AND ends < :before) OR (revoked <> 0 AND revoked < :before);
