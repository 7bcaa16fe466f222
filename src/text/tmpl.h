/*
 * Templates: mustache (the six core modules of the specification 1.4: comments, delimiters,
 * interpolation, sections, inverted, partials), without lambdas, files or code in data.
 *
 * Data is described by a struct tmpl_type: an array of fields with name, kind and offset into a C
 * struct (view.h makes them out of tables/views.def). Every name in a template is resolved against
 * these when the set is loaded: an unknown name, a missing file, {{{raw}}} of something that is not
 * HTML, are errors with file and line, at start and not on some visitor's page.
 *
 *	{{x}}    escaped    {{{x}}} {{&x}} raw, fields of kind HTML only
 *	{{#x}}…{{/x}} {{^x}}…{{/x}}   list, flag, text or record     {{.}}  item of a list of texts
 *	{{>name}} partial    {{a.b}}  field of a record    {{=<% %>=}}  delimiters
 *	{{_}}Older <b>posts</b>{{/_}}  a text, {{_ verb}}Like{{/_}} one in a context: it is read in the
 *	language of c->words when the set is loaded (words.h), tags and all; with two braces only
 */
#ifndef TEXT_TMPL_H
#define TEXT_TMPL_H

#include "base/buf.h"
#include "text/html.h"

enum tmpl_kind {
	TMPL_TEXT,   /* struct str; escaped */
	TMPL_HTML,   /* struct html; raw */
	TMPL_FLAG,   /* bool */
	TMPL_NUMBER, /* int64_t */
	TMPL_RECORD, /* pointer to the struct of .type; NULL is absent */
	TMPL_LIST,   /* struct tmpl_list of structs of .type */
	TMPL_TEXTS,  /* struct tmpl_list of struct str */
	TMPL__MAX
};

struct tmpl_type;

struct tmpl_field {
	const char *name;
	enum tmpl_kind kind;
	size_t offset;
	const struct tmpl_type *(*type)(void); /* of RECORD and LIST; NULL otherwise */
};

struct tmpl_type {
	const char *name;
	const struct tmpl_field *fields;
	size_t n;
	size_t size; /* of the C struct */
};

struct tmpl_list {
	const void *items; /* array of structs (LIST) or of struct str (TEXTS) */
	size_t n;
};

/* A set of parsed templates; immutable after loading, shared by threads. */
struct tmpl_set;

/* What a template of the set is bound to: file "NAME.html" and the type of its data. */
struct tmpl_view {
	const char *name;
	const struct tmpl_type *(*type)(void);
};

/*
 * Loads the views and every partial they name from dir, or from theme (may be NULL or "") where it
 * has a file of that name. A bad file of theme is reported as template_fallback and the shipped one
 * used; a bad shipped one is ERR_TEMPLATE with "file:line: what" as detail. Heap; tmpl_free().
 */
MUST enum err tmpl_load(struct ctx *c, const char *dir, const char *theme,
	const struct tmpl_view *views, size_t n, struct tmpl_set **out);
void tmpl_free(struct tmpl_set *s);

/* Who is told of the files of a theme; name without ".html", problem "file:line: what". */
struct tmpl_judge {
	void (*used)(void *self, struct str name);
	void (*refused)(void *self, struct str name, struct str problem);
	void *self;
};

/*
 * Loads as tmpl_load() does and keeps nothing: the judge is told, instead of the log, of every file of
 * theme that is not good, with its first mistake, and of every one that would be used.
 */
MUST enum err tmpl_check(struct ctx *c, const char *dir, const char *theme,
	const struct tmpl_view *views, size_t n, const struct tmpl_judge *judge);

/* The same for sets of the same files: a part of the entity tag of what is made with them. */
uint64_t tmpl_digest(const struct tmpl_set *s);

/*
 * Renders view number i with data (a struct of its type) into b, and adds the time it took to the
 * facts and the render histogram. ERR_TEMPLATE when a limit (depth 50, evaluations) is reached.
 */
MUST enum err tmpl_render(
	struct ctx *c, const struct tmpl_set *s, size_t i, const void *data, struct buf *b);

#endif
