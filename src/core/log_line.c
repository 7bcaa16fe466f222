/*
 * Building a line byte by byte: no printf, no allocation, about a quarter of a microsecond. Every
 * field is all or nothing: it is undone if it does not fit, so the line is valid whatever comes.
 */
#include "core/log_line.h"

#include "base/enc.h"
#include "base/time.h"

enum { TAIL = 2 };	/* "}\n" */

static const char hex[] = "0123456789abcdef";

/* ---- pieces; false: does not fit ---------------------------------------------------------- */

static inline bool
put(struct log_line *l, const char *p, size_t n)
{
	if (n > l->cap - l->n)
		return false;
	if (n > 0)
		memcpy(l->text + l->n, p, n);
	l->n += n;
	return true;
}

static inline bool
put_char(struct log_line *l, char ch)
{
	if (l->n == l->cap)
		return false;
	l->text[l->n++] = ch;
	return true;
}

static bool
put_number(struct log_line *l, uint64_t v, unsigned least_digits)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0 || sizeof(digits) - at < least_digits);
	return put(l, digits + at, sizeof(digits) - at);
}

static bool
put_signed(struct log_line *l, int64_t v)
{
	return (v >= 0 || put_char(l, '-')) &&
	       put_number(l, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 1);
}

static bool
put_name(struct log_line *l, struct str name)
{
	if (l->json)
		return put(l, name.p + l->first, name.n - l->first);
	return (l->first || put_char(l, ' ')) && put(l, name.p + 2, name.n - 4) && put_char(l, '=');
}

/* Ends a field begun at mark: keeps it, or undoes it. */
static void
settle(struct log_line *l, size_t mark, bool fits)
{
	if (fits)
		l->first = false;
	else
		l->n = mark;
}

/* ---- escaping ----------------------------------------------------------------------------- */

/* Printable ASCII but for quote and backslash: taken over as it is, in runs. */
static bool
is_plain(char ch)
{
	return ch >= 0x20 && ch < 0x7f && ch != '"' && ch != '\\';
}

/* The same of eight characters at once, each in its byte: none has a high bit set in the result. */
static bool
are_plain(const char *p)
{
	const uint64_t one = 0x0101010101010101, high = 0x80 * one;
	uint64_t v, quote, backslash, del;

	memcpy(&v, p, sizeof(v));
	quote = v ^ '"' * one;
	backslash = v ^ '\\' * one;
	del = v ^ 0x7f * one;
	/* x - k borrows into the high bit of a byte below k: 0x20 for controls, 1 for equality. */
	v |= (v - 0x20 * one) & ~v;
	v |= (quote - one) & ~quote;
	v |= (backslash - one) & ~backslash;
	v |= (del - one) & ~del;
	return (v & high) == 0;
}

size_t
log_line_plain(const char *p, size_t most)
{
	size_t n = 0;

	while (most - n >= 8 && are_plain(p + n))
		n += 8;
	while (n < most && is_plain(p[n]))
		n++;
	return n;
}

bool
log_line_unsafe(unsigned cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x200e || cp == 0x200f ||
		(cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff;
}

size_t
log_line_escape(struct str s, size_t *at, char out[LOG_ESCAPE_BYTES])
{
	size_t from = *at;
	unsigned cp = enc_utf8_next(s, at);

	if (cp == '"' || cp == '\\') {
		out[0] = '\\';
		out[1] = (char)cp;
		return 2;
	}
	if (log_line_unsafe(cp)) {
		memcpy(out, "\\u", 2);
		for (int i = 0; i < 4; i++)
			out[2 + i] = hex[cp >> (12 - 4 * i) & 15];
		return 6;
	}
	if (cp == 0xfffd) {
		memcpy(out, "\xef\xbf\xbd", 3);
		return 3;
	}
	memcpy(out, s.p + from, *at - from);
	return *at - from;
}

/*
 * The value without quotes, at most LOG_VALUE_MAX bytes of it; a cut one ends in an ellipsis. safe
 * is the last edge of a character behind which the ellipsis still has room.
 */
static bool
put_escaped(struct log_line *l, struct str s)
{
	static const struct str ellipsis = S_INIT("\xe2\x80\xa6");
	size_t room = l->cap - l->n < LOG_VALUE_MAX ? l->cap - l->n : LOG_VALUE_MAX;
	size_t end = l->n + room, safe = l->n, at = 0;
	char out[8];

	if (room < ellipsis.n)
		return s.n == 0;
	while (at < s.n) {
		size_t most = s.n - at < end - l->n ? s.n - at : end - l->n;
		size_t n = log_line_plain(s.p + at, most);

		memcpy(l->text + l->n, s.p + at, n);
		if (end - ellipsis.n >= l->n)
			safe = l->n + n < end - ellipsis.n ? l->n + n : end - ellipsis.n;
		l->n += n;
		at += n;
		if (at == s.n)
			break;
		n = log_line_escape(s, &at, out);
		if (n > end - l->n) {
			l->n = safe;
			return put(l, ellipsis.p, ellipsis.n);
		}
		memcpy(l->text + l->n, out, n);
		l->n += n;
	}
	return true;
}

/* ---- fields ------------------------------------------------------------------------------- */

/* A value that a reader of name=value pairs cannot mistake for anything else. */
static bool
needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_plain(s.p[i]) || s.p[i] == ' ' || s.p[i] == '=')
			return true;
	return s.n == 0;
}

void
log_line_begin(struct log_line *l, bool json, size_t cap)
{
	l->text[0] = '\n';
	l->n = 1;
	l->cap = 1 + (cap < LOG_LINE_MAX ? cap : LOG_LINE_MAX) - TAIL;
	l->json = json;
	l->first = true;
	if (json)
		(void)put_char(l, '{');
}

void
log_line_word(struct log_line *l, struct str word, size_t width)
{
	size_t mark = l->n;
	bool fits = (l->first || put_char(l, ' ')) && put_escaped(l, word);

	for (size_t n = word.n; fits && n < width; n++)
		fits = put_char(l, ' ');
	settle(l, mark, fits);
}

void
log_line_str(struct log_line *l, struct str name, struct str value)
{
	size_t mark = l->n;
	bool quotes = l->json || needs_quotes(value);
	bool fits = put_name(l, name) && (!quotes || put_char(l, '"'));

	/* Room for the closing quote is set aside, so that a value can be cut to what is left. */
	if (fits && quotes && l->n < l->cap) {
		l->cap--;
		fits = put_escaped(l, value);
		l->cap++;
		fits = fits && put_char(l, '"');
	} else {
		fits = fits && !quotes && put_escaped(l, value);
	}
	settle(l, mark, fits);
}

void
log_line_raw(struct log_line *l, struct str fields)
{
	size_t mark = l->n;

	settle(l, mark, put(l, fields.p + l->first, fields.n - l->first));
}

void
log_line_int(struct log_line *l, struct str name, int64_t value)
{
	size_t mark = l->n;

	settle(l, mark, put_name(l, name) && put_signed(l, value));
}

void
log_line_bool(struct log_line *l, struct str name, bool value)
{
	size_t mark = l->n;

	settle(l, mark, put_name(l, name) && put(l, value ? "true" : "false", value ? 4 : 5));
}

void
log_line_ms(struct log_line *l, struct str name, int64_t us)
{
	size_t mark = l->n;
	uint64_t v = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;

	settle(l, mark, put_name(l, name) && (us >= 0 || put_char(l, '-')) &&
		put_number(l, v / 1000, 1) && put_char(l, '.') && put_number(l, v % 1000, 3));
}

/* ---- time ---------------------------------------------------------------------------------- */

static char *
two_digits(char *p, int v)
{
	*p++ = (char)('0' + v / 10 % 10);
	*p++ = (char)('0' + v % 10);
	return p;
}

void
log_time_format(int64_t us, char out[LOG_TIME_BYTES])
{
	int64_t seconds = us / 1000000 - (us % 1000000 < 0);
	int ms = (int)((us - seconds * 1000000) / 1000);
	struct time_parts t;
	char *p = out;

	time_split(seconds, 0, &t);
	p = two_digits(p, t.year / 100);
	p = two_digits(p, t.year);
	*p++ = '-';
	p = two_digits(p, t.month);
	*p++ = '-';
	p = two_digits(p, t.day);
	*p++ = 'T';
	p = two_digits(p, t.hour);
	*p++ = ':';
	p = two_digits(p, t.minute);
	*p++ = ':';
	p = two_digits(p, t.second);
	*p++ = '.';
	*p++ = (char)('0' + ms / 100);
	p = two_digits(p, ms);
	*p = 'Z';
}

struct str
log_line_end(struct log_line *l)
{
	if (l->json)
		l->text[l->n++] = '}';
	l->text[l->n++] = '\n';
	return str_n(l->text + 1, l->n - 1);
}
