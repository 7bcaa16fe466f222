/*
 * The calendar's words and the order of a date are texts of the catalogue. A format has day, month,
 * year, hour and minute for arguments, in this order; a translation takes them by number.
 */
#include "text/date.h"

#include "base/time.h"
#include "text/words.h"

static const char *const months[] = {NC_("month", "January"), NC_("month", "February"),
	NC_("month", "March"), NC_("month", "April"), NC_("month", "May"), NC_("month", "June"),
	NC_("month", "July"), NC_("month", "August"), NC_("month", "September"),
	NC_("month", "October"), NC_("month", "November"), NC_("month", "December")};

const char *
date_month(const struct ctx *c, int month)
{
	return month >= 1 && month <= 12 ? tr_for(c, "month", months[month - 1]) : "";
}

static enum err
parts_text(struct ctx *c, enum date_shape shape, const struct time_parts *p, struct str *out)
{
	const char *month = date_month(c, p->month);

	switch (shape) {
	case DATE_MOMENT:
		/* TRANSLATORS: day, month, year, hour, minute */
		return ctx_printf(c, out, tr_for(c, "date", "%d %s %d, %02d:%02d"), p->day, month,
			p->year, p->hour, p->minute);
	case DATE_DAY:
		/* TRANSLATORS: day, month, year */
		return ctx_printf(c, out, tr_for(c, "date", "%d %s %d"), p->day, month, p->year);
	case DATE_MONTH:
		/* TRANSLATORS: month, year */
		return ctx_printf(c, out, tr_for(c, "date", "%s %d"), month, p->year);
	case DATE_YEAR:
		/* TRANSLATORS: year */
		return ctx_printf(c, out, tr_for(c, "date", "%d"), p->year);
	case DATE_ANNUAL:
		break;
	}
	/* TRANSLATORS: day, month */
	return ctx_printf(c, out, tr_for(c, "date", "%d %s"), p->day, month);
}

enum err
date_text(struct ctx *c, enum date_shape shape, int64_t seconds, int zone, struct str *out)
{
	struct time_parts p;

	time_split(seconds, zone, &p);
	return parts_text(c, shape, &p, out);
}

enum err
date_day(struct ctx *c, enum date_shape shape, int year, int month, int day, struct str *out)
{
	const struct time_parts p = {.year = year, .month = month, .day = day};

	return parts_text(c, shape, &p, out);
}
