-- What a connection needs besides its queries. %lld marks a number that C fills in.

-- script connection
PRAGMA cell_size_check = ON;
PRAGMA temp_store = MEMORY;
PRAGMA mmap_size = 0;
PRAGMA foreign_keys = ON;
PRAGMA cache_size = -%lld;

-- script synchronous_full
PRAGMA synchronous = FULL;

-- script synchronous_normal
PRAGMA synchronous = NORMAL;

-- query tx_begin: BEGIN NONE
BEGIN IMMEDIATE;

-- query tx_begin_read: BEGIN NONE
BEGIN DEFERRED;

-- query tx_commit: COMMIT NONE
COMMIT;

-- query tx_rollback: ROLLBACK NONE
ROLLBACK;

-- A guest's work in another one's transaction.

-- query guest_begin: BEGIN NONE
SAVEPOINT guest;

-- query guest_end: OTHER NONE
RELEASE guest;

-- query guest_rollback: ROLLBACK NONE
ROLLBACK TO guest;

-- query quick_check: OTHER SCHEMA
-- out: quick_check TEXT
PRAGMA quick_check(1);

-- query foreign_key_check: OTHER SCHEMA
-- out: table TEXT, rowid INT, parent TEXT, fkid INT
PRAGMA foreign_key_check;

-- Changes nothing, and is written all the same: into a page of the log that may have been there before,
-- which is why a try begins with the room (storing.c).

-- query try: UPDATE SCHEMA
UPDATE site SET revision = revision WHERE id = 1;

-- query ping: SELECT SCHEMA
-- out: revision INT
SELECT revision FROM site WHERE id = 1;
