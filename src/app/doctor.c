/*
 * Findings, and the two ways in which they are shown.
 */
#include "app/doctor.h"

#include "base/enc.h"
#include "base/time.h"
#include "text/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 1024, PASTE_MAX = 8192, NAME_WIDTH = 19, LEVEL_WIDTH = 8, LINE_WIDTH = 76 };

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
	struct doctor_finding f = {.check = check, .level = level};

	/* Without memory for its text it is still a finding. */
	if (ctx_str(d->c, str_z(text), &f.text) != OK)
		f.text = S("");
	err_clear(d->c);
	(void)pthread_mutex_lock(&d->watch.lock);
	d->count[level]++;
	d->last = d->n < DOCTOR_FINDINGS_MAX ? &d->list[d->n] : NULL;
	if (d->last)
		d->list[d->n++] = f;
	(void)pthread_mutex_unlock(&d->watch.lock);
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

const char *
doctor_row_remedy(enum doctor_check check)
{
	return rows[check].remedy;
}

const char *
doctor_check_name(enum doctor_check check)
{
	return rows[check].name;
}

/*
 * What could not be looked at: without a configuration all that needs one, without an answer of this site what
 * only such a one says.
 */
static bool
is_unseen(const struct doctor *d, enum doctor_check check)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].check == check)
			return false;
	return !d->cfg ||
		(!d->reached && (check == DOCTOR_FRONT || check == DOCTOR_SITE || check >= DOCTOR_AUTHORIZATION));
}

/* ---- for people -------------------------------------------------------------------------- */

static void
put_remedy(struct ctx *c, const struct doctor *d, const struct doctor_finding *f, struct buf *out)
{
	struct buf remedy, paste;
	struct str rest;

	buf_init(&remedy, &c->arena, PASTE_MAX);
	buf_init(&paste, &c->arena, PASTE_MAX);
	doctor_remedy(d, f, &remedy, &paste);
	buf_printf(out, "%*s-> ", LEVEL_WIDTH + NAME_WIDTH, "");
	buf_put(out, buf_str(&remedy));
	buf_putc(out, '\n');
	rest = buf_str(&paste);
	while (!str_empty(rest)) {
		buf_printf(out, "%*s", LEVEL_WIDTH + NAME_WIDTH + 3, "");
		cli_put_shown(out, str_cut(&rest, '\n'));
		buf_putc(out, '\n');
	}
}

/* True if what is to be done about the two is the same, so that it is said once, below the second. */
static bool
is_alike(const struct doctor_finding *a, const struct doctor_finding *b)
{
	return a->check == b->check && a->level == b->level && a->remedy == b->remedy && str_eq(a->paste, b->paste);
}

static void
put_check(struct ctx *c, const struct doctor *d, enum doctor_check check, enum doctor_level level, bool colour,
	struct buf *out)
{
	const struct doctor_finding *before = NULL;

	for (size_t i = 0; i < d->n; i++) {
		const struct doctor_finding *f = &d->list[i];

		if (f->check != check || f->level != level)
			continue;
		if (before && level != DOCTOR_OK && !is_alike(before, f))
			put_remedy(c, d, before, out);
		buf_printf(out, "%s%-*s%s%-*s", colour ? levels[level].colour : "", LEVEL_WIDTH,
			levels[level].name, colour ? "\033[0m" : "", NAME_WIDTH, rows[check].name);
		cli_put_shown(out, f->text);
		buf_putc(out, '\n');
		before = f;
	}
	if (before && level != DOCTOR_OK)
		put_remedy(c, d, before, out);
}

/* The names of checks that is_in() says yes to, in lines that fit a terminal; nothing if there are none. */
static void
put_names(const struct doctor *d, const char *title, bool (*is_in)(const struct doctor *, enum doctor_check),
	struct buf *out)
{
	size_t column = 0;

	for (int i = 0; i < DOCTOR__MAX; i++) {
		const char *name = rows[i].name;

		if (!is_in(d, (enum doctor_check)i))
			continue;
		if (column == 0)
			buf_printf(out, "\n%s:", title);
		else
			buf_putc(out, ',');
		if (column == 0 || column + strlen(name) > LINE_WIDTH) {
			buf_puts(out, "\n ");
			column = 1;
		}
		buf_printf(out, " %s", name);
		column += strlen(name) + 2;
	}
	if (column > 0)
		buf_putc(out, '\n');
}

static bool
is_well(const struct doctor *d, enum doctor_check check)
{
	bool found = false;

	for (size_t i = 0; i < d->n; i++) {
		if (d->list[i].check == check && d->list[i].level != DOCTOR_OK)
			return false;
		found = found || d->list[i].check == check;
	}
	return found;
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

void
doctor_text(struct ctx *c, const struct doctor *d, bool colour, bool all, struct buf *out)
{
	const size_t *n = d->count;

	if (n[DOCTOR_ERROR] + n[DOCTOR_WARNING] == 0)
		buf_puts(out, "Nothing is wrong: ");
	buf_printf(out, "%zu error%s, %zu warning%s, %zu note%s\n\n", n[DOCTOR_ERROR], plural(n[DOCTOR_ERROR]),
		n[DOCTOR_WARNING], plural(n[DOCTOR_WARNING]), n[DOCTOR_NOTE], plural(n[DOCTOR_NOTE]));
	for (int level = DOCTOR_ERROR; level >= (all ? DOCTOR_OK : DOCTOR_NOTE); level--)
		for (int check = 0; check < DOCTOR__MAX; check++)
			put_check(c, d, (enum doctor_check)check, (enum doctor_level)level, colour, out);
	put_names(d, "Could not be looked at", is_unseen, out);
	if (!all)
		put_names(d, "Well", is_well, out);
}

/* ---- for programs ------------------------------------------------------------------------ */

/* Text of ours as JSON takes it. */
static enum err
set_text(struct ctx *c, struct json *o, struct str name, struct str text)
{
	struct buf clean;

	buf_init(&clean, &c->arena, 4 * PASTE_MAX);
	for (size_t at = 0; at < text.n;)
		enc_utf8_put(&clean, enc_utf8_next(text, &at));
	return json_set_str(c, o, name, buf_str(&clean));
}

static enum err
remedy_json(struct ctx *c, const struct doctor *d, const struct doctor_finding *f, struct json *o)
{
	struct buf remedy, paste;
	struct json *list;
	struct str rest;
	enum err err = json_array(c, &list);

	buf_init(&remedy, &c->arena, PASTE_MAX);
	buf_init(&paste, &c->arena, PASTE_MAX);
	doctor_remedy(d, f, &remedy, &paste);
	if (!err)
		err = set_text(c, o, S("remedy"), buf_str(&remedy));
	rest = buf_str(&paste);
	while (!err && !str_empty(rest))
		err = json_push_str(c, list, str_cut(&rest, '\n'));
	return err ? err : json_set(c, o, S("try"), list);
}

static enum err
finding_json(struct ctx *c, const struct doctor *d, const struct doctor_finding *f, struct json *list)
{
	struct json *o;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_str(c, o, S("check"), str_z(rows[f->check].name));
	if (!err)
		err = json_set_str(c, o, S("level"), str_z(levels[f->level].name));
	if (!err)
		err = set_text(c, o, S("finding"), f->text);
	if (!err && f->level != DOCTOR_OK)
		err = remedy_json(c, d, f, o);
	return err ? err : json_push(c, list, o);
}

static enum err
unseen_json(struct ctx *c, const struct doctor *d, struct json *o)
{
	struct json *list;
	enum err err = json_array(c, &list);

	for (int i = 0; !err && i < DOCTOR__MAX; i++)
		if (is_unseen(d, (enum doctor_check)i))
			err = json_push_str(c, list, str_z(rows[i].name));
	return err ? err : json_set(c, o, S("unseen"), list);
}

static enum err
count_json(struct ctx *c, const struct doctor *d, const char *name, enum doctor_level level, struct json *o)
{
	return json_set_int(c, o, str_z(name), (int64_t)d->count[level]);
}

enum err
doctor_json(struct ctx *c, const struct doctor *d, struct buf *out)
{
	struct json *o, *list;
	struct buf when;
	enum err err = json_object(c, &o);

	buf_init(&when, &c->arena, 64);
	time_rfc3339(&when, d->c->now_us / 1000000, 0);
	if (!err)
		err = json_array(c, &list);
	for (size_t check = 0; check < DOCTOR__MAX; check++)
		for (size_t i = 0; !err && i < d->n; i++)
			if (d->list[i].check == check)
				err = finding_json(c, d, &d->list[i], list);
	if (!err)
		err = json_set_str(c, o, S("timestamp"), buf_str(&when));
	if (!err)
		err = json_set_str(c, o, S("version"), S(SP_VERSION));
	if (!err)
		err = json_set_str(c, o, S("url"), d->url.text);
	if (!err)
		err = count_json(c, d, "errors", DOCTOR_ERROR, o);
	if (!err)
		err = count_json(c, d, "warnings", DOCTOR_WARNING, o);
	if (!err)
		err = count_json(c, d, "notes", DOCTOR_NOTE, o);
	if (!err)
		err = json_set(c, o, S("findings"), list);
	if (!err)
		err = unseen_json(c, d, o);
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
