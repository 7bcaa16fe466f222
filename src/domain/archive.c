/*
 * Periods are counted along a line of whole numbers, months or days: k is the month of all time, or the
 * day since 1970. Where k begins by UTC and where it begins in the site's zone are hours apart. What was
 * published between both is in another period here than in the database: this is an edge.
 */
#include "domain/archive.h"

#include "base/time.h"

/* Parts of a month or a year, and one more at either end. */
enum { DAY = 86400, DAYS_OF_MONTH = 33, MONTHS_OF_YEAR = 14 };

bool
archive_parse(struct str year, struct str month, struct str day, struct post_period *out)
{
	unsigned long long y, m = 0, d = 0;

	if (!str_u64(year, 9999, &y) || (month.n > 0 && (!str_u64(month, 12, &m) || m == 0)) ||
		(day.n > 0 && (!str_u64(day, 31, &d) || d == 0)))
		return false;
	*out = (struct post_period){.year = (int)y, .month = (int)m, .day = (int)d};
	return time_day_exists(out->year, m ? out->month : 1, d ? out->day : 1);
}

enum post_period_level
archive_level(const struct post_period *p)
{
	if (p->day)
		return POST_DAYS;
	return p->month ? POST_MONTHS : POST_YEARS;
}

struct post_span
archive_span(const struct post_period *p)
{
	int month = p->month ? p->month : 1, day = p->day ? p->day : 1;
	struct post_span span = {.from = time_zone_midnight(p->year, month, day)};

	if (p->day)
		span.to = time_zone_midnight(p->year, month, day + 1);
	else if (p->month)
		span.to = time_zone_midnight(p->year, month + 1, 1);
	else
		span.to = time_zone_midnight(p->year + 1, 1, 1);
	return span;
}

/* The clock tells the day, but for the hour that it may show twice around midnight. */
void
archive_period_of(int64_t moment, enum post_period_level level, struct post_period *out)
{
	int64_t shown = moment + (int64_t)time_zone_offset(moment) * 60;
	struct time_parts p;

	time_split(shown, 0, &p);
	if (moment < time_zone_midnight(p.year, p.month, p.day))
		time_split(shown - DAY, 0, &p);
	else if (moment >= time_zone_midnight(p.year, p.month, p.day + 1))
		time_split(shown + DAY, 0, &p);
	*out = (struct post_period){.year = p.year};
	if (level >= POST_MONTHS)
		out->month = p.month;
	if (level >= POST_DAYS)
		out->day = p.day;
}

struct post_period
archive_parent(const struct post_period *p)
{
	return (struct post_period){.year = p->year, .month = p->day ? p->month : 0};
}

/* A name as URLs and the database write it, with its own sign between the parts. */
static enum err
name_of(struct ctx *c, const struct post_period *p, char sign, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 32);
	buf_printf(&b, "%04d", p->year);
	if (p->month)
		buf_printf(&b, "%c%02d", sign, p->month);
	if (p->day)
		buf_printf(&b, "%c%02d", sign, p->day);
	return buf_end(c, &b, out);
}

enum err
archive_path(struct ctx *c, const struct post_period *p, struct str *out)
{
	return name_of(c, p, '/', out);
}

/* ---- counting ------------------------------------------------------------------------------ */

static int64_t
number_of(const struct post_period *p)
{
	if (!p->day)
		return (int64_t)p->year * 12 + p->month - 1;
	return time_join(&(struct time_parts){.year = p->year, .month = p->month, .day = p->day}, 0) /
		DAY;
}

static struct post_period
period_of(enum post_period_level level, int64_t k)
{
	struct time_parts p;

	if (level == POST_MONTHS)
		return (struct post_period){.year = (int)(k / 12), .month = (int)(k % 12) + 1};
	time_split(k * DAY, 0, &p);
	return (struct post_period){.year = p.year, .month = p.month, .day = p.day};
}

/* Adds k to a list that goes down, if it is not there yet. */
static void
push(int64_t *list, size_t *n, int64_t k)
{
	if (*n == 0 || list[*n - 1] > k)
		list[(*n)++] = k;
}

/* What the database has kept, and what lies between the beginnings by UTC and by the zone. */
struct tally {
	enum post_period_level level;
	struct post_period *kept;	/* going down, n of them */
	size_t n;
	int64_t *k;			/* whose beginnings are edges; going down, n_edges of them */
	struct post_span *spans;	/* from one beginning to the other */
	uint64_t *posts;		/* in them */
	size_t n_edges;
};

/* The edges of the kept periods, and of those behind them. */
static enum err
edges_read(struct ctx *c, struct db *db, struct tally *t)
{
	bool any = false;

	t->k = ctx_calloc(c, 2 * t->n, sizeof(*t->k));
	t->spans = ctx_calloc(c, 2 * t->n, sizeof(*t->spans));
	t->posts = ctx_calloc(c, 2 * t->n, sizeof(*t->posts));
	if (!t->k || !t->spans || !t->posts)
		return ERR_MEMORY;
	for (size_t i = 0; i < t->n; i++) {
		push(t->k, &t->n_edges, number_of(&t->kept[i]) + 1);
		push(t->k, &t->n_edges, number_of(&t->kept[i]));
	}
	for (size_t i = 0; i < t->n_edges; i++) {
		struct post_period p = period_of(t->level, t->k[i]);
		struct time_parts first = {
			.year = p.year, .month = p.month, .day = p.day ? p.day : 1};
		int64_t ours = time_zone_midnight(first.year, first.month, first.day);
		int64_t utc = time_join(&first, 0);

		t->spans[i] = ours < utc ? (struct post_span){ours, utc}
					 : (struct post_span){utc, ours};
		any = any || ours != utc;
	}
	return any ? post_spans_count(c, db, t->spans, t->n_edges, t->posts) : OK;
}

/* What k has more by the zone, and k - 1 less. */
static int64_t
edge_of(const struct tally *t, int64_t k)
{
	struct post_period p = period_of(t->level, k);
	size_t low = 0, high = t->n_edges;
	int64_t utc, posts;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->k[middle] > k)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == t->n_edges || t->k[low] != k)
		return 0;
	posts = (int64_t)t->posts[low];
	utc = time_join(&(struct time_parts){.year = p.year, .month = p.month,
				.day = p.day ? p.day : 1}, 0);
	return t->spans[low].from == utc ? -posts : posts;
}

/* Each kept period, and those beside it, by the site's zone. */
static enum err
tally_correct(struct ctx *c, const struct tally *t, struct post_period **out, size_t *n)
{
	int64_t *k = ctx_calloc(c, 3 * t->n, sizeof(*k));
	size_t n_k = 0, at = 0;

	*out = ctx_calloc(c, 3 * t->n, sizeof(**out));
	*n = 0;
	if (!k || !*out)
		return ERR_MEMORY;
	for (size_t i = 0; i < t->n; i++)
		for (int step = 1; step >= -1; step--)
			push(k, &n_k, number_of(&t->kept[i]) + step);
	for (size_t i = 0; i < n_k; i++) {
		int64_t posts = edge_of(t, k[i]) - edge_of(t, k[i] + 1);
		struct post_period p = period_of(t->level, k[i]);

		while (at < t->n && number_of(&t->kept[at]) > k[i])
			at++;
		if (at < t->n && number_of(&t->kept[at]) == k[i])
			posts += (int64_t)t->kept[at].posts;
		p.posts = (uint64_t)posts;
		if (posts > 0)
			(*out)[(*n)++] = p;
	}
	return OK;
}

/* The kept periods that those within may be made of: one more at either end. */
static enum err
range_of(struct ctx *c, const struct post_period *within, struct post_periods_range *out)
{
	enum post_period_level level =
		within && within->month ? POST_DAYS : POST_MONTHS;
	struct post_period first, last;
	enum err err;

	*out = POST_PERIODS_ALL(level);
	if (!within)
		return OK;
	first = *within;
	first.month = first.month ? first.month : 1;
	first.day = level == POST_DAYS;
	last = first;
	if (level == POST_DAYS)
		last.month++;
	else
		last.year++;
	first = period_of(level, number_of(&first) - 1);
	last = period_of(level, number_of(&last));
	err = name_of(c, &first, '-', &out->from);
	return err ? err : name_of(c, &last, '-', &out->to);
}

static bool
is_within(const struct post_period *p, const struct post_period *within)
{
	return !within || (p->year == within->year &&
				  (within->month == 0 || p->month == within->month));
}

enum err
archive_counts(struct ctx *c, struct db *db, const struct post_period *within,
	struct post_period **out, size_t *n)
{
	size_t limit = ARCHIVE_MONTHS, n_all = 0;
	struct post_periods_range range;
	struct tally t = {0};
	enum err err = range_of(c, within, &range);

	*out = NULL;
	*n = 0;
	if (within)
		limit = within->month ? DAYS_OF_MONTH : MONTHS_OF_YEAR;
	t.level = range.level;
	t.kept = ctx_calloc(c, limit, sizeof(*t.kept));
	if (!t.kept)
		return ERR_MEMORY;
	if (!err)
		err = post_periods(c, db, range, limit, t.kept, &t.n);
	if (err || t.n == 0)
		return err;
	err = edges_read(c, db, &t);
	if (!err)
		err = tally_correct(c, &t, out, &n_all);
	for (size_t i = 0; !err && i < n_all; i++)
		if (is_within(&(*out)[i], within))
			(*out)[(*n)++] = (*out)[i];
	return err;
}

/* ---- beside a period, and through the years --------------------------------------------------- */

enum err
archive_around(struct ctx *c, struct db *db, const struct post_period *p, struct post_period *older,
	struct post_period *newer)
{
	enum post_period_level level = archive_level(p);
	struct post_neighbours at;
	enum err err = post_period_around(c, db, archive_span(p), &at);

	*older = *newer = (struct post_period){0};
	if (err)
		return err;
	if (at.older != INT64_MIN)
		archive_period_of(at.older, level, older);
	if (at.newer != INT64_MIN)
		archive_period_of(at.newer, level, newer);
	return OK;
}

enum err
archive_anniversaries(struct ctx *c, struct db *db, const struct post_period *day,
	struct post_span **out, size_t *n)
{
	struct post_period years[ARCHIVE_YEARS];
	size_t n_years, n_list = 0;
	int64_t *list = ctx_calloc(c, 3 * ARCHIVE_YEARS, sizeof(*list));
	enum err err = post_periods(
		c, db, POST_PERIODS_ALL(POST_YEARS), ARCHIVE_YEARS, years, &n_years);

	*n = 0;
	*out = ctx_calloc(c, 3 * ARCHIVE_YEARS, sizeof(**out));
	if (err || !list || !*out)
		return err ? err : ERR_MEMORY;
	for (size_t i = 0; i < n_years; i++)
		for (int step = 1; step >= -1; step--)
			push(list, &n_list, years[i].year + step);
	for (size_t i = 0; i < n_list; i++) {
		struct post_period p = {.year = (int)list[i], .month = day->month, .day = day->day};

		if (p.year < day->year && time_day_exists(p.year, p.month, p.day))
			(*out)[(*n)++] = archive_span(&p);
	}
	return OK;
}
