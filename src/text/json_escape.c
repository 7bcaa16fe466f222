/*
 * Strings of JSON (RFC 8259 section 7) that are written as they come, into documents that are
 * streamed.
 */
#include "text/json.h"

#include "base/enc.h"

/* Bytes that stand for themselves: nearly all there are. Others are looked at closely. */
static bool
plain(unsigned char ch)
{
	return ch >= ' ' && ch < 0x7F && ch != '"' && ch != '\\';
}

static void
character_put(struct buf *b, unsigned ch)
{
	if (ch == '"' || ch == '\\')
		buf_printf(b, "\\%c", (char)ch);
	else if (ch == '\n')
		buf_puts(b, "\\n");
	else if (ch < ' ' || ch == 0x7F)
		buf_printf(b, "\\u%04x", ch);
	else
		enc_utf8_put(b, ch);
}

void
json_escape(struct buf *b, struct str s)
{
	buf_putc(b, '"');
	for (size_t at = 0; at < s.n;) {
		size_t from = at;

		while (at < s.n && plain((unsigned char)s.p[at]))
			at++;
		buf_put(b, str_sub(s, from, at));
		if (at < s.n)
			character_put(b, enc_utf8_next(s, &at));
	}
	buf_putc(b, '"');
}
