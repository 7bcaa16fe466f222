/*
 * Writing pictures, in starpunk-media: one way to write each format, without any metadata, to the
 * output.
 */
#ifndef IMAGE_MEDIA_SAVE_H
#define IMAGE_MEDIA_SAVE_H

#include "image/media.h"

struct _VipsImage;

/*
 * How good: SAVE_KEEP for a picture that replaces an upload, so that nobody sees a difference;
 * SAVE_SHOW for one that is shown at its size.
 */
enum save_quality { SAVE_KEEP, SAVE_SHOW };

/*
 * Writes all frames of the image, or the one, in that form's format. lossless: for WebP. Sets width
 * and height. MEDIA_DISK; MEDIA_BROKEN if its pixels, which are fetched now, cannot be decoded.
 */
enum media_verdict media_save(struct media *m, struct _VipsImage *image, enum media_form form,
	enum save_quality quality, bool lossless);

#endif
