-- Addresses that others still know: those of an earlier site, or of pages that have gone. source is a
-- path, percent-encoded, with or without a query, or ends in "/*" and stands for all below it. target
-- is a path or a URL, in which one "*" takes what the source's stood for; '' where status is 410.
CREATE TABLE alias (
	source TEXT NOT NULL PRIMARY KEY CHECK (source LIKE '/%'),
	target TEXT NOT NULL,
	status INTEGER NOT NULL CHECK (status IN (301, 302, 307, 308, 410)),
	created INTEGER NOT NULL,
	CHECK ((status = 410) = (target = ''))
) STRICT, WITHOUT ROWID;
