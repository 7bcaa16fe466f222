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

-- The search index. It holds the words of the table search and none of its text, whose words are parted by
-- spaces alone: that is what the tokenizer "ascii" sees in it. No figures about columns are kept, because
-- matches are ranked by us.

-- script search_can_be
SELECT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'fts5')
	AND EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'search')
	AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'search_fts');

-- script search_make
CREATE VIRTUAL TABLE search_fts USING fts5
	(text, content = 'search', content_rowid = 'key', tokenize = 'ascii', columnsize = 0);

-- script search_is_there
SELECT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'fts5')
	AND EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'search_fts');

-- Copies of a database, looked at before anybody trusts one; see copy.c. They may have an older schema
-- than ours, so that there is nothing here that the first version has not.

-- script copy_target
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;

-- script copy_alone
PRAGMA locking_mode = EXCLUSIVE;

-- script copy_look
BEGIN DEFERRED;

-- script copy_integrity
PRAGMA integrity_check(1);

-- script copy_has_index
SELECT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'fts5')
	AND EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'search_fts');

-- script copy_index_is_whole
SELECT fts = 2 FROM search_state WHERE id = 1;

-- script copy_index_check
INSERT INTO search_fts (search_fts, rank) VALUES ('integrity-check', 1);

-- script copy_has_media
SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'media');

-- script copy_media
SELECT name, type, bytes, sizes FROM media ORDER BY name;

-- script copy_knows
SELECT EXISTS (SELECT 1 FROM media WHERE digest = :digest);

-- script copy_held
CREATE TEMP TABLE held (name TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;

-- script copy_hold
INSERT INTO temp.held (name) VALUES (:name) ON CONFLICT (name) DO NOTHING;

-- script copy_holds
SELECT EXISTS (SELECT 1 FROM temp.held WHERE name = :name);

-- script copy_fold
PRAGMA wal_checkpoint(TRUNCATE);
