/*
 * The grammar of JSON (RFC 8259), read strictly and without building anything. json-c alone takes
 * single quotes, NaN and Infinity, saturates large integers, cuts names at U+0000, and spends 250
 * bytes of memory on one byte of "{},"; so it only ever sees what has passed here.
 *
 * Refused beyond the grammar: U+0000, lone surrogates, integers outside int64_t, numbers outside
 * double, and what exceeds JSON_MAX_DEPTH and JSON_MAX_NODES.
 */
#include "text/priv.h"

#include "base/enc.h"
#include "text/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct scan {
	const char *p; /* the text; p[n] is NUL */
	size_t n;
	size_t at;
	size_t nodes;
	size_t members;
	unsigned depth;
	const char *problem; /* what is wrong at p[at]; NULL: nothing yet */
};

static bool
fail(struct scan *s, const char *problem)
{
	if (!s->problem)
		s->problem = problem;
	return false;
}

static void
skip_space(struct scan *s)
{
	while (s->p[s->at] == ' ' || s->p[s->at] == '\t' || s->p[s->at] == '\n' ||
		s->p[s->at] == '\r')
		s->at++;
}

static bool
is_digit(char ch)
{
	return ch >= '0' && ch <= '9';
}

/* One or more digits. */
static bool
scan_digits(struct scan *s)
{
	if (!is_digit(s->p[s->at]))
		return fail(s, "a digit is missing");
	while (is_digit(s->p[s->at]))
		s->at++;
	return true;
}

/* The grammar ends a number before anything that strtod() or strtoll() would read on into. */
static bool
scan_number(struct scan *s)
{
	const char *from = s->p + s->at;
	bool whole = true;

	if (s->p[s->at] == '-')
		s->at++;
	if (s->p[s->at] == '0')
		s->at++;
	else if (!scan_digits(s))
		return false;
	if (s->p[s->at] == '.') {
		whole = false;
		s->at++;
		if (!scan_digits(s))
			return false;
	}
	if (s->p[s->at] == 'e' || s->p[s->at] == 'E') {
		whole = false;
		s->at++;
		if (s->p[s->at] == '+' || s->p[s->at] == '-')
			s->at++;
		if (!scan_digits(s))
			return false;
	}
	if (is_digit(s->p[s->at]))
		return fail(s, "a number begins with 0");
	if (!whole)
		return isfinite(strtod(from, NULL)) || fail(s, "the number is too large");
	errno = 0;
	(void)strtoll(from, NULL, 10);
	return errno == 0 || fail(s, "the integer does not fit into 64 bits");
}

/* The four digits of \uXXXX. */
static bool
scan_hex4(struct scan *s, unsigned *out)
{
	unsigned char bytes[2];

	if (s->n - s->at < 4 || !enc_hex_parse(str_n(s->p + s->at, 4), bytes, 2))
		return fail(s, "\\u needs four hexadecimal digits");
	s->at += 4;
	*out = (unsigned)bytes[0] << 8 | bytes[1];
	return true;
}

static bool
scan_unicode(struct scan *s)
{
	unsigned unit, low;

	if (!scan_hex4(s, &unit))
		return false;
	if (unit == 0)
		return fail(s, "U+0000 is not accepted");
	if (unit < 0xD800 || unit > 0xDFFF)
		return true;
	if (unit > 0xDBFF || s->p[s->at] != '\\' || s->p[s->at + 1] != 'u')
		return fail(s, "half of a surrogate pair is missing");
	s->at += 2;
	if (!scan_hex4(s, &low))
		return false;
	return (low >= 0xDC00 && low <= 0xDFFF) || fail(s, "half of a surrogate pair is missing");
}

static bool
scan_string(struct scan *s)
{
	if (s->p[s->at] != '"')
		return fail(s, "a string in double quotes is missing");
	s->at++;
	while (s->p[s->at] != '"') {
		char ch = s->p[s->at];

		if (s->at >= s->n)
			return fail(s, "the string has no end");
		if ((unsigned char)ch < 0x20)
			return fail(s, "control characters in strings must be escaped");
		s->at++;
		if (ch != '\\')
			continue;
		ch = s->p[s->at];
		if (ch == '\0' || !strchr("\"\\/bfnrtu", ch))
			return fail(s, "unknown escape");
		s->at++;
		if (ch == 'u' && !scan_unicode(s))
			return false;
	}
	s->at++;
	return true;
}

static bool
scan_word(struct scan *s, struct str word)
{
	if (!str_starts(str_n(s->p + s->at, s->n - s->at), word))
		return fail(s, "a value is missing");
	s->at += word.n;
	return true;
}

static bool scan_value(struct scan *s);

/* Members or items up to the closing bracket; the opening one has been seen. */
static bool
scan_inside(struct scan *s, bool object, char close)
{
	s->at++;
	skip_space(s);
	if (s->p[s->at] == close) {
		s->at++;
		return true;
	}
	for (;;) {
		if (object) {
			s->members++;
			if (!scan_string(s))
				return false;
			skip_space(s);
			if (s->p[s->at] != ':')
				return fail(s, "a colon is missing");
			s->at++;
			skip_space(s);
		}
		if (!scan_value(s))
			return false;
		skip_space(s);
		if (s->p[s->at] != close && s->p[s->at] != ',')
			return fail(s, "a comma or the closing bracket is missing");
		if (s->p[s->at++] == close)
			return true;
		skip_space(s);
	}
}

static bool
scan_nested(struct scan *s, bool object)
{
	bool ok;

	if (s->depth == JSON_MAX_DEPTH)
		return fail(s, "nested too deeply");
	if (s->nodes++ == JSON_MAX_NODES)
		return fail(s, "too many arrays and objects");
	s->depth++;
	ok = scan_inside(s, object, object ? '}' : ']');
	s->depth--;
	return ok;
}

/* The recursion is bounded by JSON_MAX_DEPTH. */
static bool
scan_value(struct scan *s)
{
	switch (s->p[s->at]) {
	case '{':
		return scan_nested(s, true);
	case '[':
		return scan_nested(s, false);
	case '"':
		return scan_string(s);
	case 't':
		return scan_word(s, S("true"));
	case 'f':
		return scan_word(s, S("false"));
	case 'n':
		return scan_word(s, S("null"));
	default:
		if (s->p[s->at] != '-' && !is_digit(s->p[s->at]))
			return fail(s, "a value is missing");
		return scan_number(s);
	}
}

static enum err
refuse(struct ctx *c, const struct scan *s)
{
	size_t line = 1;
	size_t column = 1;

	for (size_t i = 0; i < s->at && i < s->n; i++) {
		column++;
		if (s->p[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return err_raise_hint(
		c, ERR_BAD_JSON, "line %zu, column %zu: %s", line, column, s->problem);
}

enum err
json_scan(struct ctx *c, struct str text, size_t *members)
{
	struct scan s = {.p = text.p, .n = text.n};

	if (!enc_utf8_valid(text))
		return err_raise_hint(c, ERR_BAD_JSON, "the text is not valid UTF-8");
	skip_space(&s);
	if (!scan_value(&s))
		return refuse(c, &s);
	skip_space(&s);
	if (s.at < s.n) {
		(void)fail(&s, "something follows the value");
		return refuse(c, &s);
	}
	*members = s.members;
	return OK;
}
