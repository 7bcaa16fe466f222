/*
 * The schema: numbered files store/migrations/NNNN_name.sql, compiled in, applied in order, each in one
 * transaction that also sets PRAGMA user_version. Before an existing database is changed, a copy of it is
 * made beside it (NAME.before-NNNN, NNNN being the first migration that it had not yet), of which the last
 * three are kept. The way back to one is `starpunk restore`, with the program of before.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"

/* The version this program needs. */
int migrate_version(void);

/*
 * Brings the database of c->cfg to our version; with create, makes it (mode 0640) if there is none,
 * else ERR_DB_MISSING. A newer version than ours is refused with ERR_DB_SCHEMA. Logs db_migrated.
 */
MUST enum err migrate_run(struct ctx *c, bool create);

#endif
