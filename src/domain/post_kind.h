/*
 * What the types of posts are called, and where their lists are: tables/types.def as data. Which type a
 * post has is post type discovery's to say (post_type_discover()).
 */
#ifndef DOMAIN_POST_KIND_H
#define DOMAIN_POST_KIND_H

#include "base/str.h"

/* All static. */
struct post_kind {
	struct str type;	/* "note" */
	struct str path;	/* of the list, without a slash: "notes" */
	struct str plural;	/* "Notes" */
	struct str singular;	/* "Note" */
};

extern const struct post_kind post_kinds[];
extern const size_t post_n_kinds;

/* The row of a type, of a list's path; NULL if there is none. */
const struct post_kind *post_kind_find(struct str type);
const struct post_kind *post_kind_of_path(struct str path);

#endif
