/*
 * The files of share/static that pages name, and the versions that make them good for ever.
 */
#ifndef WEB_STATIC_H
#define WEB_STATIC_H

#include "base/ctx.h"

struct ctx;
struct web;

/* Files of share/static that pages name. */
enum static_file {
	STATIC_NONE,
#define STATIC(sym, file) STATIC_##sym,
#include "tables/statics.def"
#undef STATIC
	STATIC__MAX
};

/*
 * Fills w->statics: "/static/style.css?v=…", whose version is a digest of the file of that name in the
 * theme, or else of the shipped one, so it may be cached for ever. Without either there is no version.
 * A path and not a URL, so that it is of the page's own origin, whatever name of this machine the page
 * was asked for by. After w->origin is known; texts in w's arena.
 */
MUST enum err statics_init(struct ctx *c, struct web *w);

#endif
