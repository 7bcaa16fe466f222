-- Work for the courier. A job that is done is gone; one with due 0 has been given up.

-- row job: id INT, kind TEXT, subject INT, due INT, attempts INT, problem TEXT, created INT, request TEXT

-- query job_add: INSERT JOB
-- in: kind TEXT, subject INT, due INT, created INT, request TEXT
-- A job that is there already is to be done anew. It is another one then, with an id of its own, so
-- that who is at work on it neither ends nor defers what was ordered meanwhile.
INSERT INTO job (kind, subject, due, attempts, problem, created, request)
VALUES (:kind, :subject, :due, 0, '', :created, :request)
ON CONFLICT (kind, subject) DO UPDATE SET id = (SELECT max(id) + 1 FROM job), due = excluded.due,
	attempts = 0, problem = '', request = excluded.request;

-- query job_next: SELECT JOB
-- out: row job
SELECT id, kind, subject, due, attempts, problem, created, request
FROM job INDEXED BY job_due WHERE due > 0 ORDER BY due LIMIT 1;

-- query job_list: SELECT JOB
-- out: row job
SELECT id, kind, subject, due, attempts, problem, created, request FROM job ORDER BY id;

-- query job_delete: DELETE JOB
-- in: id INT
DELETE FROM job WHERE id = :id;

-- query job_defer: UPDATE JOB
-- in: due INT, attempts INT, problem TEXT, id INT
UPDATE job SET due = :due, attempts = :attempts, problem = :problem WHERE id = :id;
