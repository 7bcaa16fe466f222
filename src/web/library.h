/*
 * What both pages of the media library show of a file.
 */
#ifndef WEB_LIBRARY_H
#define WEB_LIBRARY_H

#include "web/priv.h"

enum { LIBRARY_USES_BRIEF = 1, LIBRARY_USES = 100 };

/* A file with at most `uses` of the posts that show it. *out is zeroed before. */
MUST enum err library_file_fill(struct ctx *c, struct db *db, const struct media_row *row,
	size_t uses, struct view_file *out);

#endif
