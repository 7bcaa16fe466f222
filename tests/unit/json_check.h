/*
 * Is it JSON (RFC 8259)? A checker of fifty lines, for the floors that must write JSON without
 * having a library that reads it.
 */
#ifndef UNIT_JSON_CHECK_H
#define UNIT_JSON_CHECK_H

#include "base/enc.h"
#include "base/str.h"

static inline bool json_check_value(struct str *s, unsigned depth);

static inline void
json_check_space(struct str *s)
{
	while (s->n > 0 && strchr(" \t\r\n", s->p[0]))
		*s = str_n(s->p + 1, s->n - 1);
}

/* Takes ch off the front, with the space around it. */
static inline bool
json_check_take(struct str *s, char ch)
{
	json_check_space(s);
	if (s->n == 0 || s->p[0] != ch)
		return false;
	*s = str_n(s->p + 1, s->n - 1);
	json_check_space(s);
	return true;
}

static inline bool
json_check_string(struct str *s)
{
	unsigned char hex[2];
	size_t at = 1;

	if (s->n == 0 || s->p[0] != '"')
		return false;
	for (; at < s->n && s->p[at] != '"'; at++) {
		if ((unsigned char)s->p[at] < 0x20)
			return false;
		if (s->p[at] != '\\')
			continue;
		if (++at == s->n || !strchr("\"\\/bfnrtu", s->p[at]))
			return false;
		if (s->p[at] == 'u' && !enc_hex_parse(str_sub(*s, at + 1, at + 5), hex, 2))
			return false;
	}
	if (at == s->n)
		return false;
	*s = str_n(s->p + at + 1, s->n - at - 1);
	return true;
}

static inline bool
json_check_number(struct str *s)
{
	size_t n = 0;
	unsigned digits = 0;

	while (n < s->n && strchr("-+.eE0123456789", s->p[n])) {
		digits += s->p[n] >= '0' && s->p[n] <= '9';
		n++;
	}
	if (digits == 0 || (s->p[0] == '0' && n > 1 && s->p[1] != '.'))
		return false;
	*s = str_n(s->p + n, s->n - n);
	return true;
}

/* The members of an object or the elements of an array, up to the closing mark. */
static inline bool
json_check_list(struct str *s, char close, unsigned depth)
{
	if (json_check_take(s, close))
		return true;
	do {
		if (close == '}' && (!json_check_string(s) || !json_check_take(s, ':')))
			return false;
		if (!json_check_value(s, depth + 1))
			return false;
	} while (json_check_take(s, ','));
	return json_check_take(s, close);
}

static inline bool
json_check_value(struct str *s, unsigned depth)
{
	static const struct str words[] = {S_INIT("true"), S_INIT("false"), S_INIT("null")};

	json_check_space(s);
	for (size_t i = 0; i < 3; i++)
		if (str_starts(*s, words[i])) {
			*s = str_n(s->p + words[i].n, s->n - words[i].n);
			return true;
		}
	if (depth > 16)
		return false;
	if (json_check_take(s, '{'))
		return json_check_list(s, '}', depth);
	if (json_check_take(s, '['))
		return json_check_list(s, ']', depth);
	return json_check_string(s) || json_check_number(s);
}

/* One value, valid UTF-8, nothing behind it but space. */
static inline bool
json_check(struct str s)
{
	if (!enc_utf8_valid(s) || !json_check_value(&s, 0))
		return false;
	json_check_space(&s);
	return s.n == 0;
}

#endif
