/*
 * The C side of the templates' data, made out of tables/views.def:
 *
 *	RECORD(name, FIELDS)			struct view_<name>
 *	VIEW(SYM, "file", record, "doc")	VIEW_<SYM>: file.html, bound to struct view_<record>
 *
 * with FIELDS written one behind the other, without commas:
 *
 *	V_TEXT(x, "doc")	struct str x		escaped
 *	V_HTML(x, "doc")	struct html x		raw, {{{x}}}
 *	V_FLAG(x, "doc")	bool x
 *	V_NUMBER(x, "doc")	int64_t x
 *	V_RECORD(x, other, "doc")	const struct view_<other> *x; NULL is absent
 *	V_LIST(x, other, "doc")	struct tmpl_list x of struct view_<other>
 *	V_TEXTS(x, "doc")	struct tmpl_list x of struct str
 *
 * A handler fills a struct view_<record> and calls tmpl_render(c, set, VIEW_<SYM>, &data, &b). The
 * set is loaded from view_table, whose order is that of enum view; view_bind.h defines it.
 */
#ifndef TEXT_VIEW_H
#define TEXT_VIEW_H

#include "text/tmpl.h"

/* Tests bind a table of their own. */
#ifndef VIEW_TABLE
#define VIEW_TABLE "tables/views.def"
#endif

#define RECORD(name, fields) struct view_##name { fields };
#define VIEW(sym, file, record, doc)
#define V_TEXT(x, doc) struct str x;
#define V_HTML(x, doc) struct html x;
#define V_FLAG(x, doc) bool x;
#define V_NUMBER(x, doc) int64_t x;
#define V_RECORD(x, other, doc) const struct view_##other *x;
#define V_LIST(x, other, doc) struct tmpl_list x;
#define V_TEXTS(x, doc) struct tmpl_list x;
#include VIEW_TABLE
#undef RECORD
#undef VIEW
#undef V_TEXT
#undef V_HTML
#undef V_FLAG
#undef V_NUMBER
#undef V_RECORD
#undef V_LIST
#undef V_TEXTS

#define RECORD(name, fields) const struct tmpl_type *view_##name##_type(void);
#define VIEW(sym, file, record, doc)
#include VIEW_TABLE
#undef RECORD
#undef VIEW

enum view {
#define RECORD(name, fields)
#define VIEW(sym, file, record, doc) VIEW_##sym,
#include VIEW_TABLE
#undef RECORD
#undef VIEW
	VIEW__MAX
};

extern const struct tmpl_view view_table[VIEW__MAX];

#endif
