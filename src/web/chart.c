/*
 * Points into paths. The drawing is WIDTH by HEIGHT and is stretched to the room there is; its texts
 * stand beside it, so that they are not stretched too. A gap is left out of every line, and shaded.
 */
#include "web/chart.h"

#include "base/time.h"
#include "web/priv.h"

enum { WIDTH = 720, HEIGHT = 160, PATH_MAX_BYTES = 64 * 1024, MARKS = 4 };

/* A chart while it is drawn. */
struct drawing {
	struct ctx *c;
	const struct chart *chart;
	const struct series *s;
	size_t n_lines;
	double top;	/* value at the upper edge */
};

/* The value of a line at a point; false: none. */
static bool
value_at(const struct drawing *d, size_t line, const struct history_sample *p, double *out)
{
	*out = 0;
	return p->known && d->chart->lines[line].value(p, out);
}

static double
x_of(const struct drawing *d, double i)
{
	return i * WIDTH / (double)d->s->n;
}

static double
y_of(const struct drawing *d, double v)
{
	return HEIGHT - v * HEIGHT / d->top;
}

/* The largest value of a line, or of bars standing on one another. */
static double
largest(const struct drawing *d)
{
	double most = 0;

	for (size_t i = 0; i < d->s->n; i++) {
		double all = 0, v;

		for (size_t k = 0; k < d->n_lines; k++) {
			(void)value_at(d, k, &d->s->list[i], &v);
			all = d->chart->shape == CHART_BARS ? all + v : v > all ? v : all;
		}
		most = all > most ? all : most;
	}
	return most;
}

/* ---- paths ------------------------------------------------------------------------------- */

static void
put_bars(const struct drawing *d, size_t line, struct buf *b)
{
	double width = x_of(d, 1) * .8;

	for (size_t i = 0; i < d->s->n; i++) {
		double below = 0, v;

		for (size_t k = 0; k < line; k++) {
			(void)value_at(d, k, &d->s->list[i], &v);
			below += v;
		}
		if (value_at(d, line, &d->s->list[i], &v) && v > 0)
			buf_printf(b, "M%.1f %.1fv%.1fh%.1fV%.1fz", x_of(d, (double)i + .1),
				y_of(d, below), -v * HEIGHT / d->top, width, y_of(d, below));
	}
}

/* A point that stands alone is a line of no length: with round ends, a dot. */
static void
put_line(const struct drawing *d, size_t line, struct buf *b)
{
	bool drawing = false;

	for (size_t i = 0; i < d->s->n; i++) {
		double v;
		bool there = value_at(d, line, &d->s->list[i], &v);

		if (there && drawing)
			buf_printf(b, "L%.1f %.1f", x_of(d, (double)i + .5), y_of(d, v));
		else if (there)
			buf_printf(b, "M%.1f %.1fh0", x_of(d, (double)i + .5), y_of(d, v));
		drawing = there;
	}
}

static void
put_gaps(const struct drawing *d, struct buf *b)
{
	for (size_t i = 0, end; i < d->s->n; i = end + 1) {
		for (end = i; end < d->s->n && !d->s->list[end].known; end++)
			;
		/* The point that is still going on has no sample as long as none was due. */
		if (end > i && !(end == d->s->n && end - i == 1))
			buf_printf(b, "M%.1f 0H%.1fV%dH%.1fz", x_of(d, (double)i),
				x_of(d, (double)end), HEIGHT, x_of(d, (double)i));
	}
}

/* ---- texts ------------------------------------------------------------------------------- */

/* What a line comes to: all of it, or how it stands. */
static enum err
line_value(const struct drawing *d, size_t line, size_t from, size_t to, struct str *out)
{
	struct history_sample all = {.known = false}, last = {.known = false};
	double v;

	for (size_t i = from; i < to; i++) {
		history_merge(&all, &d->s->list[i]);
		if (value_at(d, line, &d->s->list[i], &v))
			last = d->s->list[i];
	}
	*out = S("–");
	if (!value_at(d, line, d->chart->sum || to - from < d->s->n ? &all : &last, &v))
		return OK;
	return quantity_text(d->c, d->chart->unit, v, out);
}

static enum err
line_draw(const struct drawing *d, size_t line, struct view_chart_line *out)
{
	static const char *const classes[CHART_LINES] = {"first", "second", "third"};
	struct buf b;
	enum err err;

	*out = (struct view_chart_line){.name = tr_str(d->c, d->chart->lines[line].name),
		.kind = str_z(classes[line])};
	buf_init(&b, &d->c->arena, PATH_MAX_BYTES);
	if (d->chart->shape == CHART_BARS)
		put_bars(d, line, &b);
	else
		put_line(d, line, &b);
	err = buf_end(d->c, &b, &out->path);
	return err ? err : line_value(d, line, 0, d->s->n, &out->value);
}

/* "14:05", or "14:05:30" where points are seconds. */
static enum err
clock_text(const struct drawing *d, int64_t us, struct str *out)
{
	int64_t seconds = us / 1000000;
	struct time_parts p;

	time_split(seconds, time_zone_offset(seconds), &p);
	if (d->s->step_us < 60 * (int64_t)1000000)
		return ctx_printf(d->c, out, "%02d:%02d:%02d", p.hour, p.minute, p.second);
	return ctx_printf(d->c, out, "%02d:%02d", p.hour, p.minute);
}

static enum err
marks_draw(const struct drawing *d, struct tmpl_list *out)
{
	struct str *marks = ctx_calloc(d->c, MARKS + 1, sizeof(*marks));
	int64_t span = d->s->step_us * (int64_t)d->s->n;
	enum err err = marks ? OK : ERR_MEMORY;

	for (int i = 0; !err && i <= MARKS; i++)
		err = clock_text(d, d->s->start_us + span * i / MARKS, &marks[i]);
	*out = (struct tmpl_list){marks, MARKS + 1};
	return err;
}

static enum err
row_draw(const struct drawing *d, size_t from, size_t to, struct view_chart_row *out)
{
	struct str *values = ctx_calloc(d->c, d->n_lines, sizeof(*values));
	enum err err = values ? clock_text(d, d->s->start_us + d->s->step_us * (int64_t)from,
					&out->time) : ERR_MEMORY;

	for (size_t k = 0; !err && k < d->n_lines; k++)
		err = line_value(d, k, from, to, &values[k]);
	out->values = (struct tmpl_list){values, d->n_lines};
	return err;
}

/* The same figures in fewer rows than there are points, newest first. */
static enum err
rows_draw(const struct drawing *d, struct tmpl_list *out)
{
	size_t each = d->s->span->rows, n = d->s->n / each;
	struct view_chart_row *rows = ctx_calloc(d->c, n, sizeof(*rows));
	enum err err = rows ? OK : ERR_MEMORY;

	for (size_t i = 0; !err && i < n; i++)
		err = row_draw(d, (n - 1 - i) * each, (n - i) * each, &rows[i]);
	*out = (struct tmpl_list){rows, n};
	return err;
}

enum err
chart_draw(struct ctx *c, const struct chart *chart, const struct series *s,
	struct view_chart *out)
{
	struct drawing d = {.c = c, .chart = chart, .s = s};
	struct view_chart_line *lines = ctx_calloc(c, CHART_LINES, sizeof(*lines));
	struct buf b;
	enum err err = lines ? OK : ERR_MEMORY;

	while (d.n_lines < CHART_LINES && chart->lines[d.n_lines].name)
		d.n_lines++;
	d.top = quantity_ceiling(chart->unit, largest(&d));
	*out = (struct view_chart){.id = str_z(chart->id), .title = tr_str(c, chart->title),
		.description = tr_str(c, chart->doc), .bars = chart->shape == CHART_BARS,
		.several = d.n_lines > 1};
	for (size_t i = 0; !err && i < d.n_lines; i++)
		err = line_draw(&d, i, &lines[i]);
	out->lines = (struct tmpl_list){lines, d.n_lines};
	buf_init(&b, &c->arena, PATH_MAX_BYTES);
	put_gaps(&d, &b);
	if (!err)
		err = buf_end(c, &b, &out->gaps);
	if (!err)
		err = quantity_text(c, chart->unit, d.top, &out->top);
	if (!err)
		err = marks_draw(&d, &out->marks);
	return err ? err : rows_draw(&d, &out->rows);
}
