-- The audit trail.

-- row audit: id INT, time INT, what TEXT, subject TEXT, detail TEXT, remote_addr TEXT, user_agent TEXT,
-- row audit: request_id TEXT

-- query audit_insert: INSERT AUDIT
-- in: time INT, what TEXT, subject TEXT, detail TEXT, remote_addr TEXT, user_agent TEXT, request_id TEXT
INSERT INTO audit (time, what, subject, detail, remote_addr, user_agent, request_id)
VALUES (:time, :what, :subject, :detail, :remote_addr, :user_agent, :request_id);

-- query audit_list: SELECT AUDIT
-- in: before INT, n INT
-- out: row audit
SELECT id, time, what, subject, detail, remote_addr, user_agent, request_id
FROM audit WHERE id < :before ORDER BY id DESC LIMIT :n;

-- query audit_expire: DELETE AUDIT
-- in: before INT
-- All that stand before the first one that is young enough: rows stand in the order of their times.
DELETE FROM audit WHERE id < coalesce(
	(SELECT id FROM audit WHERE time >= :before ORDER BY id LIMIT 1),
	(SELECT max(id) + 1 FROM audit));

-- query audit_trim: DELETE AUDIT
-- in: most INT
DELETE FROM audit WHERE id <= (SELECT id FROM audit ORDER BY id DESC LIMIT 1 OFFSET :most);

-- query audit_trim_kind: DELETE AUDIT
-- in: what TEXT, most INT
DELETE FROM audit WHERE what = :what AND id <= (SELECT id FROM audit
	WHERE what = :what ORDER BY id DESC LIMIT 1 OFFSET :most);

-- query audit_kind: SELECT AUDIT
-- in: before INT, what TEXT, n INT
-- out: row audit
-- The trail is short (domain/audit.h): rows of other kinds are passed over.
SELECT id, time, what, subject, detail, remote_addr, user_agent, request_id
FROM audit WHERE id < :before AND what = :what ORDER BY id DESC LIMIT :n;
