/*
 * The blocks of a GIF (GIF89a specification), in starpunk-media: whether they go on to the trailer.
 * Decoders show the frames that are there of a file that was cut short, and say nothing.
 */
#ifndef IMAGE_MEDIA_GIF_H
#define IMAGE_MEDIA_GIF_H

#include <stdbool.h>

/* Of the file; frames are not decoded. */
bool media_gif_is_whole(void);

#endif
