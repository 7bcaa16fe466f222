-- What is known of the applications that ask to be let in. name, url and logo are what an application
-- says of itself; logo is a small picture as a data: URL, and logo_url where one is still to be had
-- from. redirect_uris: those it has published, separated by spaces. problem: why nothing is known.
-- kept: the owner has let it in once; of the others only the newest few stay. Ids are not given
-- again, since a job may outlive what it is about.
CREATE TABLE client (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	client_id TEXT NOT NULL UNIQUE CHECK (client_id <> ''),
	state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
	name TEXT NOT NULL,
	url TEXT NOT NULL,
	logo_url TEXT NOT NULL,
	logo TEXT NOT NULL,
	redirect_uris TEXT NOT NULL,
	problem TEXT NOT NULL,
	asked INTEGER NOT NULL,
	fetched INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	kept INTEGER NOT NULL CHECK (kept IN (0, 1))
) STRICT;

CREATE INDEX client_asked ON client (asked) WHERE kept = 0;
