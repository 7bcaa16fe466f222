-- Lists of posts. They hold listed posts, newest first, and go on by keyset: (published, id) of the last
-- row. The properties (mf2) of a list's posts are read only where there is more in them to show.

-- query list_place: SELECT POST
-- in: slug TEXT
-- out: published INT, id INT
-- Where a list goes on: only at posts that strangers may know of, deleted ones among them.
SELECT published, id FROM post WHERE slug = :slug AND status = 1 AND visibility <> 2;

-- query list_all: SELECT POST
-- in: from INT, published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND published >= :from AND (published, id) < (:published, :id)
ORDER BY published DESC, id DESC LIMIT :limit;

-- query list_tag: SELECT POST
-- in: name TEXT, published INT, id INT, limit INT
-- out: row post_brief
SELECT post.id, uid, slug, type, status, visibility, post.published,
	published_zone, updated, deleted, client, tags, post.name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM tag CROSS JOIN post_tag ON post_tag.tag_id = tag.id CROSS JOIN post ON post.id = post_tag.post_id
WHERE tag.fold = lower(:name) AND post_tag.listed
	AND (post_tag.published, post_tag.post_id) < (:published, :id)
ORDER BY post_tag.published DESC, post_tag.post_id DESC LIMIT :limit;

-- query list_notes: SELECT POST
-- in: published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND type = 'note' AND (published, id) < (:published, :id)
ORDER BY published DESC, id DESC LIMIT :limit;

-- query list_type: SELECT POST
-- in: name TEXT, published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND type <> 'note' AND type = :name AND (published, id) < (:published, :id)
ORDER BY published DESC, id DESC LIMIT :limit;

-- query list_channel: SELECT POST
-- in: name TEXT, published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND channel <> '' AND channel = :name AND (published, id) < (:published, :id)
ORDER BY published DESC, id DESC LIMIT :limit;

-- query list_spans: SELECT POST
-- in: spans TEXT, published INT, id INT, limit INT
-- out: row post_brief
-- spans is a JSON array of [from, to). Of what they hold only places in the index are sorted.
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE id IN (
	SELECT post.id FROM json_each(:spans) AS span CROSS JOIN post
	WHERE post.listed AND post.published >= span.value ->> 0 AND post.published < span.value ->> 1
		AND (post.published, post.id) < (:published, :id)
	ORDER BY post.published DESC, post.id DESC LIMIT :limit)
ORDER BY published DESC, id DESC;

-- The way back: the next newer posts, the oldest of them first.

-- query newer_all: SELECT POST
-- in: to INT, published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND published < :to AND (published, id) > (:published, :id)
ORDER BY published, id LIMIT :limit;

-- query newer_tag: SELECT POST
-- in: name TEXT, published INT, id INT, limit INT
-- out: row post_brief
SELECT post.id, uid, slug, type, status, visibility, post.published,
	published_zone, updated, deleted, client, tags, post.name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM tag CROSS JOIN post_tag ON post_tag.tag_id = tag.id CROSS JOIN post ON post.id = post_tag.post_id
WHERE tag.fold = lower(:name) AND post_tag.listed
	AND (post_tag.published, post_tag.post_id) > (:published, :id)
ORDER BY post_tag.published, post_tag.post_id LIMIT :limit;

-- query newer_notes: SELECT POST
-- in: published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND type = 'note' AND (published, id) > (:published, :id)
ORDER BY published, id LIMIT :limit;

-- query newer_type: SELECT POST
-- in: name TEXT, published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND type <> 'note' AND type = :name AND (published, id) > (:published, :id)
ORDER BY published, id LIMIT :limit;

-- query newer_channel: SELECT POST
-- in: name TEXT, published INT, id INT, limit INT
-- out: row post_brief
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND channel <> '' AND channel = :name AND (published, id) > (:published, :id)
ORDER BY published, id LIMIT :limit;

-- What went.

-- query list_gone: SELECT POST
-- in: since INT, type TEXT, channel TEXT, tag TEXT
-- out: deleted INT
-- When a post of a tag, of a type or of a channel (the others are empty) was last deleted after since, of the
-- last hundred of all that were; 0: none was.
SELECT ifnull(max(deleted), 0) AS deleted
FROM (SELECT id, type, channel, deleted FROM post
	WHERE deleted <> 0 AND deleted > :since AND status = 1 AND visibility = 0
	ORDER BY deleted DESC LIMIT 100) AS gone
WHERE type = :type OR (:channel <> '' AND channel = :channel) OR EXISTS (
	SELECT 1 FROM tag CROSS JOIN post_tag ON post_tag.tag_id = tag.id
	WHERE tag.fold = lower(:tag) AND post_tag.post_id = gone.id);

-- Beside a post. A name is enough; of posts without one the text is read, to make one.

-- row post_beside: slug TEXT, type TEXT, published INT, published_zone INT, name TEXT, summary TEXT, html TEXT

-- query beside_older: SELECT POST
-- in: published INT, id INT
-- out: row post_beside
SELECT slug, type, published, published_zone, name,
	iif(name = '', summary, '') AS summary, iif(name = '', html, '') AS html
FROM post WHERE listed AND (published, id) < (:published, :id)
ORDER BY published DESC, id DESC LIMIT 1;

-- query beside_newer: SELECT POST
-- in: published INT, id INT
-- out: row post_beside
SELECT slug, type, published, published_zone, name,
	iif(name = '', summary, '') AS summary, iif(name = '', html, '') AS html
FROM post WHERE listed AND (published, id) > (:published, :id)
ORDER BY published, id LIMIT 1;

-- A page by its number.

-- query list_period: SELECT POST
-- in: level INT, from TEXT, to TEXT
-- out: period TEXT, posts INT, end INT
-- Periods of a level within [from, to], newest first; end is the first second after the period, if
-- it is a day.
SELECT period, posts, iif(level = 3, unixepoch(period, '+1 day'), 0) AS "end"
FROM post_period WHERE level = :level AND period BETWEEN :from AND :to
ORDER BY period DESC;

-- query list_page: SELECT POST
-- in: before INT, limit INT, skip INT
-- out: row post_brief
-- skip is a place within one day.
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, iif(rich, mf2, '') AS mf2
FROM post WHERE listed AND published < :before
ORDER BY published DESC, id DESC LIMIT :limit OFFSET :skip;
