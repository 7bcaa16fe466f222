/*
 * JPEG without loss, in starpunk-media: the coefficients of an upload are turned and written anew as
 * they are, so that no quality goes, and none of its metadata comes with them.
 */
#ifndef IMAGE_MEDIA_JPEG_H
#define IMAGE_MEDIA_JPEG_H

#include "image/media.h"

struct jpeg {
	const unsigned char *p;	/* the file */
	size_t n;
	int orientation;	/* as EXIF has it: 1 (upright) to 8 */
};

/*
 * True if it can be done: a colour space that every browser knows, and no more than 192 MiB of
 * coefficients. Of the picture's header only.
 */
bool media_jpeg_suits(const struct jpeg *jpeg);

/* Does it. Rows or columns that do not fill a block, up to 15, go where they cannot be turned. */
enum media_verdict media_jpeg_write(struct media *m, const struct jpeg *jpeg);

#endif
