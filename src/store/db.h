/*
 * One SQLite connection with all its statements prepared: WAL, busy_timeout, foreign_keys,
 * synchronous as configured, defensive settings, no checkpoint of its own (the courier is the one
 * checkpointer). Opened after fork, used by one thread at a time, never across a fork.
 *
 * A connection refuses to write (query_only) except between db_tx_begin() and the end of that
 * transaction. Every statement is timed and counted (metrics, facts of the request, slow log).
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
 * Opens the database of c->cfg and prepares every statement. ERR_DB_SCHEMA if there is none or its
 * version is not ours (see migrate.h). seg may be NULL (a command without a running site).
 */
MUST enum err db_open(struct ctx *c, struct segment *seg, struct db **out);
void db_close(struct db *db);	/* NULL is fine */

/*
 * Begins a write: takes the writers' lock of the segment, then the side file's flock, then BEGIN
 * IMMEDIATE; waits in all at most db_busy_timeout. ERR_DB_BUSY after that.
 */
MUST enum err db_tx_begin(struct ctx *c, struct db *db);

/*
 * Commits, moves the site's generation, gives the locks back. On an error the transaction has been
 * rolled back and the locks are given back too.
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

/* A number that changes when another process wrote the file (PRAGMA data_version). */
MUST enum err db_data_version(struct ctx *c, struct db *db, int64_t *out);

/*
 * The checkpoint of PLATFORM's rule, for the courier only: under the writers' lock, TRUNCATE, only
 * if the log has new frames. frames and moved may be 0.
 */
MUST enum err db_checkpoint(struct ctx *c, struct db *db, int64_t *frames, int64_t *moved);

/* PRAGMA quick_check and foreign_key_check; ERR_DB_CORRUPT with the first finding as detail. */
MUST enum err db_check(struct ctx *c, struct db *db);

/* One statement that proves the database can be read; for health. */
MUST enum err db_ping(struct ctx *c, struct db *db);

#endif
