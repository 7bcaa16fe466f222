/*
 * What files of this floor share with each other and with nobody else.
 */
#ifndef TEXT_PRIV_H
#define TEXT_PRIV_H

#include "base/ctx.h"
#include "text/html.h"

#include <string.h>

/*
 * Most of what is escaped needs no escaping: pages are full of URLs and plain words. So eight bytes are
 * looked at together, all at the price of one or two.
 */
enum { STRIDE = 8 };

static const uint64_t stride_ones = 0x0101010101010101;

static inline uint64_t
stride_load(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Not 0 if one of the eight bytes is. */
static inline uint64_t
stride_zero(uint64_t v)
{
	return (v - stride_ones) & ~v & (stride_ones * 0x80);
}

/* True if none of STRIDE bytes is & < > " or '. (& and ' differ in one bit only, and < and > do.) */
static inline bool
stride_plain(const char *p)
{
	uint64_t v = stride_load(p);

	return (stride_zero((v | stride_ones) ^ (stride_ones * '\'')) |
		stride_zero((v | (stride_ones * 2)) ^ (stride_ones * '>')) |
		stride_zero(v ^ (stride_ones * '"'))) == 0;
}

/* True if none is a control character or outside ASCII. (Of some that are neither, too, it is not.) */
static inline bool
stride_ascii(const char *p)
{
	uint64_t v = stride_load(p);

	return ((v | (v - stride_ones * ' ')) & (stride_ones * 0x80)) == 0;
}

/*
 * What an open file holds, at most max bytes, in a, with a NUL behind it. ERR_TEMPLATE with
 * "path:1: what".
 */
MUST enum err text_file_read(
	struct ctx *c, struct arena *a, int fd, const char *path, size_t max, struct str *out);

/*
 * Judges text by the grammar of RFC 8259 and the limits of json.h, all but duplicate names, and
 * counts the members of all its objects. text must have a NUL behind it. ERR_BAD_JSON with line and
 * column.
 */
MUST enum err json_scan(struct ctx *c, struct str text, size_t *members);

/* What the sanitizer does beside sanitizing. */
struct sanitize_options {
	size_t max_bytes; /* of the input */
	size_t max_tags;
	bool links;  /* bare http and https URLs in the text become links */
	bool breaks; /* line ends inside a paragraph become <br> */
};

/* sanitize_html() with other limits, for HTML that markdown.c has made. */
MUST enum err sanitize_with(
	struct ctx *c, struct str dirty, const struct sanitize_options *o, struct html *out);

/*
 * Counts tags and attributes and guesses at nesting, without a parser: what would be too much for
 * one is refused before it sees it. ERR_CONTENT_TOO_LARGE, ERR_CONTENT_TOO_COMPLEX.
 */
MUST enum err sanitize_guard(struct ctx *c, struct str dirty, const struct sanitize_options *o);

enum sanitize_url { SANITIZE_URL_LINK, SANITIZE_URL_MEDIA };

/*
 * The URL as it may be written into an attribute (still to be escaped): controls and surrounding
 * space removed, of a scheme that is allowed or relative. Empty if it may not.
 */
MUST enum err sanitize_url(struct ctx *c, struct str url, enum sanitize_url kind, struct str *out);

/*
 * Appends text escaped, with what HTML forbids (controls, bad UTF-8) replaced by U+FFFD.
 */
void sanitize_text(struct buf *b, struct str s);

/* sanitize_text(), with its bare URLs as links. */
void sanitize_text_links(struct buf *b, struct str s);

/*
 * Adds up what discount would search, and counts nesting, in linear time. ERR_CONTENT_TOO_COMPLEX,
 * with a hint, for what would take it too long or too deep.
 */
MUST enum err markdown_guard(struct ctx *c, struct str text);

#endif
