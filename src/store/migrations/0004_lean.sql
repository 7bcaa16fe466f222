-- Fewer pages for a new post. Each index that a create touches is a page more that must be on the
-- disk before the post is acknowledged.

-- The author's lists are made of the listed posts, which have their index, and of these.
DROP INDEX post_live;
CREATE INDEX post_unlisted ON post (published) WHERE NOT listed AND deleted = 0;

-- The retries of minutes: the clean-up reads them all, and nobody asks for those of one post.
DROP INDEX retry_post;
DROP INDEX retry_expires;
