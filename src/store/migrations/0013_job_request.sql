-- A job is logged under the id of the request that ordered it; '' for none.
ALTER TABLE job ADD COLUMN request TEXT NOT NULL DEFAULT '';
