/*
 * Loading: defaults out of the table, then the file, then the environment, each value through the
 * same parsers. All problems are collected before anything is refused. File and environment are a
 * closed world: what is not in the table is an error that names the nearest key.
 *
 * Keys are read from the environment here only; proc.c speaks to the service manager through it.
 */
#include "core/config.h"

#include "base/mem.h"
#include "core/priv.h"

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXTS_MAX = 1024 * 1024 };

static const char prefix[] = "STARPUNK_";

#define CONFIG_TYPE_CHOICE(words) CONFIG_TYPE_CHOICE
#define WORDS_STRING NULL
#define WORDS_URL NULL
#define WORDS_PATH NULL
#define WORDS_ADDRESS NULL
#define WORDS_ZONE NULL
#define WORDS_NETWORKS NULL
#define WORDS_NAMES NULL
#define WORDS_TOKENS NULL
#define WORDS_BOOL NULL
#define WORDS_INT NULL
#define WORDS_SIZE NULL
#define WORDS_DURATION NULL
#define WORDS_RATIO NULL
#define WORDS_RATE NULL
#define WORDS_CHOICE(words) #words

static const struct config_row rows[CONFIG_KEY__MAX] = {
#define CONFIG(type_, key_, def_, min_, max_, doc_) \
	[CONFIG_KEY_##key_] = {#key_, CONFIG_TYPE_##type_, offsetof(struct config, key_), def_, \
		min_, max_, WORDS_##type_, doc_},
#include "tables/config.def"
#undef CONFIG
};

const struct config_row *
config_row(size_t key)
{
	return &rows[key];
}

void
config_row_variable(const struct config_row *row, struct buf *b)
{
	buf_puts(b, prefix);
	for (const char *p = row->name; *p; p++)
		buf_putc(b, *p >= 'a' && *p <= 'z' ? (char)(*p - ('a' - 'A')) : *p);
}

const char *
config_default_file(void)
{
	const char *file = getenv("STARPUNK_CONFIG");

	return file ? file : SP_SYSCONFDIR "/starpunk.conf";
}

/* ---- reporting --------------------------------------------------------------------------- */

static void
line_add(struct buf *b, const char *place, struct str subject, const char *text)
{
	size_t start = b->n;

	buf_puts(b, place);
	if (!str_empty(subject))
		buf_printf(b, ": %.*s", STR(subject));
	buf_printf(b, ": %s", text);
	/* What is wrong with a value may be that it would forge another line here. */
	for (size_t i = start; i < b->n; i++)
		if ((unsigned char)b->p[i] < 0x20 || b->p[i] == 0x7f)
			b->p[i] = '?';
	buf_putc(b, '\n');
}

static void
object_add(struct buf *b, const char *place, struct str subject, const char *text)
{
	buf_puts(b, "{\"place\":");
	escape_json(b, str_z(place));
	buf_puts(b, ",\"key\":");
	if (str_empty(subject))
		buf_puts(b, "null");
	else
		escape_json(b, subject);
	buf_puts(b, ",\"problem\":");
	escape_json(b, str_z(text));
	buf_putc(b, '}');
}

void
config_report_add(
	struct config_report *r, struct config_place at, struct str subject, const char *fmt, ...)
{
	char place[PATH_MAX + 16], text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	(void)snprintf(place, sizeof(place), "%s", at.file ? at.file : "environment");
	if (at.line > 0)
		(void)snprintf(place, sizeof(place), "%s:%d", at.file, at.line);
	if (r->json && r->n > 0)
		buf_putc(r->out, ',');
	(r->json ? object_add : line_add)(r->out, place, subject, text);
	r->n++;
}

/* ---- loading ----------------------------------------------------------------------------- */

struct loading {
	struct config_sink sink;
	struct config_loaded *into;
	struct config_report report;
};

/* The row of that name; if there is none, the nearest, and *exact is false. */
static size_t
row_nearest(struct str name, bool *exact)
{
	size_t best = 0;
	unsigned least = UINT32_MAX;

	*exact = true;
	for (size_t i = 0; i < CONFIG_KEY__MAX; i++)
		if (str_eq(name, str_z(rows[i].name)))
			return i;
	*exact = false;
	for (size_t i = 0; i < CONFIG_KEY__MAX; i++) {
		unsigned d = str_distance(name, str_z(rows[i].name));

		if (d < least) {
			least = d;
			best = i;
		}
	}
	return best;
}

/* Reports what is wrong with a value; the value itself is shown cut. */
static void
refuse_value(struct loading *l, struct config_place at, struct str subject, struct str text,
	const char *why)
{
	config_report_add(&l->report, at, subject, "'%.*s%s': %s", (int)(text.n < 80 ? text.n : 80),
		text.p ? text.p : "", text.n > 80 ? "..." : "", why);
}

static void
value_set(
	struct loading *l, size_t key, struct str text, struct config_place at, struct str subject)
{
	struct config_value *value = &l->into->values[key];
	const char *why = "";

	value->origin = at.file ? CONFIG_ORIGIN_FILE : CONFIG_ORIGIN_ENVIRONMENT;
	value->line = at.line;
	value->text = arena_str(&l->into->arena, text);
	if (!value->text.p)
		config_report_add(&l->report, at, subject, "out of memory");
	else if (!config_value_parse(&l->into->arena, &rows[key], text, &l->into->cfg, &why))
		refuse_value(l, at, subject, text, why);
}

static void
put_from_file(struct config_sink *self, struct config_place at, struct str name, struct str text)
{
	struct loading *l = (struct loading *)(void *)self;
	bool exact;
	size_t key = row_nearest(name, &exact);

	if (!exact)
		config_report_add(
			&l->report, at, name, "unknown key; did you mean '%s'?", rows[key].name);
	else if (l->into->values[key].origin == CONFIG_ORIGIN_FILE)
		config_report_add(&l->report, at, name,
			"given before, on line %d; remove one of the two",
			l->into->values[key].line);
	else
		value_set(l, key, text, at, name);
}

/* The key's name as a variable spells it, in the arena; "" without memory. */
static const char *
variable_name(struct arena *a, const struct config_row *row)
{
	struct buf b;

	buf_init(&b, a, 128);
	config_row_variable(row, &b);
	buf_putc(&b, '\0');
	return b.failed ? "" : b.p;
}

/* One "NAME=value" that starts with our prefix. */
static void
put_from_environment(struct loading *l, struct str entry)
{
	struct config_place at = {NULL, 0};
	struct str text = entry, variable = str_cut(&text, '=');
	struct arena *a = &l->into->arena;
	struct str name = arena_str(a, str_sub(variable, sizeof(prefix) - 1, variable.n));
	char *lower = arena_alloc(a, variable.n);
	bool exact;
	size_t key;

	if (str_eq(variable, S("STARPUNK_CONFIG")))
		return;
	if (!name.p || !lower) {
		config_report_add(&l->report, at, variable, "out of memory");
		return;
	}
	for (size_t i = 0; i < name.n; i++)
		lower[i] = name.p[i] >= 'A' && name.p[i] <= 'Z' ? (char)(name.p[i] + ('a' - 'A'))
								: name.p[i];
	key = row_nearest(str_n(lower, name.n), &exact);
	if (exact && str_eq(variable, str_z(variable_name(a, &rows[key]))))
		value_set(l, key, text, at, variable);
	else
		config_report_add(&l->report, at, variable, "unknown key; did you mean %s?",
			variable_name(a, &rows[key]));
}

static void
read_environment(struct loading *l)
{
	for (char **e = environ; e && *e; e++)
		if (str_starts(str_z(*e), S("STARPUNK_")))
			put_from_environment(l, str_z(*e));
}

/* Fills what neither file nor environment set; what is missing may stand in a file that could not be read. */
static void
read_defaults(struct loading *l, const char *file, bool known)
{
	struct config_place at = {file[0] ? file : NULL, 0};

	for (size_t i = 0; i < CONFIG_KEY__MAX; i++) {
		struct config_value *value = &l->into->values[i];
		const char *why = "";

		if (value->origin != CONFIG_ORIGIN_NONE)
			continue;
		value->origin = CONFIG_ORIGIN_DEFAULT;
		value->text = str_z(rows[i].def);
		if (!rows[i].def && !known)
			continue;
		if (!rows[i].def)
			config_report_add(&l->report, at, str_z(rows[i].name),
				"missing and has no default; set it in the file or as %s",
				variable_name(&l->into->arena, &rows[i]));
		else if (!config_value_parse(
				 &l->into->arena, &rows[i], value->text, &l->into->cfg, &why))
			refuse_value(l, at, str_z(rows[i].name), value->text, why);
	}
}

/* ---- rules for one key that are more than its type ---------------------------------------- */

static struct config_place
place_of(const struct config_loaded *in, size_t key)
{
	const struct config_value *value = &in->values[key];
	bool in_file = value->origin == CONFIG_ORIGIN_FILE;

	return (struct config_place){in_file ? in->cfg.file : NULL, in_file ? value->line : 0};
}

static void
check_rules(struct loading *l)
{
	struct config *cfg = &l->into->cfg;
	struct str photo = str_z(cfg->author_photo), language = str_z(cfg->language);

	if (language.p && !str_is_language(language))
		refuse_value(l, place_of(l->into, CONFIG_KEY_language), S("language"), language,
			"not a language tag; write en, de or pt-BR");
	if (photo.n > 0 && !str_starts(photo, S("https://")) && !str_starts(photo, S("http://")))
		refuse_value(l, place_of(l->into, CONFIG_KEY_author_photo), S("author_photo"),
			photo, "not a web address; write https://...");
}

static enum err
load(struct ctx *c, const char *file, struct config_report report, struct config **out)
{
	struct loading l = {{put_from_file}, mem_alloc(sizeof(struct config_loaded)), report};
	size_t start = report.out->n;
	struct str path, first;
	bool known = true;

	*out = NULL;
	if (!l.into)
		return err_memory(c);
	arena_init(&l.into->arena, TEXTS_MAX);
	path = arena_str(&l.into->arena, str_z(file));
	if (!path.p) {
		config_free(&l.into->cfg);
		return err_memory(c);
	}
	l.into->cfg.file = path.p;
	if (path.n > 0)
		known = config_file_read(path.p, &l.report, &l.sink);
	read_environment(&l);
	read_defaults(&l, path.p, known);
	check_rules(&l);
	if (l.report.n > 0) {
		config_free(&l.into->cfg);
		first = str_sub(buf_str(report.out), start, report.out->n);
		first = str_cut(&first, '\n');
		return err_raise(
			c, ERR_CONFIG, "%u in all, the first: %.*s", l.report.n, STR(first));
	}
	*out = &l.into->cfg;
	return OK;
}

enum err
config_load(struct ctx *c, const char *file, struct buf *problems, struct config **out)
{
	return load(c, file, (struct config_report){.out = problems}, out);
}

enum err
config_load_json(struct ctx *c, const char *file, struct buf *problems, struct config **out)
{
	return load(c, file, (struct config_report){.out = problems, .json = true}, out);
}

enum err
config_defaults(struct ctx *c, struct config **out)
{
	struct loading l = {{put_from_file}, mem_alloc(sizeof(struct config_loaded)), {0}};
	struct buf problems;

	*out = NULL;
	if (!l.into)
		return err_memory(c);
	buf_init(&problems, &c->arena, 4096);
	l.report.out = &problems;
	arena_init(&l.into->arena, TEXTS_MAX);
	l.into->cfg.file = "";
	value_set(&l, CONFIG_KEY_site_url, S("http://localhost/"), (struct config_place){NULL, 0},
		S("site_url"));
	read_defaults(&l, "", true);
	if (l.report.n > 0) {
		config_free(&l.into->cfg);
		return err_raise(c, ERR_INTERNAL, "defaults: %.*s", STR(buf_str(&problems)));
	}
	*out = &l.into->cfg;
	return OK;
}

void
config_free(struct config *cfg)
{
	struct config_loaded *in = (struct config_loaded *)(void *)cfg;

	if (!in)
		return;
	arena_fini(&in->arena);
	mem_free(in);
}
