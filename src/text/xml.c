/*
 * Escaping for XML 1.0 (section 2.2 says which characters a document may hold). A writer that
 * passes one forbidden byte on makes a feed that no reader can open.
 */
#include "text/xml.h"

#include "base/enc.h"

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

void
xml_escape(struct buf *b, struct str s)
{
	size_t run = 0;

	for (size_t at = 0; at < s.n;) {
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
		if (e.n == 0)
			continue;
		buf_put(b, str_n(s.p + run, from - run));
		buf_put(b, e);
		run = at;
	}
	if (run < s.n)
		buf_put(b, str_n(s.p + run, s.n - run));
}
