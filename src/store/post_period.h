/*
 * When listed posts were published: how many of them within which time, and who comes next. Counts of
 * periods of UTC are kept; those of other spans are counted along the index, which is meant for spans
 * of hours.
 */
#ifndef STORE_POST_PERIOD_H
#define STORE_POST_PERIOD_H

#include "store/post_list.h"

enum post_period_level { POST_YEARS = 1, POST_MONTHS, POST_DAYS };

/* A year, month or day of UTC that has listed posts; parts that are not told are 0. */
struct post_period {
	int year, month, day;
	uint64_t posts;
};

/* First and last of some periods, as the database names them: "2026", "2026-03", "2026-03-01". */
struct post_periods_range {
	enum post_period_level level;
	struct str from, to;
};

/* All periods of a level. */
#define POST_PERIODS_ALL(level) ((struct post_periods_range){(level), S(""), S("~")})

/* At most limit of the periods, newest first; *out has room for limit. */
MUST enum err post_periods(struct ctx *c, struct db *db, struct post_periods_range range,
	size_t limit, struct post_period *out, size_t *n);

/* How many listed posts each span has; *out has room for n. One statement, none for n 0. */
MUST enum err post_spans_count(struct ctx *c, struct db *db, const struct post_span *spans, size_t n,
	uint64_t *out);

/*
 * When the nearest listed posts beside a span were published: the newest before it, the oldest behind
 * it. Each is INT64_MIN where there is none.
 */
struct post_neighbours {
	int64_t older, newer;
};
MUST enum err post_period_around(struct ctx *c, struct db *db, struct post_span span,
	struct post_neighbours *out);

/* Which of n types have listed posts; *out has room for n. */
MUST enum err post_types_used(struct ctx *c, struct db *db, const struct str *types, size_t n,
	bool *out);

#endif
