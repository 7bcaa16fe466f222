/*
 * Transactions of db.h: who may write, for how long anyone waits, and what is left behind when it
 * fails (nothing). A writer holds, in this order, the segment's mutex (fair), the side file's flock
 * (sees processes outside the site, such as commands) and SQLite's own lock, and gives them back in
 * reverse. The checkpoint is here because it takes the same locks.
 *
 * Threads of one pool share a transaction where they can: the first leads, the others are its guests
 * (share.c). A guest's beginning and end are those of a savepoint on the leader's connection, and
 * its commit waits for the leader's.
 *
 * Outside a write transaction nothing can be written: stmt.c refuses such queries, and the commit
 * hook turns any commit that came about all the same into a rollback. (PRAGMA query_only would do
 * it too, but each change of it makes SQLite prepare every statement anew.)
 */
#include "store/priv.h"

#include "base/time.h"
#include "core/config.h"

#include <assert.h>
#include <sys/stat.h>
#include <time.h>

enum {
	SLEEP_FIRST_US = 50, SLEEP_LONGEST_US = 5000,
	PROGRESS_STEPS = 4096,		/* of SQLite's machine between looks at the deadline */
	PROGRESS_STEPS_CLOSE = 64,	/* where a step may be the reading of a page */
	READERS_WAIT_US = 50 * 1000	/* of a checkpoint, for readers to finish */
};

int64_t
db_wait_end(const struct ctx *c, int64_t busy_us)
{
	int64_t end = time_mono_us() + busy_us;

	return c->deadline_us && c->deadline_us < end ? c->deadline_us : end;
}

/* ---- SQLite's hooks -------------------------------------------------------------------------- */

/* Sleeps before the try-th repetition; 0: no more. */
static int
on_busy(void *p, int try)
{
	struct db *db = p;
	int64_t now = time_mono_us();
	struct timespec pause = {0};
	long us = try < 7 ? (long)SLEEP_FIRST_US << try : SLEEP_LONGEST_US;

	if (try == 0 && db->wait_until_us)
		db->busy_until_us = db->wait_until_us;
	else if (try == 0)
		db->busy_until_us = now + db->busy_timeout_us;
	if (now >= db->busy_until_us || (db->deadline_us && now >= db->deadline_us))
		return 0;
	pause.tv_nsec = us * 1000;
	(void)nanosleep(&pause, NULL);
	return 1;
}

static int
on_progress(void *p)
{
	const struct db *db = p;

	return db->deadline_us && time_mono_us() >= db->deadline_us;
}

/* Other than 0 turns the commit into a rollback. */
static int
on_commit(void *p)
{
	const struct db *db = p;

	return db->state != DB_WRITE;
}

void
db_hook(struct db *db)
{
	(void)sqlite3_busy_handler(db->sq, on_busy, db); /* only a misused handle is refused */
	sqlite3_progress_handler(db->sq, PROGRESS_STEPS, on_progress, db);
	(void)sqlite3_commit_hook(db->sq, on_commit, db); /* gives the hook before: none */
}

void
db_watch(struct db *db, bool closely)
{
	struct db *h = db_handle(db);

	sqlite3_progress_handler(h->sq, closely ? PROGRESS_STEPS_CLOSE : PROGRESS_STEPS, on_progress,
		h);
}

/* ---- locks ----------------------------------------------------------------------------------- */

static enum err
writer_lock(struct ctx *c, struct db *db, int64_t until_us)
{
	enum err e = segment_writer_lock(c, db->segment, until_us);

	if (e)
		return e;
	e = db_lock_take(c, db->lock, until_us);
	if (e)
		segment_writer_unlock(db->segment);
	return e;
}

static void
writer_unlock(struct db *db)
{
	if (!db_lock_held(db->lock))
		return;
	db_lock_give(db->lock);
	segment_writer_unlock(db->segment);
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* Whether SQLite has a transaction open on the handle that db works on. */
static bool
is_open(struct db *db)
{
	return !sqlite3_get_autocommit(db_handle(db)->sq);
}

/* One of those that end a transaction or a savepoint: it is not interrupted. */
static enum err
run_end(struct ctx *c, struct db *db, enum sql which)
{
	struct stmt s;

	stmt_begin(c, db, which, &s);
	db_handle(db)->deadline_us = 0;
	return stmt_run(&s);
}

/* Rolls back if SQLite has not done so by itself. */
static void
undo(struct ctx *c, struct db *db)
{
	bool clear = c->err.code == OK;

	if (!is_open(db) || run_end(c, db, SQL_TX_ROLLBACK) == OK)
		return;
	db_handle(db)->broken = true;
	if (clear)
		err_clear(c);
}

/* Gives everything back; result is what guests are told. */
static void
leave(struct db *db, enum err result)
{
	bool leads = db->turn.state == TURN_LEADS;

	db->state = DB_IDLE;
	db->changed = false;
	writer_unlock(db);
	if (leads)
		db_share_leave(db->share, db, result);
}

/* ---- as a guest ------------------------------------------------------------------------------ */

/* Takes back what a guest did; where that cannot be had alone, all of the transaction. */
static void
guest_undo(struct ctx *c, struct db *db)
{
	bool clear = c->err.code == OK;

	db->state = DB_IDLE;
	if (is_open(db) && (run_end(c, db, SQL_GUEST_ROLLBACK) || run_end(c, db, SQL_GUEST_END)))
		undo(c, db);
	if (clear)
		err_clear(c);
	db_share_undone(db->share, db, is_open(db));
}

static enum err
guest_begin(struct ctx *c, struct db *db, int64_t before)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_GUEST_BEGIN, &s);
	stmt_waited(&s, time_mono_us() - before);
	e = stmt_run(&s);
	if (e)
		db_share_undone(db->share, db, is_open(db));
	else
		db->state = DB_WRITE;
	return e;
}

static enum err
guest_commit(struct ctx *c, struct db *db)
{
	enum err e = run_end(c, db, SQL_GUEST_END);
	int64_t before = time_mono_us();

	if (e) {
		guest_undo(c, db);
		return e;
	}
	db->state = DB_IDLE;
	e = db_share_done(db->share, db, is_open(db));
	stmt_elsewhere(c, db, SQL_TX_COMMIT, time_mono_us() - before);
	return e ? err_raise(c, e, "the commit of a shared transaction failed") : OK;
}

/* ---- as the leader, or alone ----------------------------------------------------------------- */

/* Takes the locks and SQLite's own, until until_us; before is when waiting began. */
static enum err
tx_open(struct ctx *c, struct db *db, int64_t before, int64_t until_us)
{
	struct stmt s;
	enum err e = writer_lock(c, db, until_us);

	if (e)
		return e;
	db->wait_until_us = until_us;
	stmt_begin(c, db, SQL_TX_BEGIN, &s);
	stmt_waited(&s, time_mono_us() - before);
	e = stmt_run(&s);
	db->wait_until_us = 0;
	if (!e)
		db->state = DB_WRITE;
	return e;
}

/* Leads if nobody else does, or waits for a turn as somebody's guest. */
static enum err
take_turn(struct ctx *c, struct db *db, int64_t before, int64_t until_us)
{
	enum err e = db_share_enter(c, db->share, db, until_us);

	if (e)
		return e;
	if (db->host)
		return guest_begin(c, db, before);
	e = tx_open(c, db, before, until_us);
	if (e)
		leave(db, e);
	return e;
}

/*
 * Whether what is written will last. In both cases the connection is good for nothing but to be
 * opened anew: somebody may have given the file back its mode, or put it back in its place.
 */
static enum err
writable(struct ctx *c, struct db *db)
{
	/* SQLite would begin a transaction that only reads, and fail at the first change. */
	if (sqlite3_db_readonly(db->sq, "main") == 1) {
		db->broken = true;
		return err_raise(c, ERR_DB_READONLY, "the database file may not be written");
	}
	/* It would go on writing to a file without a name, that is gone with the last process. */
	if (db_moved(db)) {
		db->broken = true;
		return err_raise(c, ERR_DB_MOVED, "'%s' is another file than the one that is open",
			c->cfg->database_path);
	}
	return OK;
}

enum err
db_tx_begin(struct ctx *c, struct db *db)
{
	int64_t before = time_mono_us();
	int64_t until = db_wait_end(c, db->busy_timeout_us);
	enum err e;

	assert(db->state == DB_IDLE);
	if (c->read_only)
		return err_raise(c, ERR_INTERNAL, "a write was begun by work that only reads");
	e = writable(c, db);
	if (!e)
		e = db_writers_enter(c, db->writers, until);
	if (!e) {
		e = take_turn(c, db, before, until);
		db_writers_leave(db->writers, e == OK);
	}
	db_tell_turn(c, db, e);
	return e;
}

/* Lets others do their work in the transaction, too; one of them may be the end of it. */
static enum err
lend(struct ctx *c, struct db *db)
{
	if (!db->share || !is_open(db))
		return OK;
	db_share_lend(db->share, db);
	return is_open(db) ? OK
			   : err_raise(c, ERR_DB_BUSY,
				     "another writer's failure undid the shared transaction");
}

enum err
db_tx_commit(struct ctx *c, struct db *db)
{
	enum err e;

	assert(db->state == DB_WRITE);
	if (db->host)
		return guest_commit(c, db);
	e = lend(c, db);
	if (!e)
		e = run_end(c, db, SQL_TX_COMMIT);
	if (e)
		undo(c, db);
	else if (db->changed)
		segment_generation_move(db->segment);
	db_tell_stored(db, e);
	leave(db, e);
	return e;
}

void
db_tx_rollback(struct ctx *c, struct db *db)
{
	if (db->state != DB_WRITE)
		return;
	if (c->err.code != OK)
		db_tell_stored(db, c->err.code);
	if (db->host) {
		guest_undo(c, db);
		return;
	}
	undo(c, db);
	leave(db, OK);
}

enum err
db_read_begin(struct ctx *c, struct db *db)
{
	struct stmt s;
	enum err e;

	assert(db->state == DB_IDLE);
	stmt_begin(c, db, SQL_TX_BEGIN_READ, &s);
	e = stmt_run(&s);
	if (!e)
		db->state = DB_READ;
	return e;
}

void
db_read_end(struct ctx *c, struct db *db)
{
	if (db->state != DB_READ)
		return;
	undo(c, db);
	leave(db, OK);
}

bool
db_clean(const struct db *db)
{
	if (db->host)
		return false;
	for (int i = 0; i < SQL__MAX; i++)
		if (sqlite3_stmt_busy(db->st[i]))
			return false;
	return db->state == DB_IDLE && sqlite3_get_autocommit(db->sq) && !db_lock_held(db->lock);
}

void
db_reset(struct ctx *c, struct db *db)
{
	struct db *h = db_handle(db);

	for (int i = 0; i < SQL__MAX; i++) {
		if (!h->st[i])
			continue;
		(void)sqlite3_reset(h->st[i]); /* gives the failure of its last run once more */
		(void)sqlite3_clear_bindings(h->st[i]);
	}
	if (db->host) {
		guest_undo(c, db);
		return;
	}
	undo(c, db);
	leave(db, OK);
}

/* ---- the checkpoint -------------------------------------------------------------------------- */

const int64_t db_log_long = 64 * (int64_t)1024 * 1024;

static bool
wal_empty(const struct db *db)
{
	struct stat st;

	return stat(db->wal_path, &st) != 0 || st.st_size == 0;
}

/*
 * The copying first, without waiting for anybody, then the reset of the log (mode), for which readers
 * must let go of it: those that do not in READERS_WAIT_US put it off until next time.
 */
static int
checkpoint_locked(struct db *db, int mode, int *frames, int *moved)
{
	int rc = sqlite3_wal_checkpoint_v2(db->sq, NULL, SQLITE_CHECKPOINT_PASSIVE, frames, moved);

	if (rc != SQLITE_OK)
		return rc;
	db->wait_until_us = time_mono_us() + READERS_WAIT_US;
	rc = sqlite3_wal_checkpoint_v2(db->sq, NULL, mode, NULL, NULL);
	db->wait_until_us = 0;
	return (rc & 0xff) == SQLITE_BUSY ? SQLITE_OK : rc;
}

static enum err
checkpoint(struct ctx *c, struct db *db, int mode, int64_t *frames, int64_t *moved)
{
	int64_t before = time_mono_us(), us;
	int n = 0, m = 0, rc;
	enum err e;

	assert(db->state == DB_IDLE);
	*frames = *moved = 0;
	if (wal_empty(db))
		return OK;
	e = writer_lock(c, db, db_wait_end(c, db->busy_timeout_us));
	if (e)
		return e;
	db->deadline_us = 0;
	rc = checkpoint_locked(db, mode, &n, &m);
	db_pair_note(db->sq, c->cfg->database_path);
	writer_unlock(db);
	us = time_mono_us() - before;
	metrics_statement(c->metrics, DBOP_CHECKPOINT, DBTABLE_NONE, us);
	metrics_add(c->metrics, COUNTER_CHECKPOINTS, 1);
	if (rc != SQLITE_OK) {
		db->broken = db->broken || db_breaks(rc);
		return db_raise(c, db->sq, rc, "checkpoint");
	}
	*frames = n;
	*moved = m;
	return OK;
}

enum err
db_checkpoint(struct ctx *c, struct db *db, int64_t *frames, int64_t *moved)
{
	return checkpoint(c, db, SQLITE_CHECKPOINT_TRUNCATE, frames, moved);
}

enum err
db_checkpoint_long(struct ctx *c, struct db *db)
{
	int64_t frames, moved;
	struct stat st;

	if (stat(db->wal_path, &st) != 0 || st.st_size <= db_log_long)
		return OK;
	return db_checkpoint(c, db, &frames, &moved);
}

enum err
db_checkpoint_reuse(struct ctx *c, struct db *db, int64_t *frames, int64_t *moved)
{
	return checkpoint(c, db, SQLITE_CHECKPOINT_RESTART, frames, moved);
}
