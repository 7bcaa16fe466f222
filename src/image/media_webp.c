/*
 * The container of WebP: "RIFF", a length, "WEBP", then chunks of a name, a length and as many
 * bytes, padded to an even number. VP8X, if there, is the first, and its flags name what follows.
 */
#include "image/media_webp.h"

#include <string.h>

enum {
	HEAD = 12,         /* of the file */
	CHUNK = 8,         /* of a chunk */
	FRAME = 16,        /* of an ANMF chunk: chunks of the frame follow */
	CHUNKS_MAX = 1000, /* before the first frame, then it is given up on */
	FLAG_ICCP = 0x20,
	FLAG_EXIF = 0x08,
	FLAG_XMP = 0x04,
};

static uint32_t
little(const unsigned char *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool
is(const unsigned char *chunk, const char *name)
{
	return memcmp(chunk, name, 4) == 0;
}

bool
media_webp_is_lossless(void)
{
	unsigned char h[CHUNK];
	int64_t at = HEAD;

	for (int i = 0; i < CHUNKS_MAX && media_read(at, h, sizeof(h)); i++) {
		if (is(h, "VP8L"))
			return true;
		if (is(h, "VP8 "))
			return false;
		at += CHUNK;
		at += is(h, "ANMF") ? FRAME : (int64_t)little(h + 4) + (little(h + 4) & 1);
	}
	return false;
}

enum media_verdict
media_webp_write(struct media *m, unsigned char *p, size_t n)
{
	size_t at = HEAD, to = HEAD;

	while (at + CHUNK <= n) {
		size_t size = CHUNK + (size_t)little(p + at + 4) + (little(p + at + 4) & 1);
		bool dropped = is(p + at, "EXIF") || is(p + at, "XMP ") || is(p + at, "ICCP");

		if (size > n - at)
			return media_refuse(m, MEDIA_BROKEN, "the encoder wrote a broken WebP");
		if (is(p + at, "VP8X"))
			p[at + CHUNK] &= (unsigned char)~(FLAG_ICCP | FLAG_EXIF | FLAG_XMP);
		if (!dropped)
			memmove(p + to, p + at, size);
		to += dropped ? 0 : size;
		at += size;
	}
	for (size_t i = 0; i < 4; i++)
		p[4 + i] = (unsigned char)((to - 8) >> 8 * i);
	return media_write(m, p, to);
}
