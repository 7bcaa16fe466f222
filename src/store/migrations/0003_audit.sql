-- The audit trail: who was let in, what was granted and taken back, what was changed about the site.
-- Ids are not given again, so that a list continues where it was left.
CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	time INTEGER NOT NULL,
	what TEXT NOT NULL CHECK (what <> ''),
	subject TEXT NOT NULL,
	detail TEXT NOT NULL,
	remote_addr TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	request_id TEXT NOT NULL
) STRICT;
