/*
 * The smaller pictures of an upload, for small screens: 480, 960 and 1600 pixels wide as far as the
 * picture itself is wider, each as WebP, and as JPEG too if it is one. They lie beside it in
 * media_path: of "2026/abc.jpg" they are "2026/abc-480.webp", "2026/abc-480.jpg" and so on. A page
 * may name those of a width once media_row.sizes has that width; then all its files are there.
 *
 * They are made after the upload was answered, by the courier, from a job of kind "sizes".
 */
#ifndef DOMAIN_SIZES_H
#define DOMAIN_SIZES_H

#include "store/media.h"

/*
 * Asks for them; does nothing for what is no picture or too narrow. Not to be called for a picture
 * that moves (image_info). Inside the write transaction that inserts the row.
 */
MUST enum err sizes_order(struct ctx *c, struct db *db, const struct media_row *row);

/* The name of one of them, which need not be there: webp or, else, jpeg. */
MUST enum err sizes_name(struct ctx *c, struct str name, int64_t width, bool webp, struct str *out);

/* Is handed each file that the sizes of a row promise, by name. What it returns ends the walk if it is not OK. */
typedef enum err sizes_fn(struct ctx *c, void *self, struct str name);
MUST enum err sizes_each(
	struct ctx *c, struct str name, struct str type, struct str sizes, sizes_fn *fn, void *self);

/*
 * Makes the first one that is missing; *more: there may be others. When none is, the row's sizes
 * are set and *more is false, as it is when there is no such row any more. The failures of
 * image_resize(), and ERR_IO, ERR_DISK_FULL for the file.
 */
MUST enum err sizes_step(struct ctx *c, struct db *db, int64_t media_id, bool *more);

/* Removes them all, whichever there are; for whoever removes the picture of that name. ERR_IO. */
MUST enum err sizes_remove(struct ctx *c, struct str name);

#endif
