-- Making databases and bringing them up to date; run on connections of their own, see migrate.c.
-- %lld marks a number that C fills in.

-- script create
PRAGMA page_size = 4096;
PRAGMA application_id = %lld;

-- script wal
PRAGMA journal_mode = WAL;

-- script schema_begin
BEGIN IMMEDIATE;

-- script schema_version
PRAGMA user_version = %lld;

-- script schema_commit
COMMIT;

-- script schema_copy
VACUUM INTO :path;

-- script schema_foreign_keys
PRAGMA foreign_key_check;

-- script read_application
PRAGMA application_id;

-- script read_version
PRAGMA user_version;

-- script read_journal
PRAGMA journal_mode;
