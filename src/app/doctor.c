/*
 * Findings, and the two ways in which they are shown.
 */
#include "app/doctor.h"

#include "base/enc.h"
#include "base/time.h"
#include "text/json.h"

#include <stdarg.h>
#include <stdio.h>

enum { TEXT_MAX = 1024, NAME_WIDTH = 19, LEVEL_WIDTH = 8 };

static const struct {
	const char *name, *about, *remedy;
} rows[DOCTOR__MAX] = {
#define DOCTOR(sym, name, about, remedy) [DOCTOR_##sym] = {name, about, remedy},
#define ARRIVES(...)
#include "tables/doctor.def"
#undef DOCTOR
#undef ARRIVES
};

static const struct {
	const char *name, *colour;
} levels[DOCTOR_LEVEL__MAX] = {
	[DOCTOR_OK] = {"ok", "\033[32m"},
	[DOCTOR_NOTE] = {"note", "\033[36m"},
	[DOCTOR_WARNING] = {"warning", "\033[33m"},
	[DOCTOR_ERROR] = {"error", "\033[31m"},
};

/* ---- finding ----------------------------------------------------------------------------- */

static void
find(struct doctor *d, enum doctor_check check, enum doctor_level level, const char *text)
{
	struct doctor_finding f = {check, level, S("")};

	d->count[level]++;
	if (d->n == DOCTOR_FINDINGS_MAX)
		return;
	/* Without memory for its text it is still a finding. */
	if (ctx_str(d->c, str_z(text), &f.text) != OK)
		f.text = S("");
	err_clear(d->c);
	d->list[d->n++] = f;
}

void
doctor_find(struct doctor *d, enum doctor_check check, enum doctor_level level, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	find(d, check, level, text);
}

void
doctor_find_error(struct doctor *d, enum doctor_check check, enum doctor_level level)
{
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof(text), "%s", d->c->err.detail);
	find(d, check, level, text);
}

/* ---- for people -------------------------------------------------------------------------- */

static void
put_remedy(const struct doctor_finding *f, struct buf *out)
{
	struct str remedy = str_z(rows[f->check].remedy);

	buf_printf(out, "%*s-> ", LEVEL_WIDTH + NAME_WIDTH, "");
	buf_put(out, remedy);
	buf_putc(out, '\n');
}

static void
put_finding(const struct doctor_finding *f, bool colour, bool last, struct buf *out)
{
	buf_printf(out, "%s%-*s%s%-*s", colour ? levels[f->level].colour : "", LEVEL_WIDTH,
		levels[f->level].name, colour ? "\033[0m" : "", NAME_WIDTH, rows[f->check].name);
	cli_put_shown(out, f->text);
	buf_putc(out, '\n');
	if (last && f->level != DOCTOR_OK)
		put_remedy(f, out);
}

/* True if another finding of that check comes behind the i-th: the remedy stands below the last. */
static bool
goes_on(const struct doctor *d, size_t i)
{
	for (size_t k = i + 1; k < d->n; k++)
		if (d->list[k].check == d->list[i].check && d->list[k].level != DOCTOR_OK)
			return true;
	return false;
}

void
doctor_text(const struct doctor *d, bool colour, struct buf *out)
{
	for (size_t check = 0; check < DOCTOR__MAX; check++)
		for (size_t i = 0; i < d->n; i++)
			if (d->list[i].check == check)
				put_finding(&d->list[i], colour, !goes_on(d, i), out);
	buf_printf(out, "\n%zu errors, %zu warnings, %zu notes; %zu well\n", d->count[DOCTOR_ERROR],
		d->count[DOCTOR_WARNING], d->count[DOCTOR_NOTE], d->count[DOCTOR_OK]);
}

/* ---- for programs ------------------------------------------------------------------------ */

static enum err
finding_json(struct ctx *c, const struct doctor_finding *f, struct json *list)
{
	struct json *o;
	struct buf text;
	enum err err = json_object(c, &o);

	buf_init(&text, &c->arena, 2 * TEXT_MAX);
	for (size_t at = 0; at < f->text.n;)
		enc_utf8_put(&text, enc_utf8_next(f->text, &at));
	if (!err)
		err = json_set_str(c, o, S("check"), str_z(rows[f->check].name));
	if (!err)
		err = json_set_str(c, o, S("level"), str_z(levels[f->level].name));
	if (!err)
		err = json_set_str(c, o, S("finding"), buf_str(&text));
	if (!err && f->level != DOCTOR_OK)
		err = json_set_str(c, o, S("remedy"), str_z(rows[f->check].remedy));
	return err ? err : json_push(c, list, o);
}

static enum err
count_json(const struct doctor *d, const char *name, enum doctor_level level, struct json *o)
{
	return json_set_int(d->c, o, str_z(name), (int64_t)d->count[level]);
}

enum err
doctor_json(const struct doctor *d, struct buf *out)
{
	struct ctx *c = d->c;
	struct json *o, *list;
	struct buf when;
	enum err err = json_object(c, &o);

	buf_init(&when, &c->arena, 64);
	time_rfc3339(&when, c->now_us / 1000000, 0);
	if (!err)
		err = json_array(c, &list);
	for (size_t check = 0; check < DOCTOR__MAX; check++)
		for (size_t i = 0; !err && i < d->n; i++)
			if (d->list[i].check == check)
				err = finding_json(c, &d->list[i], list);
	if (!err)
		err = json_set_str(c, o, S("timestamp"), buf_str(&when));
	if (!err)
		err = json_set_str(c, o, S("version"), S(SP_VERSION));
	if (!err)
		err = json_set_str(c, o, S("url"), d->url.text);
	if (!err)
		err = count_json(d, "errors", DOCTOR_ERROR, o);
	if (!err)
		err = count_json(d, "warnings", DOCTOR_WARNING, o);
	if (!err)
		err = count_json(d, "notes", DOCTOR_NOTE, o);
	if (!err)
		err = json_set(c, o, S("findings"), list);
	return err ? err : cli_put_json(c, o, out);
}

/* ---- for the manual ---------------------------------------------------------------------- */

void
doctor_docs(const char *format, struct buf *out)
{
	(void)format;
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < DOCTOR__MAX; i++) {
		buf_printf(out, ".It Ic %s\n", rows[i].name);
		enc_mdoc(out, str_z(rows[i].about));
		buf_puts(out, "\nIf not: ");
		enc_mdoc(out, str_z(rows[i].remedy));
		buf_putc(out, '\n');
	}
	buf_puts(out, ".El\n");
}
