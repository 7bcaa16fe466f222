/*
 * What the files of this floor share about connections; nobody else includes it.
 */
#ifndef STORE_PRIV_H
#define STORE_PRIV_H

#include "store/stmt.h"

#include <pthread.h>
#include <sqlite3.h>

enum db_state {
	DB_IDLE,	/* no transaction but SQLite's own around each query */
	DB_READ,	/* between db_read_begin() and db_read_end() */
	DB_WRITE	/* between db_tx_begin() and commit or rollback: both locks are ours */
};

/* Where a connection stands among those of its pool that write; see share.c. */
enum db_turn_state {
	TURN_NONE,
	TURN_WAITS,	/* in the line */
	TURN_LEADS,	/* may take the locks, or has them */
	TURN_LENDS,	/* has lent its transaction to guests */
	TURN_GUEST,	/* has the transaction of db->host */
	TURN_SERVED	/* waits for its host's commit */
};

struct db_turn {
	enum db_turn_state state;
	struct db *next;		/* in the line, or among the served */
	pthread_cond_t *changed;	/* of the thread that sleeps; NULL: none does */
	enum err result;		/* of the host's commit */
};

struct db {
	sqlite3 *sq;
	sqlite3_stmt *st[SQL__MAX];	/* NULL: not yet run */
	struct segment *segment;	/* may be NULL */
	struct db_lock *lock;
	struct db_writers *writers;	/* its pool's; NULL: not in one */
	struct db_share *share;		/* its pool's; NULL: not in one */
	struct db_turn turn;		/* share's */
	struct db *host;		/* on whose handle it works, as a guest; NULL: on its own */
	const char *wal_path;	/* SQLite's: beside what database_path leads to */
	int64_t busy_timeout_us;
	int64_t slow_us;	/* statements that take as long are logged */
	enum db_state state;
	bool fts5;		/* the search index can be had, and its statements with it */
	bool changed;		/* the transaction on its handle wrote what pages show */
	bool broken;		/* I/O error or corruption seen: not to be used any more */
	int64_t wait_until_us;	/* monotonic; end of the transaction's waiting; 0: per statement */
	int64_t busy_until_us;	/* monotonic; end of the busy handler's present wait */
	int64_t deadline_us;	/* monotonic; when a running statement is interrupted; 0: never */
};

/* The connection on whose handle db works at present. */
static inline struct db *
db_handle(struct db *db)
{
	return db->host ? db->host : db;
}

/* ---- error.c: SQLite's results as ours ------------------------------------------------------- */

/*
 * Raises what rc means; as detail the file's path, what was tried (NULL: what any look at the file would
 * have met), SQLite's message and its extended code. what is a name and no SQL: people read it. Before
 * there is a file it is the path.
 */
MUST enum err db_raise(struct ctx *c, sqlite3 *sq, int rc, const char *what);

/* What a failed call on one of the database's files means; errnum is not 0. */
enum err db_errno_meaning(int errnum);

/* True if a connection that met rc should be replaced. */
bool db_breaks(int rc);

/* True if the file's name has been taken from it: it was replaced or removed. One stat(2). */
bool db_moved(const struct db *db);
bool db_handle_moved(sqlite3 *sq);

/* ---- lock.c: the side file that writers lock ------------------------------------------------- */

struct db_lock;

/*
 * Opens "<database>.lock", made with mode 0640 if need be; each handle excludes every other one, in
 * the same process too. ERR_DB_READONLY if it cannot be made.
 */
MUST enum err db_lock_open(struct ctx *c, const char *database, struct db_lock **out);
void db_lock_close(struct db_lock *l);	/* NULL is fine; gives the lock back */

/* Waits for the lock until that monotonic time; ERR_DB_BUSY then. */
MUST enum err db_lock_take(struct ctx *c, struct db_lock *l, int64_t until_us);
void db_lock_give(struct db_lock *l);	/* does nothing if it is not held */
bool db_lock_held(const struct db_lock *l);

/* ---- pair.c: a log left beside another file -------------------------------------------------- */

/* Notes in the lock's file which log belongs to which database. After a checkpoint, under the lock. */
void db_pair_note(sqlite3 *sq, const char *database);

/*
 * Before anybody opens a database: ERR_DB_MOVED if the log beside it is another file's. *doubt: it may
 * be; then db_pair_judge() looks through all of it, which changes nothing. ERR_DB_MOVED: it is.
 */
MUST enum err db_pair_check(struct ctx *c, const char *database, bool *doubt);
MUST enum err db_pair_judge(struct ctx *c, sqlite3 *sq, const char *database);

/* ---- writers.c: how many threads of a process wait for the locks ----------------------------- */

struct db_writers;

/* places, at least 1: how many may wait as long as they like. */
MUST enum err db_writers_new(struct ctx *c, struct segment *seg, size_t places,
	struct db_writers **out);
void db_writers_free(struct db_writers *w);	/* nobody is in; NULL is fine */

/*
 * Takes a place to wait in for the locks. If there is none, waits for one until that monotonic
 * time, but no longer than 200 ms after the last turn of somebody inside, or of another process as
 * the site's generation shows it: ERR_DB_BUSY then. A free place is had whatever the time. With w
 * NULL: OK at once.
 */
MUST enum err db_writers_enter(struct ctx *c, struct db_writers *w, int64_t until_us);

/* Gives the place back; turn: because the locks were got. */
void db_writers_leave(struct db_writers *w, bool turn);

/* ---- share.c: one transaction for all of a pool who want to write ------------------------------ */

struct db_share;

MUST enum err db_share_new(struct ctx *c, struct db_share **out);
void db_share_free(struct db_share *s);	/* nobody is in; NULL is fine */

/*
 * Waits until that time for a turn to write; ERR_DB_BUSY then. At once if nobody else of the pool
 * writes. OK with db->host: db is a guest in that one's open transaction and ends with
 * db_share_done() or db_share_undone(); without: it leads, takes the locks and begins, and ends with
 * db_share_leave(). With s NULL: leads.
 */
MUST enum err db_share_enter(struct ctx *c, struct db_share *s, struct db *db, int64_t until_us);

/* The leader's work is done: lets those in the line do theirs, and comes back when all have. */
void db_share_lend(struct db_share *s, struct db *db);

/* After the leader's commit, or without one: tells all guests the result; the next one leads. */
void db_share_leave(struct db_share *s, struct db *db, enum err result);

/*
 * The guest has ended its savepoint and hands the transaction on, if that is whole, else to the
 * leader at once. db_share_done() comes back with the result of the commit; db_share_undone() does
 * not wait, there is nothing to be told.
 */
MUST enum err db_share_done(struct db_share *s, struct db *db, bool whole);
void db_share_undone(struct db_share *s, struct db *db, bool whole);

/* How many have come and not yet had their turn: in the line, and who leads. */
size_t db_share_inside(struct db_share *s);

/* ---- storing.c: what the site is told about it ------------------------------------------------- */

/* How a transaction has ended; before db->changed is forgotten. */
void db_tell_stored(const struct db *db, enum err e);

/* Whether one could be begun. Who waited in vain, but had less time than the settings give, says nothing. */
void db_tell_turn(const struct ctx *c, const struct db *db, enum err e);

/* ---- db.c: making connections ---------------------------------------------------------------- */

/* One of sql_scripts[], with number for its %lld, on a bare handle. */
MUST enum err db_script(struct ctx *c, sqlite3 *sq, enum script which, int64_t number);

/* The first column, not empty, of a script's first row; 0 and "" if there is no row. */
struct db_value {
	int64_t number;
	struct str text;
};
MUST enum err db_script_value(struct ctx *c, sqlite3 *sq, enum script which, struct db_value *out);

/* Prepares a query and compares it with its declaration, unless that has been done. */
MUST enum err db_prepare_one(struct ctx *c, struct db *db, enum sql which);

/* ERR_DB_SCHEMA unless the file is StarPunk's and its version at most newest. */
MUST enum err db_identify(struct ctx *c, sqlite3 *sq, int64_t newest, int64_t *version);

/* True if an SQLite of that number (3051003 is 3.51.3) resets its log without losing any of it. */
bool db_engine_sound(int version);

/* ---- tx.c: transactions, locks and waiting --------------------------------------------------- */

/* When waiting that begins now must end: busy_us from now, or at c's deadline if that is sooner. */
int64_t db_wait_end(const struct ctx *c, int64_t busy_us);

/* Makes the handle wait, give up and refuse commits as db says. */
void db_hook(struct db *db);

/*
 * Looks at the deadline more often than usual: FTS5 goes through long lists within one step of the
 * statement, and few steps for each page of them.
 */
void db_watch(struct db *db, bool closely);

/* Ends every statement and transaction that was left open. */
void db_reset(struct ctx *c, struct db *db);

/* Our number in the file's header (PRAGMA application_id): "SPnk". */
enum { DB_APPLICATION_ID = 0x53506e6b };

/* ---- post.c ---------------------------------------------------------------------------------- */

/* The mark behind each tag in post.tags; the schema keeps it out of tags. */
enum { POST_TAG_END = '\x1f' };

/* Where a post stands in lists by publication. */
struct post_place {
	int64_t published, id;
};

/* The place of a slug's post, in whatever state. ERR_NOT_FOUND if there is none. */
MUST enum err post_place_find(struct ctx *c, struct db *db, struct str slug,
	struct post_place *out);

struct post_row;

/* The columns of post_brief, of a statement that stands on a row. */
void post_row_read(struct stmt *s, struct post_row *row);

/* Takes post.tags apart. */
MUST enum err post_tags_split(struct ctx *c, struct str joined, struct str **tags, size_t *n);

/* ---- post_period.c --------------------------------------------------------------------------- */

struct post_span;

/* "[[1,2],[5,9]]" */
MUST enum err post_spans_json(struct ctx *c, const struct post_span *spans, size_t n,
	struct str *out);

/* ---- migrate.c ------------------------------------------------------------------------------- */

struct migration {
	int version;			/* the first is 1, each one more than the one before */
	const char *name;		/* "0001_foundation" */
	const char *const *statements;	/* NULL-terminated */
};

extern const struct migration store_migrations[];
extern const size_t store_n_migrations;

/*
 * A handle outside of the pool, for those who copy or change a whole file: it waits for others as the pool's do,
 * and never moves the log into the file by itself. *out is to be closed after an error, too.
 * ERR_DB_MOVED: see pair.c.
 */
MUST enum err db_file_open(struct ctx *c, const char *path, sqlite3 **out);

/* Puts a file's bytes, or a directory's names, on the disk. ERR_DB_IO. */
MUST enum err db_file_sync(struct ctx *c, const char *path);

/* Removes what SQLite may have left beside a database of that path: its journal, its log and the log's index. */
void db_companions_remove(const char *path);

/* migrate_run() with another list; for tests. */
MUST enum err migrate_list(struct ctx *c, const struct migration *list, size_t n, bool create);

#endif
