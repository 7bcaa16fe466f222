/*
 * Writing XML 1.0 (section 2.2 says which characters a document may hold). A writer that
 * passes one forbidden byte on makes a feed that no reader can open.
 */
#include "text/xml.h"

#include "base/enc.h"
#include "text/priv.h"

static bool
allowed(unsigned ch)
{
	if (ch < 0x20)
		return ch == '\t' || ch == '\n' || ch == '\r';
	return ch != 0xFFFE && ch != 0xFFFF;
}

/* What an ASCII character becomes; empty: itself. CR would be read back as LF. */
static struct str
escape(unsigned ch)
{
	switch (ch) {
	case '&':
		return S("&amp;");
	case '<':
		return S("&lt;");
	case '>':
		return S("&gt;");
	case '"':
		return S("&quot;");
	case '\'':
		return S("&#39;");
	case '\r':
		return S("&#13;");
	default:
		return S("");
	}
}

/* Bytes that stand for themselves: nearly all there are. Others are looked at closely. */
static bool
plain(unsigned char ch)
{
	return ch >= ' ' && ch < 0x7F && ch != '&' && ch != '<' && ch != '>' && ch != '"' &&
	       ch != '\'';
}

/* How many of the bytes from at on stand for themselves, in whole strides. */
static size_t
plain_strides(struct str s, size_t at)
{
	size_t from = at;

	while (s.n - at >= STRIDE && stride_plain(s.p + at) && stride_ascii(s.p + at))
		at += STRIDE;
	return at - from;
}

void
xml_escape(struct buf *b, struct str s)
{
	size_t run = 0;

	for (size_t at = plain_strides(s, 0); at < s.n;) {
		size_t from = at;
		struct str e;
		unsigned ch;

		if (plain((unsigned char)s.p[at])) {
			at++;
			continue;
		}
		ch = enc_utf8_next(s, &at);
		e = escape(ch);
		/* U+FFFD is either what stands there or what replaces it: the same bytes. */
		if (!allowed(ch) || ch == 0xFFFD)
			e = S("\xEF\xBF\xBD");
		if (e.n > 0) {
			buf_put(b, str_n(s.p + run, from - run));
			buf_put(b, e);
			run = at;
		}
		at += plain_strides(s, at);
	}
	if (run < s.n)
		buf_put(b, str_n(s.p + run, s.n - run));
}

size_t
xml_length(struct str s)
{
	size_t n = s.n;

	for (size_t i = plain_strides(s, 0); i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		/* What is not ASCII may be a malformed byte, which becomes three. */
		if (plain(ch))
			continue;
		n += ch < 0x80 ? 5 : 2;
		i += plain_strides(s, i + 1);
	}
	return n;
}

void
xml_declare(struct buf *b, struct str style)
{
	buf_puts(b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
	if (style.n == 0)
		return;
	buf_puts(b, "<?xml-stylesheet type=\"text/css\" href=\"");
	xml_escape(b, style);
	buf_puts(b, "\"?>\n");
}

void
xml_begin(struct buf *b, const char *name)
{
	buf_putc(b, '<');
	buf_puts(b, name);
}

void
xml_attribute(struct buf *b, const char *name, struct str value)
{
	buf_putc(b, ' ');
	buf_puts(b, name);
	buf_puts(b, "=\"");
	xml_escape(b, value);
	buf_putc(b, '"');
}

void
xml_content(struct buf *b)
{
	buf_putc(b, '>');
}

void
xml_empty(struct buf *b)
{
	buf_puts(b, "/>\n");
}

void
xml_end(struct buf *b, const char *name)
{
	buf_puts(b, "</");
	buf_puts(b, name);
	buf_puts(b, ">\n");
}

void
xml_element(struct buf *b, const char *name, struct str text)
{
	xml_begin(b, name);
	xml_content(b);
	xml_escape(b, text);
	xml_end(b, name);
}
