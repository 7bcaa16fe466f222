/*
 * Defines what view.h declares: the types of the templates' data and view_table. Included by
 * exactly one .c of a program.
 *
 * Each record's type comes out of a function, because only a function gives the fields a scope in
 * which "self" can name the record they stand in.
 */
#ifndef TEXT_VIEW_BIND_H
#define TEXT_VIEW_BIND_H

#include "text/view.h"

#include <stddef.h>

#define RECORD(name, rows) \
	const struct tmpl_type * \
	view_##name##_type(void) \
	{ \
		typedef struct view_##name self; \
		static const struct tmpl_field fields[] = {rows}; \
		static const struct tmpl_type type = { \
			#name, fields, sizeof(fields) / sizeof(fields[0]), sizeof(self)}; \
		return &type; \
	}
#define VIEW(sym, file, record, doc)
#define V_TEXT(x, doc) {#x, TMPL_TEXT, offsetof(self, x), NULL},
#define V_HTML(x, doc) {#x, TMPL_HTML, offsetof(self, x), NULL},
#define V_FLAG(x, doc) {#x, TMPL_FLAG, offsetof(self, x), NULL},
#define V_NUMBER(x, doc) {#x, TMPL_NUMBER, offsetof(self, x), NULL},
#define V_RECORD(x, other, doc) {#x, TMPL_RECORD, offsetof(self, x), view_##other##_type},
#define V_LIST(x, other, doc) {#x, TMPL_LIST, offsetof(self, x), view_##other##_type},
#define V_TEXTS(x, doc) {#x, TMPL_TEXTS, offsetof(self, x), NULL},
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

const struct tmpl_view view_table[VIEW__MAX] = {
#define RECORD(name, fields)
#define VIEW(sym, file, record, doc) {file, view_##record##_type},
#include VIEW_TABLE
#undef RECORD
#undef VIEW
};

#endif
