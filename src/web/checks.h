/*
 * How the site is: the checks of tables/checks.def, for /health/ready, for the owner's pages and for the
 * courier, which therefore say the same. What was seen is noted for the whole site (core/health.h), and
 * a change is told in the log with what was found.
 */
#ifndef WEB_CHECKS_H
#define WEB_CHECKS_H

#include "core/health.h"
#include "core/lookout.h"
#include "domain/search_index.h"
#include "store/pending.h"
#include "web/priv.h"

struct check_row {
	const char *name;	/* "database" */
	const char *title;
	bool vital;
	const char *good, *bad, *remedy;
};
const struct check_row *check_row(enum check k);

/* What is much and what is little, for `starpunk doctor`, too. */
#define CHECKS_LEAST_FREE ((int64_t)16 * 1024 * 1024)	/* bytes: nothing can be done */
#define CHECKS_LITTLE_FREE ((int64_t)512 * 1024 * 1024)	/* bytes: somebody should look */
#define CHECKS_WAL_LARGE ((int64_t)64 * 1024 * 1024)	/* bytes; as the courier warns */
#define CHECKS_BEAT_LATE ((int64_t)60 * 1000000)	/* us; a long checkpoint is shorter */
#define CHECKS_CLOCK_SLACK ((int64_t)60 * 1000000)	/* us; clocks are adjusted */

struct checks {
	bool known[CHECK__MAX];	/* false: it was not looked at, or could not be */
	bool missed[CHECK__MAX];	/* it could not be, since database or disk do not answer in time */
	bool good[CHECK__MAX];
	bool site;		/* for all workers, not only for the one that was asked */
	struct str database_why, files_why;	/* for the log; empty: nothing is wrong */
	struct pool_stats pool;
	int64_t memory_bytes;	/* of the worker that was asked; site: of the largest */
	struct lookout_view places;
	int64_t free_bytes;	/* on the fuller of the two file systems, if that is known */
	int64_t wal_bytes;
	unsigned workers, silent; /* how many there are, and how many of them are silent */
	int64_t beat_us;	/* since the courier's last sign of life; -1: there is none */
	int64_t uptime_us;
	struct pending pending;
	struct search_report search;
};

/*
 * Until checks_bound_end(), what c waits for ends after CHECKS_BOUND, whatever the settings say: a probe
 * that is not answered is no answer. Returns what that takes.
 */
#define CHECKS_BOUND ((int64_t)1 * 1000000)	/* us, for each thing that is asked */
int64_t checks_bound(struct ctx *c);
void checks_bound_end(struct ctx *c, int64_t before);

/* Looks at what is vital. */
void checks_vital(struct ctx *c, struct txn *t, struct checks *out);

/* Looks at the rest, too, after that: for those who may know. */
void checks_rest(struct ctx *c, struct txn *t, struct checks *out);

/*
 * All of it, for the site as a whole and without being asked: the courier's look, by what its lookout has
 * just said. db: its connection; NULL: there is none, and c's error says why, or the places do.
 */
void checks_site(struct ctx *c, struct segment *seg, const struct lookout_view *places, struct db *db,
	struct checks *out);

/* Notes what can be seen in the segment alone; for who shows how the site is without a look at the rest. */
void checks_signs(struct ctx *c, struct segment *seg);

/* True if all that is vital is well. */
bool checks_healthy(const struct checks *k);

/* True if it was looked at, or should have been, and is not known to be well. */
bool checks_amiss(const struct checks *k, enum check which);

/* How many are amiss. */
size_t checks_bad(const struct checks *k);

/* The figure behind a check: "2 of 8 connections in use"; empty: there is none. */
MUST enum err checks_figure(struct ctx *c, const struct checks *k, enum check which,
	struct str *out);

#endif
