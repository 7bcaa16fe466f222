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
