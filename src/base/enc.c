/*
 * Hexadecimal, base64url, percent-encoding, UTF-8.
 */
#include "base/enc.h"

static const char hex_digits[] = "0123456789abcdef";

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void
enc_hex(const void *p, size_t n, char *out)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = hex_digits[u[i] >> 4];
		out[2 * i + 1] = hex_digits[u[i] & 15];
	}
	out[2 * n] = '\0';
}

bool
enc_hex_parse(struct str s, void *out, size_t n)
{
	unsigned char *u = out;

	if (s.n != 2 * n)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (hex_value(s.p[i]) < 0)
			return false;
	for (size_t i = 0; i < n; i++)
		u[i] = (unsigned char)(hex_value(s.p[2 * i]) << 4 | hex_value(s.p[2 * i + 1]));
	return true;
}

static void
put_base64(struct buf *b, const void *p, size_t n, const char *alphabet)
{
	const unsigned char *u = p;

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)u[i] << 16;

		if (i + 1 < n)
			v |= (unsigned)u[i + 1] << 8;
		if (i + 2 < n)
			v |= u[i + 2];
		buf_putc(b, alphabet[v >> 18]);
		buf_putc(b, alphabet[v >> 12 & 63]);
		if (i + 1 < n)
			buf_putc(b, alphabet[v >> 6 & 63]);
		if (i + 2 < n)
			buf_putc(b, alphabet[v & 63]);
	}
}

void
enc_base64(struct buf *b, const void *p, size_t n)
{
	put_base64(b, p, n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
	for (size_t i = n; i % 3 != 0; i++)
		buf_putc(b, '=');
}

void
enc_base64url(struct buf *b, const void *p, size_t n)
{
	put_base64(b, p, n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

/* The six bits that a character of base64url stands for; 64 if it is none. */
static unsigned
base64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 52;
	return c == '-' ? 62 : c == '_' ? 63 : 64;
}

bool
enc_base64url_parse(struct arena *a, struct str s, struct str *out)
{
	unsigned char *p;
	unsigned v = 0, bits = 0;
	size_t n = 0;

	if (s.n % 4 == 1)
		return false;
	p = arena_alloc(a, s.n + 1);
	for (size_t i = 0; p && i < s.n; i++) {
		unsigned six = base64url_value(s.p[i]);

		if (six > 63)
			return false;
		v = (v << 6 | six) & 0xfff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			p[n++] = (unsigned char)(v >> bits);
		}
	}
	if (!p || v & ((1u << bits) - 1))
		return false;
	*out = str_n((const char *)p, n);
	return true;
}

void
enc_base32(struct buf *b, const void *p, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const unsigned char *u = p;
	unsigned v = 0, bits = 0;

	for (size_t i = 0; i < n; i++) {
		v = (v << 8 | u[i]) & 0xfff;
		for (bits += 8; bits >= 5; bits -= 5)
			buf_putc(b, alphabet[v >> (bits - 5) & 31]);
	}
	if (bits > 0)
		buf_putc(b, alphabet[v << (5 - bits) & 31]);
}

static bool
unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '.' || c == '_' || c == '~';
}

void
enc_percent(struct buf *b, struct str s, struct str keep)
{
	size_t run = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char u = (unsigned char)s.p[i];
		char code[] = {'%', "0123456789ABCDEF"[u >> 4], "0123456789ABCDEF"[u & 15]};

		if (unreserved(s.p[i]) || str_find(keep, s.p[i], 0) < keep.n)
			continue;
		buf_put(b, str_n(s.p + run, i - run));
		buf_put(b, str_n(code, sizeof(code)));
		run = i + 1;
	}
	if (run < s.n)
		buf_put(b, str_n(s.p + run, s.n - run));
}

bool
enc_percent_parse(struct arena *a, struct str s, bool plus, struct str *out)
{
	char *p = arena_bytes(a, s.n + 1);
	size_t n = 0;

	if (!p)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ch == '%') {
			int hi = s.n - i > 2 ? hex_value(s.p[i + 1]) : -1;
			int lo = s.n - i > 2 ? hex_value(s.p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return false;
			ch = (char)(hi << 4 | lo);
			i += 2;
		} else if (ch == '+' && plus) {
			ch = ' ';
		}
		p[n++] = ch;
	}
	p[n] = '\0';
	*out = str_n(p, n);
	return true;
}

/* Length of the well-formed character at p (n bytes left), its value in *cp; 0 if malformed. */
static size_t
utf8_decode(const unsigned char *p, size_t n, unsigned *cp)
{
	static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len;
	unsigned v;

	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (p[0] < 0xC2 || p[0] > 0xF4 || n < len)
		return 0;
	v = p[0] & (0xFFu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3Fu);
	}
	if (v < least[len] || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF))
		return 0;
	*cp = v;
	return len;
}

/* Whether the eight bytes at p are ASCII. */
static bool
is_ascii8(const unsigned char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return (v & 0x8080808080808080) == 0;
}

bool
enc_utf8_valid(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned cp;

	for (size_t i = 0, len; i < s.n; i += len) {
		len = 8;
		if (s.n - i >= len && is_ascii8(p + i))
			continue;
		len = utf8_decode(p + i, s.n - i, &cp);
		if (len == 0)
			return false;
	}
	return true;
}

struct str
enc_utf8_cut(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
		max--;
	return str_n(s.p, max);
}

unsigned
enc_utf8_next(struct str s, size_t *at)
{
	unsigned cp = 0xFFFD;
	size_t len = utf8_decode((const unsigned char *)s.p + *at, s.n - *at, &cp);

	*at += len ? len : 1;
	return len ? cp : 0xFFFD;
}

void
enc_utf8_put(struct buf *b, unsigned v)
{
	if (v < 0x80) {
		buf_putc(b, (char)v);
		return;
	}
	if (v < 0x800) {
		buf_putc(b, (char)(0xC0 | v >> 6));
	} else if (v < 0x10000) {
		buf_putc(b, (char)(0xE0 | v >> 12));
		buf_putc(b, (char)(0x80 | (v >> 6 & 63)));
	} else {
		buf_putc(b, (char)(0xF0 | v >> 18));
		buf_putc(b, (char)(0x80 | (v >> 12 & 63)));
		buf_putc(b, (char)(0x80 | (v >> 6 & 63)));
	}
	buf_putc(b, (char)(0x80 | (v & 63)));
}

void
enc_mdoc(struct buf *b, struct str s)
{
	for (size_t at = 0; at < s.n;) {
		bool line_start = at == 0 || s.p[at - 1] == '\n';
		unsigned cp = enc_utf8_next(s, &at);

		if (line_start && (cp == '.' || cp == '\''))
			buf_puts(b, "\\&");
		if (cp == '\\')
			buf_puts(b, "\\e");
		else if (cp < 0x80)
			buf_putc(b, (char)cp);
		else
			buf_printf(b, "\\[u%04X]", cp);
	}
}
