-- What is known of applications. state: 0 pending, 1 known, 2 failed.

-- row client: id INT, client_id TEXT, state INT, name TEXT, url TEXT, logo_url TEXT, logo TEXT
-- row client: redirect_uris TEXT, problem TEXT, asked INT, fetched INT, expires INT, kept INT

-- query client_find: SELECT CLIENT
-- in: client_id TEXT
-- out: row client
SELECT id, client_id, state, name, url, logo_url, logo, redirect_uris, problem, asked, fetched,
	expires, kept
FROM client WHERE client_id = :client_id;

-- query client_find_id: SELECT CLIENT
-- in: id INT
-- out: row client
SELECT id, client_id, state, name, url, logo_url, logo, redirect_uris, problem, asked, fetched,
	expires, kept
FROM client WHERE id = :id;

-- query client_ask: INSERT CLIENT
-- in: client_id TEXT, asked INT
-- out: id INT
-- What is known already stays until there is an answer.
INSERT INTO client (client_id, state, name, url, logo_url, logo, redirect_uris, problem, asked,
	fetched, expires, kept)
VALUES (:client_id, 0, '', '', '', '', '', '', :asked, 0, 0, 0)
ON CONFLICT (client_id) DO UPDATE SET state = 0, asked = excluded.asked
RETURNING id;

-- query client_set: UPDATE CLIENT
-- in: state INT, name TEXT, url TEXT, logo_url TEXT, logo TEXT, redirect_uris TEXT, problem TEXT
-- in: fetched INT, expires INT, id INT
UPDATE client SET state = :state, name = :name, url = :url, logo_url = :logo_url, logo = :logo,
	redirect_uris = :redirect_uris, problem = :problem, fetched = :fetched, expires = :expires
WHERE id = :id;

-- query client_keep: UPDATE CLIENT
-- in: client_id TEXT
UPDATE client SET kept = 1 WHERE client_id = :client_id;

-- query client_crop: DELETE CLIENT
-- in: newest INT
DELETE FROM client WHERE id IN (SELECT id FROM client INDEXED BY client_asked WHERE kept = 0
	ORDER BY asked DESC, id DESC LIMIT -1 OFFSET :newest);

-- query client_clean: DELETE CLIENT
-- in: before INT
DELETE FROM client WHERE kept = 0 AND asked < :before;
