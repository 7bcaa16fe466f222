/*
 * The blocks of a GIF: header, screen and its colours, then extensions and frames up to the
 * trailer. The data of both is a row of sub-blocks that begin with their length; an empty one ends
 * it.
 */
#include "image/media_gif.h"

#include "image/media.h"

/* The colours that the flags of a screen or a frame announce, in bytes. */
static int64_t
colours(unsigned char flags)
{
	return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

/* Goes on behind the sub-blocks at *at; false: the file ends first. */
static bool
skip_data(int64_t *at)
{
	unsigned char length;

	do {
		if (!media_read(*at, &length, 1))
			return false;
		*at += 1 + length;
	} while (length > 0);
	return true;
}

/* The same for a frame: place, size and flags, its own colours, the code size, the data. */
static bool
skip_frame(int64_t *at)
{
	unsigned char place[9];

	if (!media_read(*at, place, sizeof(place)))
		return false;
	*at += (int64_t)sizeof(place) + colours(place[8]) + 1;
	return skip_data(at);
}

bool
media_gif_is_whole(void)
{
	unsigned char head[13], kind;
	int64_t at = sizeof(head);

	if (!media_read(0, head, sizeof(head)))
		return false;
	at += colours(head[10]);
	while (media_read(at++, &kind, 1)) {
		if (kind == ';')
			return true;
		if (kind == '!') {
			at++; /* which extension it is */
			if (!skip_data(&at))
				return false;
		} else if (kind != ',' || !skip_frame(&at)) {
			return false;
		}
	}
	return false;
}
