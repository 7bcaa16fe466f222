/*
 * Tokens, lists and parameters of header values. One scanner knows quoted strings (a backslash
 * takes the next byte with it); all else is cutting at separators that it has found to be outside
 * of them. Entity tags look like quoted strings but have no escapes: cond.c reads those itself.
 */
#include "http/head.h"

static bool
is_tchar(char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c != '\0' && strchr("!#$%&'*+-.^_`|~", c);
}

bool
head_is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_tchar(s.p[i]))
			return false;
	return s.n > 0;
}

/* The offset behind the quoted string that starts at `at`; s.n + 1 if it is not closed. */
static size_t
quoted_end(struct str s, size_t at)
{
	for (size_t i = at + 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
	}
	return s.n + 1;
}

/* The offset of the first sep outside quotes; s.n if there is none. */
static size_t
find_outside(struct str s, char sep)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != sep)
		i = s.p[i] == '"' ? quoted_end(s, i) : i + 1;
	return i < s.n ? i : s.n;
}

/* str_cut() that leaves quoted strings whole. */
static struct str
cut_outside(struct str *rest, char sep)
{
	size_t at = find_outside(*rest, sep);
	struct str front = str_sub(*rest, 0, at);

	*rest = str_sub(*rest, at + 1, rest->n);
	return front;
}

bool
head_list_next(struct str *rest, struct str *element)
{
	while (rest->n > 0) {
		*element = str_trim(cut_outside(rest, ','));
		if (element->n > 0)
			return true;
	}
	return false;
}

struct str
head_value(struct str *rest)
{
	return str_trim(cut_outside(rest, ';'));
}

enum head_next
head_param_next(struct str *rest, struct head_param *out)
{
	struct str text = {0};
	size_t equals;

	while (rest->n > 0 && text.n == 0)
		text = str_trim(cut_outside(rest, ';'));
	if (text.n == 0)
		return HEAD_END;
	equals = str_find(text, '=', 0);
	out->name = str_trim(str_sub(text, 0, equals));
	out->value = str_trim(str_sub(text, equals + 1, text.n));
	out->quoted = out->value.n > 0 && out->value.p[0] == '"';
	if (equals == text.n || !head_is_token(out->name))
		return HEAD_MALFORMED;
	if (out->quoted) {
		if (quoted_end(out->value, 0) != out->value.n)
			return HEAD_MALFORMED;
		out->value = str_sub(out->value, 1, out->value.n - 1);
	}
	return HEAD_PARAM;
}
