/*
 * How the site is: the checks of tables/checks.def, for /health/ready and for the owner's pages, which
 * therefore say the same.
 */
#ifndef WEB_CHECKS_H
#define WEB_CHECKS_H

#include "domain/search_index.h"
#include "store/pending.h"
#include "web/priv.h"

enum check {
#define CHECK(sym, ...) CHECK_##sym,
#include "tables/checks.def"
#undef CHECK
	CHECK__MAX
};

struct check_row {
	const char *name;	/* "database" */
	const char *title;
	bool vital;
	const char *good, *bad, *remedy;
};
const struct check_row *check_row(enum check k);

struct checks {
	bool known[CHECK__MAX];	/* false: it was not looked at, or could not be */
	bool good[CHECK__MAX];
	struct pool_stats pool;
	int64_t memory_bytes;
	int64_t free_bytes;	/* on the fuller of the two file systems */
	int64_t wal_bytes;
	int64_t beat_us;	/* since the courier's last sign of life; -1: there is none */
	int64_t uptime_us;
	struct pending pending;
	struct search_report search;
};

/* Looks at what is vital. */
void checks_vital(struct ctx *c, struct txn *t, struct checks *out);

/* Looks at the rest, too, after that: for those who may know. */
void checks_rest(struct ctx *c, struct txn *t, struct checks *out);

/* True if all that is vital is well. */
bool checks_healthy(const struct checks *k);

/* How many are not well. */
size_t checks_bad(const struct checks *k);

/* The figure behind a check: "2 of 8 connections in use"; empty: there is none. */
MUST enum err checks_figure(struct ctx *c, const struct checks *k, enum check which,
	struct str *out);

#endif
