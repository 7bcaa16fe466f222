-- How many listed posts there are within which time.

-- query period_kept: SELECT POST
-- in: level INT, from TEXT, to TEXT, limit INT
-- out: period TEXT, posts INT
-- Kept counts of periods of UTC, newest first.
SELECT period, posts FROM post_period
WHERE level = :level AND period BETWEEN :from AND :to AND posts > 0
ORDER BY period DESC LIMIT :limit;

-- query period_spans: SELECT POST
-- in: spans TEXT
-- out: place INT, posts INT
-- spans is a JSON array of [from, to), place which of them.
SELECT key AS place, (SELECT count(*) FROM post
	WHERE listed AND published >= value ->> 0 AND published < value ->> 1) AS posts
FROM json_each(:spans);

-- query period_around: SELECT POST
-- in: from INT, to INT
-- out: older INT, newer INT
-- The nearest listed posts before from, and at or after to; from and to - 1 where there are none.
SELECT ifnull((SELECT max(published) FROM post WHERE listed AND published < :from), :from) AS older,
	ifnull((SELECT min(published) FROM post WHERE listed AND published >= :to), :to - 1) AS newer;

-- query period_types: SELECT POST
-- in: types TEXT
-- out: place INT
-- Which of a JSON array of types have listed posts.
SELECT key AS place FROM json_each(:types)
WHERE CASE value WHEN 'note'
	THEN EXISTS (SELECT 1 FROM post INDEXED BY post_listed WHERE listed AND type = 'note')
	ELSE EXISTS (SELECT 1 FROM post INDEXED BY post_typed
		WHERE listed AND type <> 'note' AND type = value) END;
