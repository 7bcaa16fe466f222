/*
 * text/tmpl against the mustache specification's own tests. Their data is JSON; here it becomes
 * what the engine is made for, C structs with types, at run time: an object is a record with a
 * field of 16 bytes for each member, a value that stands in no object is the field "." of a record.
 */
#include "text/json.h"
#include "text/tmpl_priv.h"

#include "fixture.h"
#include "tempdir.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { TYPES = 32, FIELDS = 16, SIZE = 16 };

/* Types are handed out by functions, which a program cannot make: so there is a stock of them. */
static struct {
	struct tmpl_type type;
	struct tmpl_field fields[FIELDS];
	char names[FIELDS][32];
} stock[TYPES];
static size_t taken;

#define GETTER(i)                                                                                  \
	static const struct tmpl_type *get_##i(void)                                               \
	{                                                                                          \
		return &stock[i].type;                                                             \
	}
#define ALL(X)                                                                                     \
	X(0)                                                                                       \
	X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16)     \
		X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29)      \
			X(30) X(31)
ALL(GETTER)
#define NAME(i) get_##i,
static const struct tmpl_type *(*const getters[TYPES])(void) = {ALL(NAME)};

static size_t
type_new(void)
{
	assert_true(taken < TYPES);
	stock[taken].type = (struct tmpl_type){"t", stock[taken].fields, 0, 0};
	return taken++;
}

/* The field of that name, made if it is new. */
static struct tmpl_field *
field_get(size_t t, struct str name)
{
	struct tmpl_type *type = &stock[t].type;
	size_t i = 0;

	while (i < type->n && !str_eq(name, str_z(stock[t].names[i])))
		i++;
	if (i == type->n) {
		assert_true(i < FIELDS && name.n < sizeof(stock[t].names[i]));
		(void)snprintf(stock[t].names[i], sizeof(stock[t].names[i]), "%.*s", STR(name));
		stock[t].fields[i] =
			(struct tmpl_field){stock[t].names[i], TMPL_TEXT, i * SIZE, NULL};
		type->n++;
		type->size = FIELDS * SIZE;
	}
	return &stock[t].fields[i];
}

static void put_value(struct ctx *c, size_t t, struct str name, const struct json *v, char *data);

/* An object's members as fields of type t, or another value as its field ".". */
static void
put_record(struct ctx *c, size_t t, const struct json *v, char *data)
{
	struct str name;
	const struct json *member;

	if (json_kind(v) != JSON_OBJECT) {
		put_value(c, t, S("."), v, data);
		return;
	}
	for (size_t i = 0; json_member(v, i, &name, &member); i++)
		put_value(c, t, name, member, data);
}

static struct str
scalar(struct ctx *c, const struct json *v)
{
	struct str s = json_str(v);

	if (json_kind(v) != JSON_STRING)
		assert_int_equal(json_write(c, v, &s), OK);
	return s;
}

static void
put_array(struct ctx *c, struct tmpl_field *f, const struct json *v, char *at)
{
	struct tmpl_list *list = (void *)at;
	enum json_kind kind = json_kind(json_at(v, 0));
	bool records = kind == JSON_OBJECT || kind == JSON_ARRAY;
	char *items;
	size_t t;

	list->n = json_len(v);
	items = ctx_calloc(c, list->n + 1, FIELDS * SIZE);
	assert_non_null(items);
	list->items = items;
	f->kind = records ? TMPL_LIST : TMPL_TEXTS;
	t = records ? type_new() : 0;
	f->type = records ? getters[t] : NULL;
	for (size_t i = 0; i < list->n; i++) {
		if (records)
			put_record(c, t, json_at(v, i), items + i * FIELDS * SIZE);
		else
			((struct str *)(void *)items)[i] = scalar(c, json_at(v, i));
	}
}

static void
put_value(struct ctx *c, size_t t, struct str name, const struct json *v, char *data)
{
	struct tmpl_field *f = field_get(t, name);
	char *at = data + f->offset;
	char *record = NULL;
	size_t type;

	switch (json_kind(v)) {
	case JSON_BOOL:
		f->kind = TMPL_FLAG;
		*(bool *)at = json_bool(v);
		break;
	case JSON_ARRAY:
		put_array(c, f, v, at);
		break;
	case JSON_OBJECT:
		record = ctx_calloc(c, FIELDS, SIZE);
		assert_non_null(record);
		/* fall through */
	case JSON_NULL:
		type = type_new();
		f->kind = TMPL_RECORD;
		f->type = getters[type];
		if (record)
			put_record(c, type, v, record);
		memcpy(at, &record, sizeof(record));
		break;
	default:
		f->kind = TMPL_TEXT;
		*(struct str *)(void *)at = scalar(c, v);
		break;
	}
}

/* Whether the test of the specification gives what it says. */
static bool
agrees(struct ctx *c, const struct tempdir *d, const struct json *test)
{
	struct str expected = json_str(json_find(test, S("expected")));
	const struct json *partials = json_find(test, S("partials"));
	const struct json *source;
	struct tmpl_view view = {"view", getters[0]};
	struct tmpl_set *set = NULL;
	struct str name, out = {0};
	char *data = ctx_calloc(c, FIELDS, SIZE);
	char file[64];
	struct buf b;

	tempdir_clear(d);
	tempdir_write(d, "view.html", json_str(json_find(test, S("template"))));
	for (size_t i = 0; json_member(partials, i, &name, &source); i++) {
		(void)snprintf(file, sizeof(file), "%.*s.html", STR(name));
		tempdir_write(d, file, json_str(source));
	}
	assert_non_null(data);
	taken = 0;
	put_record(c, type_new(), json_find(test, S("data")), data);
	buf_init(&b, &c->arena, 64 * 1024);
	if (tmpl_load_with(c, d->path, NULL, &view, 1, true, &set) == OK &&
		tmpl_render(c, set, 0, data, &b) == OK && buf_end(c, &b, &out) == OK &&
		str_eq(out, expected)) {
		tmpl_free(set);
		return true;
	}
	tmpl_free(set);
	print_message("# %.*s: %s\n# expected \"%.*s\"\n# got \"%.*s\"\n",
		STR(json_str(json_find(test, S("name")))), c->err.detail, STR(expected), STR(out));
	return false;
}

static void
module_agrees(const char *name, size_t least)
{
	struct str file = fixture_read(name);
	const struct json *tests, *root;
	struct tempdir d;
	struct ctx c;
	struct ctx work;
	size_t wrong = 0;

	ctx_init(&c, 16 * 1024 * 1024);
	ctx_init(&work, 16 * 1024 * 1024);
	tempdir_init(&d);
	assert_int_equal(json_parse(&c, file, &root), OK);
	tests = json_find(root, S("tests"));
	assert_true(json_len(tests) >= least);
	for (size_t i = 0; i < json_len(tests); i++) {
		wrong += !agrees(&work, &d, json_at(tests, i));
		ctx_reset(&work);
	}
	tempdir_fini(&d);
	ctx_fini(&work);
	ctx_fini(&c);
	fixture_free(file);
	assert_int_equal(wrong, 0);
}

static void
mustache_comments(void **state)
{
	(void)state;
	module_agrees("mustache/comments.json", 12);
}

static void
mustache_delimiters(void **state)
{
	(void)state;
	module_agrees("mustache/delimiters.json", 14);
}

static void
mustache_interpolation(void **state)
{
	(void)state;
	module_agrees("mustache/interpolation.json", 40);
}

static void
mustache_inverted(void **state)
{
	(void)state;
	module_agrees("mustache/inverted.json", 20);
}

static void
mustache_partials(void **state)
{
	(void)state;
	module_agrees("mustache/partials.json", 11);
}

static void
mustache_sections(void **state)
{
	(void)state;
	module_agrees("mustache/sections.json", 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mustache_comments),
		cmocka_unit_test(mustache_delimiters),
		cmocka_unit_test(mustache_interpolation),
		cmocka_unit_test(mustache_inverted),
		cmocka_unit_test(mustache_partials),
		cmocka_unit_test(mustache_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
