/*
 * Pictures, in starpunk-media: decoding to the end, turning upright, converting to sRGB, dropping
 * everything that is not pixels, making smaller ones. By libvips, one thread deep; of a build
 * without pictures there is media_none.c instead, which refuses them.
 */
#ifndef IMAGE_MEDIA_PICTURE_H
#define IMAGE_MEDIA_PICTURE_H

#include "image/media.h"

struct picture_size {
	int64_t width;		/* pixels */
	const char *format;	/* "webp", "jpeg", "png"; "icon", "mask": square PNGs */
};

/* Before the jail: loads what is needed later, and takes descriptor 0. False: it cannot be had. */
bool picture_load(struct media *m);

bool picture_format(const char *format);

/* m->form is a picture's. Write the output, set m->width, m->height and, for a size, m->type. */
enum media_verdict picture_prepare(struct media *m);
enum media_verdict picture_resize(struct media *m, const struct picture_size *size);

#endif
