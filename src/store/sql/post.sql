-- Posts. What lists need of one is a brief row; its lists are in post_list.sql.

-- row post_brief: id INT, uid TEXT, slug TEXT, type TEXT, status INT, visibility INT, published INT,
-- row post_brief: published_zone INT, updated INT, deleted INT, client TEXT, tags TEXT, name TEXT,
-- row post_brief: summary TEXT, html TEXT, version INT, rich INT, channel TEXT, syndicate_to TEXT, mf2 TEXT

-- row post_full: row post_brief, text TEXT

-- query post_insert: INSERT POST
-- in: uid TEXT, slug TEXT, type TEXT, status INT, visibility INT, published INT, published_zone INT
-- in: updated INT, deleted INT, client TEXT, tags TEXT, name TEXT, summary TEXT, html TEXT
-- in: rich INT, channel TEXT, syndicate_to TEXT, text TEXT, mf2 TEXT
-- out: id INT
INSERT INTO post (uid, slug, type, status, visibility, published, published_zone,
	updated, deleted, client, tags, name, summary, html,
	rich, channel, syndicate_to, text, mf2)
VALUES (:uid, :slug, :type, :status, :visibility, :published, :published_zone,
	:updated, :deleted, :client, :tags, :name, :summary, :html,
	:rich, :channel, :syndicate_to, :text, :mf2)
RETURNING id;

-- query post_update: UPDATE POST
-- in: uid TEXT, slug TEXT, type TEXT, status INT, visibility INT, published INT, published_zone INT
-- in: updated INT, deleted INT, client TEXT, tags TEXT, name TEXT, summary TEXT, html TEXT
-- in: rich INT, channel TEXT, syndicate_to TEXT, text TEXT, mf2 TEXT, id INT
-- The parameters of post_insert in their order, and the id behind them.
UPDATE post SET uid = :uid, slug = :slug, type = :type, status = :status, visibility = :visibility,
	published = :published, published_zone = :published_zone, updated = :updated,
	deleted = :deleted, client = :client, tags = :tags, name = :name, summary = :summary,
	html = :html, rich = :rich, channel = :channel, syndicate_to = :syndicate_to,
	text = :text, mf2 = :mf2, version = version + 1
WHERE id = :id;

-- query post_slug_taken: SELECT POST
-- in: slug TEXT, id INT
-- out: taken INT
-- By another post than id, as its slug or as one that it had.
SELECT EXISTS (SELECT 1 FROM post WHERE slug = :slug AND id <> :id)
	OR EXISTS (SELECT 1 FROM redirect WHERE slug = :slug AND post_id <> :id) AS taken;

-- query post_find: SELECT POST
-- in: slug TEXT
-- out: row post_full
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, mf2, text
FROM post WHERE slug = :slug;

-- query post_find_id: SELECT POST
-- in: id INT
-- out: row post_full
SELECT id, uid, slug, type, status, visibility, published,
	published_zone, updated, deleted, client, tags, name,
	summary, html, version, rich, channel, syndicate_to, mf2, text
FROM post WHERE id = :id;

-- query post_place: SELECT POST
-- in: slug TEXT
-- out: published INT, id INT
SELECT published, id FROM post WHERE slug = :slug;

-- query post_site: SELECT POST
-- out: revision INT, changed INT, posts INT
SELECT revision, changed, posts FROM site WHERE id = 1;

-- query post_due: SELECT POST
-- in: limit INT
-- out: id INT, slug TEXT, published INT
SELECT id, slug, published FROM post WHERE status = 2 AND deleted = 0
ORDER BY published, id LIMIT :limit;

-- query post_publish: UPDATE POST
-- in: id INT
UPDATE post SET status = 1 WHERE id = :id AND status = 2;

-- Posts as their author lists them: in any state but deleted.

-- row post_outline: id INT, slug TEXT, type TEXT, status INT, published INT, channel TEXT, tags TEXT

-- query post_older: SELECT POST
-- in: published INT, id INT, limit INT
-- out: row post_outline
SELECT id, slug, type, status, published, channel, tags
FROM post WHERE listed AND (published, id) < (:published, :id)
UNION ALL
SELECT id, slug, type, status, published, channel, tags
FROM post WHERE NOT listed AND deleted = 0 AND (published, id) < (:published, :id)
ORDER BY published DESC, id DESC LIMIT :limit;

-- query post_newer: SELECT POST
-- in: published INT, id INT, limit INT
-- out: row post_outline
SELECT id, slug, type, status, published, channel, tags
FROM post WHERE listed AND (published, id) > (:published, :id)
UNION ALL
SELECT id, slug, type, status, published, channel, tags
FROM post WHERE NOT listed AND deleted = 0 AND (published, id) > (:published, :id)
ORDER BY published, id LIMIT :limit;

-- query post_cards: SELECT POST
-- in: limit INT
-- out: slug TEXT, mf2 TEXT
SELECT slug, mf2 FROM post WHERE type = 'card' AND deleted = 0
ORDER BY published DESC, id DESC LIMIT :limit;
