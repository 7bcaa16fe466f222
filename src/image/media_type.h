/*
 * What a file is, by its content: libmagic on its first bytes, against the list of what is
 * accepted. Its name and what a client says of it play no part.
 */
#ifndef IMAGE_MEDIA_TYPE_H
#define IMAGE_MEDIA_TYPE_H

#include "image/media.h"

struct magic_set;

/* libmagic with its table loaded, for the life of the process; NULL: it has none. */
struct magic_set *media_type_load(void);

/* Sets m->type and m->form. MEDIA_OK or MEDIA_TYPE. */
enum media_verdict media_type(struct media *m, struct magic_set *magic);

#endif
