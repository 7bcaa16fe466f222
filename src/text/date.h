/*
 * Dates as people read them, in the language of c->words: "1 March 2026", "1. März 2026",
 * "2026年3月1日". What machines read (RFC 3339, RFC 822, HTTP) is base/time.h's.
 */
#ifndef TEXT_DATE_H
#define TEXT_DATE_H

#include "base/ctx.h"

enum date_shape {
	DATE_MOMENT,	/* "1 March 2026, 09:30" */
	DATE_DAY,	/* "1 March 2026" */
	DATE_MONTH,	/* "March 2026" */
	DATE_YEAR,	/* "2026", "2026年" */
	DATE_ANNUAL	/* "1 March" */
};

/* A moment as it is in a zone of so many minutes east of UTC. */
MUST enum err date_text(struct ctx *c, enum date_shape shape, int64_t seconds, int zone,
	struct str *out);

/* A day of the calendar, as far as shape names it; month from 1. */
MUST enum err date_day(struct ctx *c, enum date_shape shape, int year, int month, int day,
	struct str *out);

/* The name of a month, from 1: "March", "3月"; "" for none. */
const char *date_month(const struct ctx *c, int month);

#endif
