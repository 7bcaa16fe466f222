/*
 * The container of WebP (RFC 9649), in starpunk-media: how a picture was coded, and leaving out what
 * is not picture.
 */
#ifndef IMAGE_MEDIA_WEBP_H
#define IMAGE_MEDIA_WEBP_H

#include "image/media.h"

/* Whether its first frame was coded without loss. Of the file, which may be broken. */
bool media_webp_is_lossless(void);

/*
 * Writes an encoder's n bytes without the EXIF, XMP and ICCP chunks: libvips makes an EXIF chunk
 * even if it is told not to.
 */
enum media_verdict media_webp_write(struct media *m, unsigned char *p, size_t n);

#endif
