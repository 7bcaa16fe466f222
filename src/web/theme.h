/*
 * An owner's theme, looked at before visitors see it: DIR/templates/NAME.html and DIR/static/NAME take
 * the place of the shipped files of these names. A site with a bad file runs on with the shipped one
 * (text/tmpl.h); here everything that is wrong is found at once.
 */
#ifndef WEB_THEME_H
#define WEB_THEME_H

#include "base/buf.h"
#include "base/ctx.h"

enum { THEME_FINDINGS_MAX = 200, THEME_FILES_MAX = 1000, THEME_STYLE_MAX = 1024 * 1024 };

struct theme_finding {
	bool error;		/* the file is not used, or not as it is meant; otherwise a warning */
	struct str file;	/* below the theme's directory; empty: the directory itself */
	unsigned line;		/* from 1; 0: the file as a whole */
	struct str text;
};

struct theme_report {
	struct theme_finding findings[THEME_FINDINGS_MAX];	/* the first ones */
	size_t n, errors;
	size_t templates, statics;	/* of the theme that are used */
};

/*
 * Looks at the theme in dir, which need not be that of the site: templates are bound as at the start,
 * style sheets are read. What it finds is no error. ERR_IO if dir cannot be read, ERR_TEMPLATE if the
 * shipped templates are not good themselves. *out: the caller's, some 10 KiB.
 */
MUST enum err theme_check(struct ctx *c, const char *dir, struct theme_report *out);

/*
 * Looks at a style sheet: braces, comments and texts that do not end, which make browsers skip what
 * follows; addresses of other servers; files that are not there, in dir or among the shipped ones.
 * file: its path below dir, "static/style.css". For theme_check().
 */
MUST enum err theme_style_check(struct ctx *c, const char *dir, struct str file, struct str text,
	struct theme_report *out);

/* Adds a finding; beyond the last nothing but the count of errors. For theme_style_check(). */
MUST enum err theme_find(struct ctx *c, struct theme_report *report, bool error, struct str file,
	unsigned line, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The reference of views, records and fields for starpunk-theme(7). format: "mdoc". */
void theme_docs(const char *format, struct buf *out);

#endif
