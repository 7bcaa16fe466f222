/*
 * The archive: years, months and days of the site's zone (the process's, which the configuration sets),
 * what belongs to them, and how many posts they have. The database keeps counts by UTC; here they are
 * corrected at each edge by what was published between its midnight and ours, so that they are exact,
 * and cost no more when there are more posts.
 *
 * A period is a struct post_period: month 0 is a whole year, day 0 a whole month.
 */
#ifndef DOMAIN_ARCHIVE_H
#define DOMAIN_ARCHIVE_H

#include "store/post_period.h"

enum {
	ARCHIVE_MONTHS = 2400,	/* with posts that are told at most: 200 years of them */
	ARCHIVE_YEARS = 400	/* that are looked at for posts of one day */
};

/* Takes digits, "2026", "03", "01"; those that are not told are empty. False: not in the calendar. */
bool archive_parse(struct str year, struct str month, struct str day, struct post_period *out);

enum post_period_level archive_level(const struct post_period *p);

/* From the beginning of its first day to that of the one behind its last. */
struct post_span archive_span(const struct post_period *p);

/* The period of a level that a moment is of. */
void archive_period_of(int64_t moment, enum post_period_level level, struct post_period *out);

/* The period of a level less that this one is part of. Not for years. */
struct post_period archive_parent(const struct post_period *p);

/* How URLs name it: "2026", "2026/03", "2026/03/01". */
MUST enum err archive_path(struct ctx *c, const struct post_period *p, struct str *out);

/*
 * Those parts of a period that have posts, with counts, newest first: the months of a year, the days of
 * a month, or with within NULL the months of all time, at most ARCHIVE_MONTHS. Two statements.
 */
MUST enum err archive_counts(struct ctx *c, struct db *db, const struct post_period *within,
	struct post_period **out, size_t *n);

/* The nearest periods of the same level that have posts; year is 0 where there is none. One statement. */
MUST enum err archive_around(struct ctx *c, struct db *db, const struct post_period *p,
	struct post_period *older, struct post_period *newer);

/* The spans of a day of the calendar in all years before that one which may have posts. One statement. */
MUST enum err archive_anniversaries(struct ctx *c, struct db *db, const struct post_period *day,
	struct post_span **out, size_t *n);

#endif
