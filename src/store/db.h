/*
 * One SQLite connection and its statements, prepared once and kept: WAL, foreign_keys, synchronous as
 * configured, defensive settings, no checkpoint of its own (the courier is the one checkpointer).
 * Opened after fork, used by one thread at a time, never across a fork; the thread that begins a
 * write ends it.
 *
 * A connection refuses to write except between db_tx_begin() and the end of that transaction. Every
 * statement is timed and counted (metrics, facts of the request, slow log).
 *
 * Nothing waits for ever: for another process's lock at most db_busy_timeout, and where c has a
 * deadline, waiting ends there with ERR_DB_BUSY and a statement that still runs is interrupted with
 * ERR_TIMEOUT. A COMMIT is not interrupted.
 *
 * Failures come as ERR_DB_BUSY, ERR_DB_FULL, ERR_DB_READONLY, ERR_DB_IO, ERR_DB_CORRUPT,
 * ERR_DB_CONSTRAINT or ERR_DB; with all of them nothing was changed.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/ctx.h"
#include "core/segment.h"

struct db;

/*
 * Opens the database of c->cfg. ERR_DB_MISSING if there is none, ERR_DB_SCHEMA if its version is not
 * ours (see migrate.h). seg may be NULL (a command without a running site). Statements are prepared when they
 * are first run: most connections never run most of them.
 */
MUST enum err db_open(struct ctx *c, struct segment *seg, struct db **out);

/*
 * Prepares every statement now and compares it with its declaration: where that is well on one
 * connection it is on all of the same file. So one process of a site does this before the site says
 * that it is ready: the courier, since nobody waits for it.
 */
MUST enum err db_prepare(struct ctx *c, struct db *db);
void db_close(struct db *db);	/* NULL is fine */

/*
 * Begins a write: takes the writers' lock of the segment, then the side file's flock, then BEGIN
 * IMMEDIATE; waits in all at most db_busy_timeout (less if many of a pool wait: pool.h). ERR_DB_BUSY
 * after that; ERR_INTERNAL, at once, where c is read_only.
 *
 * Connections of one pool share: who comes while another one writes does its work in that one's
 * transaction, behind it. It sees what was done there before, and a rollback undoes its own work
 * only.
 */
MUST enum err db_tx_begin(struct ctx *c, struct db *db);

/*
 * Commits, moves the site's generation if the transaction wrote anything that pages show (not if it
 * was only about tokens and sessions), gives the locks back. On an error the transaction has been
 * rolled back, for all who shared it, and the locks are given back too. OK: what was written is on
 * the disk, whoever made the commit (with db_synchronous "full").
 */
MUST enum err db_tx_commit(struct ctx *c, struct db *db);

/* Undoes and gives the locks back; does nothing outside a transaction. */
void db_tx_rollback(struct ctx *c, struct db *db);

/*
 * A read transaction: several statements that see the same state. Ends with db_read_end(), which
 * does nothing outside one.
 */
MUST enum err db_read_begin(struct ctx *c, struct db *db);
void db_read_end(struct ctx *c, struct db *db);

/* True if the connection is as a fresh one: autocommit, no busy statement, no lock held. */
bool db_clean(const struct db *db);

/*
 * The checkpoint, for the courier: under the writers' lock, only if the log is not empty; the
 * log is then cut to nothing, unless a reader still needs it. *frames were in the log, *moved of
 * them are in the database now; both 0 if there was nothing to do.
 */
MUST enum err db_checkpoint(struct ctx *c, struct db *db, int64_t *frames, int64_t *moved);

/*
 * The same for busy times: the log's file keeps its size and the next commits write it over from
 * its start, which a file system does faster than letting it grow anew.
 */
MUST enum err db_checkpoint_reuse(struct ctx *c, struct db *db, int64_t *frames, int64_t *moved);

/* Bytes that the log never has while somebody checkpoints it now and then. */
extern const int64_t db_log_long;

/*
 * For commands that write much, whether the site runs or not: a checkpoint if the log is longer than
 * db_log_long. Without it a long log is left, and the next start reads all of it first.
 */
MUST enum err db_checkpoint_long(struct ctx *c, struct db *db);

/*
 * db_prepare(), PRAGMA quick_check and foreign_key_check; ERR_DB_CORRUPT with the first finding as
 * detail.
 */
MUST enum err db_check(struct ctx *c, struct db *db);

/* One query that proves the database can be read; for health. */
MUST enum err db_ping(struct ctx *c, struct db *db);

/*
 * The same for a connection that no pool looks after: ERR_DB_MOVED if the file's name has been taken
 * from it.
 */
MUST enum err db_ping_file(struct ctx *c, struct db *db);

/*
 * Whether something can be stored: takes as much room as a post may need, gives it back, writes what
 * is there already, and commits it. OK: the site is writable, and not locked.
 */
MUST enum err db_try(struct ctx *c, struct db *db);

/* The version of SQLite we run with, "3.40.1". */
const char *db_engine_version(void);

/* NULL, or one sentence about a defect of this SQLite that the operator should know of. */
const char *db_engine_note(void);

#endif
