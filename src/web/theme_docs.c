/*
 * What templates may name, for starpunk-theme(7): the rows of tables/views.def once more, with the texts
 * that their types have no use for.
 */
#include "web/theme.h"

#include <assert.h>
#include <stdio.h>

struct field {
	const char *name, *kind, *record, *doc;
};

struct record {
	const char *name;
	const struct field *fields;
	size_t n;
};

#define V_TEXT(x, doc) {#x, "text", "", doc},
#define V_HTML(x, doc) {#x, "HTML", "", doc},
#define V_FLAG(x, doc) {#x, "flag", "", doc},
#define V_NUMBER(x, doc) {#x, "number", "", doc},
#define V_RECORD(x, other, doc) {#x, "record", #other, doc},
#define V_LIST(x, other, doc) {#x, "list of", #other, doc},
#define V_TEXTS(x, doc) {#x, "list of texts", "", doc},
#define VIEW(sym, file, record, doc)
#define RECORD(name, rows) static const struct field fields_of_##name[] = {rows};
#include "tables/views.def"
#undef RECORD
#define RECORD(name, rows) {#name, fields_of_##name, sizeof(fields_of_##name) / sizeof(struct field)},
static const struct record records[] = {
#include "tables/views.def"
};
#undef RECORD
#undef VIEW

static const struct {
	const char *file, *record, *doc;
} views[] = {
#define RECORD(name, rows)
#define VIEW(sym, file, record, doc) {file, #record, doc},
#include "tables/views.def"
#undef RECORD
#undef VIEW
};

static void
put_record(struct buf *out, const struct record *r)
{
	buf_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", r->name);
	for (size_t i = 0; i < r->n; i++) {
		const struct field *f = &r->fields[i];

		buf_printf(out, ".It Ic %s Pq %s%s%s\n", f->name, f->kind, f->record[0] ? " " : "",
			f->record);
		buf_printf(out, "%s.\n", f->doc);
	}
	buf_puts(out, ".El\n");
}

void
theme_docs(const char *format, struct buf *out)
{
	assert(str_eq(str_z(format), S("mdoc")));
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++)
		buf_printf(out, ".It Pa %s Pq %s\n%s\n", views[i].file, views[i].record,
			views[i].doc);
	buf_puts(out, ".El\n");
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		put_record(out, &records[i]);
}
