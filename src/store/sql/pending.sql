-- What has not come to its end.

-- query pending: SELECT POST
-- out: drafts INT, scheduled INT, waiting INT, given_up INT
-- Drafts and jobs are as many as their owner can look after: those are counted.
SELECT (SELECT count(*) FROM post INDEXED BY post_draft WHERE status = 0 AND deleted = 0) AS drafts,
	(SELECT count(*) FROM post INDEXED BY post_scheduled WHERE status = 2 AND deleted = 0) AS scheduled,
	(SELECT count(*) FROM job INDEXED BY job_due WHERE due > 0) AS waiting,
	(SELECT count(*) FROM job WHERE due = 0) AS given_up;
