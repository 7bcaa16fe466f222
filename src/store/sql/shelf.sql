-- The owner's list of posts, shelf by shelf. Each query walks along one index from a place on and says
-- of each post whether it fits what was asked for; how many are looked at is the caller's to bound.
-- An empty text asks for nothing; tag is compared without the case of ASCII letters, find is a pattern
-- of LIKE, with an exclamation mark to escape.

-- row shelf: id INT, place INT, slug TEXT, fits INT

-- query shelf_live: SELECT POST
-- in: status INT, type TEXT, tag TEXT, find TEXT, place INT, id INT, limit INT
-- out: row shelf
-- status -1: any. Listed posts and the others have an index each.
SELECT id, published AS place, slug,
	(:status < 0 OR status = :status) AND (:type = '' OR type = :type)
	AND (:tag = '' OR instr(char(31) || lower(tags), char(31) || lower(:tag) || char(31)) > 0)
	AND (:find = '' OR name LIKE :find ESCAPE '!' OR summary LIKE :find ESCAPE '!'
		OR text LIKE :find ESCAPE '!' OR slug LIKE :find ESCAPE '!') AS fits
FROM post WHERE listed AND (published, id) < (:place, :id)
UNION ALL
SELECT id, published AS place, slug,
	(:status < 0 OR status = :status) AND (:type = '' OR type = :type)
	AND (:tag = '' OR instr(char(31) || lower(tags), char(31) || lower(:tag) || char(31)) > 0)
	AND (:find = '' OR name LIKE :find ESCAPE '!' OR summary LIKE :find ESCAPE '!'
		OR text LIKE :find ESCAPE '!' OR slug LIKE :find ESCAPE '!') AS fits
FROM post WHERE NOT listed AND deleted = 0 AND (published, id) < (:place, :id)
ORDER BY place DESC, id DESC LIMIT :limit;

-- query shelf_drafts: SELECT POST
-- in: status INT, type TEXT, tag TEXT, find TEXT, place INT, id INT, limit INT
-- out: row shelf
SELECT id, published AS place, slug,
	(:status < 0 OR status = :status) AND (:type = '' OR type = :type)
	AND (:tag = '' OR instr(char(31) || lower(tags), char(31) || lower(:tag) || char(31)) > 0)
	AND (:find = '' OR name LIKE :find ESCAPE '!' OR summary LIKE :find ESCAPE '!'
		OR text LIKE :find ESCAPE '!' OR slug LIKE :find ESCAPE '!') AS fits
FROM post INDEXED BY post_draft
WHERE status = 0 AND deleted = 0 AND (published, id) < (:place, :id)
ORDER BY published DESC, id DESC LIMIT :limit;

-- query shelf_scheduled: SELECT POST
-- in: status INT, type TEXT, tag TEXT, find TEXT, place INT, id INT, limit INT
-- out: row shelf
SELECT id, published AS place, slug,
	(:status < 0 OR status = :status) AND (:type = '' OR type = :type)
	AND (:tag = '' OR instr(char(31) || lower(tags), char(31) || lower(:tag) || char(31)) > 0)
	AND (:find = '' OR name LIKE :find ESCAPE '!' OR summary LIKE :find ESCAPE '!'
		OR text LIKE :find ESCAPE '!' OR slug LIKE :find ESCAPE '!') AS fits
FROM post INDEXED BY post_scheduled
WHERE status = 2 AND deleted = 0 AND (published, id) < (:place, :id)
ORDER BY published DESC, id DESC LIMIT :limit;

-- query shelf_trash: SELECT POST
-- in: status INT, type TEXT, tag TEXT, find TEXT, place INT, id INT, limit INT
-- out: row shelf
-- By when they were thrown away.
SELECT id, deleted AS place, slug,
	(:status < 0 OR status = :status) AND (:type = '' OR type = :type)
	AND (:tag = '' OR instr(char(31) || lower(tags), char(31) || lower(:tag) || char(31)) > 0)
	AND (:find = '' OR name LIKE :find ESCAPE '!' OR summary LIKE :find ESCAPE '!'
		OR text LIKE :find ESCAPE '!' OR slug LIKE :find ESCAPE '!') AS fits
FROM post INDEXED BY post_trash WHERE deleted <> 0 AND (deleted, id) < (:place, :id)
ORDER BY deleted DESC, id DESC LIMIT :limit;
