/*
 * Text for other readers: JSON strings (RFC 8259 section 7) and mdoc(7) pages. Only for what core
 * itself writes; documents of the web are made on the floor above.
 */
#include "core/priv.h"

#include "base/enc.h"

void
escape_json(struct buf *b, struct str s)
{
	static const char digits[] = "0123456789abcdef";

	buf_putc(b, '"');
	for (size_t at = 0; at < s.n;) {
		unsigned cp = enc_utf8_next(s, &at);

		if (cp == '"' || cp == '\\') {
			buf_putc(b, '\\');
			buf_putc(b, (char)cp);
		} else if (cp < 0x20 || cp == 0x7f) {
			buf_puts(b, "\\u00");
			buf_putc(b, digits[cp >> 4]);
			buf_putc(b, digits[cp & 15]);
		} else {
			enc_utf8_put(b, cp);
		}
	}
	buf_putc(b, '"');
}

void
escape_mdoc(struct buf *b, struct str s)
{
	char last = '\n';

	for (size_t i = 0; i < s.n; i++) {
		/* A sentence begins on a line of its own. */
		char ch = s.p[i] == ' ' && last == '.' ? '\n' : s.p[i];

		if (last == '\n' && (ch == '.' || ch == '\''))
			buf_puts(b, "\\&");
		if (ch == '\\')
			buf_puts(b, "\\e");
		else
			buf_putc(b, ch);
		last = ch;
	}
}
