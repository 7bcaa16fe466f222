/*
 * Building a line: no printf, no allocation, no byte looked at twice; little over 0.1 us for the line of a
 * request. Every field is all or nothing: it is undone if it does not fit, so the line is valid whatever comes.
 *
 * Names and numbers are bounded and written into the spare room behind the line if need be; only then are they
 * counted. Values go sixteen characters at a time while nothing in them is to be escaped and room is plenty,
 * which is nearly always. The others are taken once more from their beginning, with an eye on each byte.
 */
#include "core/log_line.h"

#include "base/enc.h"
#include "base/time.h"

enum {
	TAIL = 2,		/* "}\n" */
	NUMBER_BYTES = 24	/* any number, with sign and point */
};

_Static_assert(sizeof(struct log_name) + NUMBER_BYTES <= LOG_LINE_SPARE, "a number fits behind a full line");

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

/* ---- pieces that are bounded; the end of what is written ---------------------------------- */

/* A name at the end of the line, which may go beyond it. In text it stands as " name=". */
static inline char *
write_name(struct log_line *l, const struct log_name *name)
{
	char *p = l->text + l->n;

	if (l->json) {
		memcpy(p, name, sizeof(*name));
		return p + name->n;
	}
	memcpy(p + 1, name->text + 2, sizeof(*name) - 2);
	*p = ' ';
	p += name->n - 3;
	*p = '=';
	return p + 1;
}

static inline char *
write_pair(char *p, unsigned v)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";

	memcpy(p, pairs + 2 * (size_t)v, 2);
	return p + 2;
}

static inline char *
write_digit(char *p, unsigned v)
{
	*p = (char)('0' + v);
	return p + 1;
}

static char *
write_number(char *p, uint64_t v)
{
	if (v < 10)
		return write_digit(p, (unsigned)v);
	if (v < 100)
		return write_pair(p, (unsigned)v);
	if (v < 1000)
		return write_pair(write_digit(p, (unsigned)v / 100), (unsigned)v % 100);
	if (v >= 10000) {
		p = write_number(p, v / 10000);
		v %= 10000;
	}
	return write_pair(write_pair(p, (unsigned)v / 100), (unsigned)v % 100);
}

/* The sign, if there is one; v becomes what stands behind it. */
static inline char *
write_sign(char *p, int64_t v, uint64_t *out)
{
	*out = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	*p = '-';
	return p + (v < 0);
}

static inline char *
write_thousandths(char *p, unsigned v)
{
	return write_pair(write_digit(p, v / 100), v % 100);
}

/* Ends a field that was written up to end: keeps it, or undoes it. */
static inline void
settle(struct log_line *l, const char *end)
{
	size_t n = (size_t)(end - l->text);

	if (n <= l->cap)
		l->n = n;
}

/* ---- escaping ----------------------------------------------------------------------------- */

/* Printable ASCII but for quote and backslash: taken over as it is, in runs. */
static bool
is_plain(char ch)
{
	return ch >= 0x20 && ch < 0x7f && ch != '"' && ch != '\\';
}

/* Sixteen characters, each in its place: what any processor worth a name compares at once. */
typedef signed char chars16 __attribute__((vector_size(16)));
typedef unsigned char bytes16 __attribute__((vector_size(16)));

/*
 * Which of them are plain: in their places all bits are set. Moved up by one, DEL and all that is not ASCII
 * are negative, but for 0xff, which is 0; what is plain stands above a space, and alone does.
 */
static inline chars16
which_plain(chars16 v)
{
	chars16 up = (chars16)((bytes16)v + 1);

	return (chars16)(up > ' ') & ~((chars16)(v == '"') | (chars16)(v == '\\'));
}

static inline bool
are_all(chars16 v)
{
	uint64_t half[2];

	memcpy(half, &v, sizeof(half));
	return (half[0] & half[1]) == UINT64_MAX;
}

static inline chars16
copy_16(char *to, const char *p)
{
	chars16 v;

	memcpy(&v, p, sizeof(v));
	memcpy(to, &v, sizeof(v));
	return which_plain(v);
}

/* Fewer than sixteen characters; four or more as two parts that overlap. */
static inline bool
copy_few(char *to, const char *p, size_t n)
{
	uint64_t half[2];
	uint32_t part[2];
	chars16 v;

	if (n >= 8) {
		memcpy(&half[0], p, 8);
		memcpy(&half[1], p + n - 8, 8);
		memcpy(to, &half[0], 8);
		memcpy(to + n - 8, &half[1], 8);
	} else if (n >= 4) {
		memcpy(&part[0], p, 4);
		memcpy(&part[1], p + n - 4, 4);
		memcpy(to, &part[0], 4);
		memcpy(to + n - 4, &part[1], 4);
		half[0] = half[1] = part[0] | (uint64_t)part[1] << 32;
	} else {
		size_t i = 0;

		for (; i < n && is_plain(p[i]); i++)
			to[i] = p[i];
		return i == n;
	}
	memcpy(&v, half, sizeof(v));
	return are_all(which_plain(v));
}

/* Copies n characters. False: not all of them are plain. */
static inline bool
copy_plain(char *to, const char *p, size_t n)
{
	chars16 plain;

	if (n < 16)
		return copy_few(to, p, n);
	plain = copy_16(to + n - 16, p + n - 16);
	for (size_t i = 0; i + 16 < n; i += 16)
		plain &= copy_16(to + i, p + i);
	return are_all(plain);
}

size_t
log_line_plain(const char *p, size_t most)
{
	size_t n = 0;
	chars16 v;

	for (; most - n >= sizeof(v); n += sizeof(v)) {
		memcpy(&v, p + n, sizeof(v));
		if (!are_all(which_plain(v)))
			break;
	}
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
}

void
log_line_word(struct log_line *l, struct str word, size_t width)
{
	size_t mark = l->n;
	bool fits = put_char(l, ' ') && put_escaped(l, word);

	for (size_t n = word.n; fits && n < width; n++)
		fits = put_char(l, ' ');
	if (!fits)
		l->n = mark;
}

/* A value that is cut, or not plain, or stands in text; not to be mixed with the quick way's code. */
__attribute__((noinline)) static void
str_slowly(struct log_line *l, const struct log_name *name, struct str value)
{
	size_t mark = l->n;
	bool quotes = l->json || needs_quotes(value);
	bool fits;

	settle(l, write_name(l, name));
	fits = l->n > mark && (!quotes || put_char(l, '"'));
	/* Room for the closing quote is set aside, so that a value can be cut to what is left. */
	if (fits && quotes && l->n < l->cap) {
		l->cap--;
		fits = put_escaped(l, value);
		l->cap++;
		fits = fits && put_char(l, '"');
	} else {
		fits = fits && !quotes && put_escaped(l, value);
	}
	if (!fits)
		l->n = mark;
}

void
log_line_str(struct log_line *l, const struct log_name *name, struct str value)
{
	char *p;

	if (l->json && value.n <= LOG_VALUE_MAX && value.n + LOG_LINE_SPARE <= l->cap - l->n) {
		p = write_name(l, name);
		*p++ = '"';
		if (copy_plain(p, value.p, value.n)) {
			p[value.n] = '"';
			settle(l, p + value.n + 1);
			return;
		}
	}
	str_slowly(l, name, value);
}

void
log_line_raw(struct log_line *l, struct str fields)
{
	(void)put(l, fields.p, fields.n);
}

void
log_line_int(struct log_line *l, const struct log_name *name, int64_t value)
{
	uint64_t v;
	char *p = write_sign(write_name(l, name), value, &v);

	settle(l, write_number(p, v));
}

void
log_line_bool(struct log_line *l, const struct log_name *name, bool value)
{
	char *p = write_name(l, name);

	memcpy(p, value ? "true\0" : "false", 5);
	settle(l, p + (value ? 4 : 5));
}

void
log_line_ms(struct log_line *l, const struct log_name *name, int64_t us)
{
	uint64_t v;
	char *p = write_sign(write_name(l, name), us, &v);

	p = write_number(p, v / 1000);
	*p = '.';
	settle(l, write_thousandths(p + 1, (unsigned)(v % 1000)));
}

/* ---- time ---------------------------------------------------------------------------------- */

enum { SECOND_BYTES = 20 };

/* "2026-11-28T22:30:00." at p. */
static void
write_second(char *p, int64_t seconds)
{
	struct time_parts t;

	time_split(seconds, 0, &t);
	p = write_pair(p, (unsigned)(t.year / 100 % 100));
	p = write_pair(p, (unsigned)(t.year % 100));
	*p = '-';
	p = write_pair(p + 1, (unsigned)t.month);
	*p = '-';
	p = write_pair(p + 1, (unsigned)t.day);
	*p = 'T';
	p = write_pair(p + 1, (unsigned)t.hour);
	*p = ':';
	p = write_pair(p + 1, (unsigned)t.minute);
	*p = ':';
	p = write_pair(p + 1, (unsigned)t.second);
	*p = '.';
}

void
log_time_format(int64_t us, char out[LOG_TIME_BYTES])
{
	/* A thread that has much to say says much of it in one second, and reckons the calendar once. */
	static _Thread_local struct {
		int64_t second;
		char text[SECOND_BYTES];
	} last = {.second = INT64_MIN};
	int64_t second = us / 1000000, rest = us % 1000000;

	if (rest < 0) {
		rest += 1000000;
		second--;
	}
	if (second != last.second) {
		write_second(last.text, second);
		last.second = second;
	}
	memcpy(out, last.text, SECOND_BYTES);
	*write_thousandths(out + SECOND_BYTES, (unsigned)rest / 1000) = 'Z';
}

void
log_line_time(struct log_line *l, int64_t us)
{
	static const struct log_name name = LOG_NAME_INIT("timestamp");
	char *p;

	if (l->json) {
		p = write_name(l, &name);
		*p++ = '"';
		log_time_format(us, p);
		p[LOG_TIME_BYTES] = '"';
		settle(l, p + LOG_TIME_BYTES + 1);
	} else {
		p = l->text + l->n;
		*p++ = ' ';
		log_time_format(us, p);
		settle(l, p + LOG_TIME_BYTES);
	}
}

/* What parts the first field from nothing becomes the beginning. */
struct str
log_line_end(struct log_line *l)
{
	size_t from = 1;

	if (l->n == 1)
		l->n++;
	if (l->json) {
		l->text[1] = '{';
		l->text[l->n++] = '}';
	} else {
		l->text[1] = '\n';
		from = 2;
	}
	l->text[l->n++] = '\n';
	return str_n(l->text + from, l->n - from);
}
