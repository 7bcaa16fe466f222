/*
 * Whether a film, a sound or a PDF is whole: boxes of ISO/IEC 14496-12, elements of Matroska (RFC
 * 9559), frames of MPEG audio behind an ID3 tag, pages of Ogg (RFC 3533), chunks of RIFF, the end
 * of a PDF (ISO 32000 section 7.5.5).
 */
#include "image/media_form.h"

#include <string.h>

enum { STEPS_MAX = 10000 }; /* pieces that are looked at before the rest is believed */

static uint64_t
big(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

static uint64_t
little(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* Boxes from end to end of the file, a moov among them. */
static bool
boxes_whole(const struct media *m)
{
	unsigned char h[16];
	bool moov = false;
	uint64_t left = (uint64_t)m->bytes;

	for (int step = 0; left > 0 && step < STEPS_MAX; step++) {
		uint64_t size, head = 8;
		int64_t at = m->bytes - (int64_t)left;

		if (left < 8 || !media_read(at, h, 8))
			return false;
		size = big(h, 4);
		if (size == 1) {
			head = 16;
			if (left < 16 || !media_read(at, h, 16))
				return false;
			size = big(h + 8, 8);
		} else if (size == 0) { /* up to the end */
			size = left;
		}
		if (size < head || size > left)
			return false;
		moov = moov || memcmp(h + 4, "moov", 4) == 0;
		left -= size;
	}
	return moov;
}

/*
 * An element's length at *at, which moves behind it; false: none. All ones mean "not known", for
 * which a stream is written: then it is the rest of the file.
 */
static bool
ebml_length(const struct media *m, int64_t *at, int64_t *length)
{
	unsigned char b[8];
	size_t n = 1;
	uint64_t most;

	if (!media_read(*at, b, 1) || b[0] == 0)
		return false;
	while (!(b[0] & 0x80 >> (n - 1)))
		n++;
	if (!media_read(*at, b, n))
		return false;
	most = ((uint64_t)1 << 7 * n) - 1;
	*at += (int64_t)n;
	*length = (big(b, n) & most) == most ? m->bytes - *at : (int64_t)(big(b, n) & most);
	return true;
}

/* An EBML header and a segment that is all there. */
static bool
ebml_whole(const struct media *m)
{
	unsigned char id[4];
	int64_t at = 4, length = 0;

	if (!ebml_length(m, &at, &length) || length > m->bytes)
		return false;
	at += length;
	if (!media_read(at, id, 4) || big(id, 4) != 0x18538067)
		return false;
	at += 4;
	return ebml_length(m, &at, &length) && length > 0 && length <= m->bytes - at;
}

/* A frame's header, at once or behind an ID3 tag and some padding. */
static bool
mpeg_whole(const struct media *m)
{
	unsigned char h[10], f[2];
	int64_t at = 0;

	if (!media_read(0, h, sizeof(h)))
		return false;
	if (memcmp(h, "ID3", 3) == 0)
		at = 10 + (h[6] & 0x7f) * (int64_t)2097152 + (h[7] & 0x7f) * 16384 +
		     (h[8] & 0x7f) * 128 + (h[9] & 0x7f);
	for (int64_t end = at + 4096; at < end && at < m->bytes - 1 && media_read(at, f, 2); at++)
		if (f[0] == 0xff && (f[1] & 0xe0) == 0xe0 && (f[1] & 0x06) != 0)
			return true;
	return false;
}

/* Pages from end to end of the file. */
static bool
ogg_whole(const struct media *m)
{
	unsigned char h[27], table[255];
	int64_t at = 0;

	for (int step = 0; at < m->bytes && step < STEPS_MAX; step++) {
		if (!media_read(at, h, sizeof(h)) || memcmp(h, "OggS", 5) != 0 ||
			!media_read(at + 27, table, h[26]))
			return false;
		at += 27 + h[26];
		for (int i = 0; i < h[26]; i++)
			at += table[i];
	}
	return at > 0 && at <= m->bytes;
}

/*
 * A format and data that are all there. Programs that stream write 0 or all ones as the length of
 * what comes last.
 */
static bool
riff_whole(const struct media *m)
{
	unsigned char h[8];
	bool format = false;
	int64_t at = 12;

	for (int step = 0; step < STEPS_MAX && media_read(at, h, sizeof(h)); step++) {
		int64_t length = (int64_t)little(h + 4, 4);

		at += 8;
		if (memcmp(h, "data", 4) == 0)
			return format && (length == 0xffffffff || length <= m->bytes - at);
		format = format || memcmp(h, "fmt ", 4) == 0;
		at += length + (length & 1);
	}
	return false;
}

/* The mark of the end, among the last bytes. */
static bool
pdf_whole(const struct media *m)
{
	char tail[2048];
	size_t n = m->bytes < (int64_t)sizeof(tail) ? (size_t)m->bytes : sizeof(tail);

	return media_read(m->bytes - (int64_t)n, tail, n) && memmem(tail, n, "%%EOF", 5);
}

enum media_verdict
media_form(struct media *m)
{
	static bool (*const whole[])(const struct media *m) = {
		[FORM_BOXES] = boxes_whole,
		[FORM_EBML] = ebml_whole,
		[FORM_MPEG] = mpeg_whole,
		[FORM_OGG] = ogg_whole,
		[FORM_RIFF] = riff_whole,
		[FORM_PDF] = pdf_whole,
	};

	if (!whole[m->form](m))
		return media_refuse(m, MEDIA_BROKEN, "its structure does not reach its end");
	return MEDIA_OK;
}
