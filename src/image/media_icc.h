/*
 * Whether a colour profile (ICC.1) is sRGB in all but name, in starpunk-media: then it can be left
 * out, since sRGB is what a picture without profile is shown in.
 */
#ifndef IMAGE_MEDIA_ICC_H
#define IMAGE_MEDIA_ICC_H

#include <stdbool.h>
#include <stddef.h>

/* The same primaries and nearly the same curve. False for anything that cannot be read. */
bool media_icc_is_srgb(const unsigned char *p, size_t n);

#endif
