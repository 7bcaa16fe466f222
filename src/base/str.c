/*
 * Reading strings: comparing, finding, cutting. Nothing here allocates.
 */
#include "base/str.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
str_eqi(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_n(s.p, prefix.n), prefix);
}

bool
str_ends(struct str s, struct str suffix)
{
	if (s.n < suffix.n)
		return false;
	if (suffix.n == 0)
		return true;
	return str_eq(str_n(s.p + s.n - suffix.n, suffix.n), suffix);
}

size_t
str_find(struct str s, char c, size_t from)
{
	const char *hit;

	if (from >= s.n)
		return s.n;
	hit = memchr(s.p + from, c, s.n - from);
	return hit ? (size_t)(hit - s.p) : s.n;
}

size_t
str_search(struct str s, struct str needle, size_t from)
{
	const char *hit;

	if (from > s.n || s.n - from < needle.n || s.n == 0)
		return s.n;
	hit = memmem(s.p + from, s.n - from, needle.p ? needle.p : "", needle.n);
	return hit ? (size_t)(hit - s.p) : s.n;
}

struct str
str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from >= to)
		return (struct str){0};
	return str_n(s.p + from, to - from);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str
str_cut(struct str *rest, char sep)
{
	size_t at = str_find(*rest, sep, 0);
	struct str head = str_n(rest->p, at);

	if (at == rest->n)
		*rest = (struct str){0};
	else
		*rest = str_n(rest->p + at + 1, rest->n - at - 1);
	return head;
}

bool
str_has_word(struct str list, struct str word)
{
	while (list.p)
		if (str_eq(str_cut(&list, ' '), word) && word.n > 0)
			return true;
	return false;
}

bool
str_u64(struct str s, unsigned long long max, unsigned long long *out)
{
	unsigned long long v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || digit > max || v > (max - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return true;
}

bool
str_is_language(struct str s)
{
	bool first = true;

	if (s.n > 35)
		return false;
	while (s.p) {
		struct str tag = str_cut(&s, '-');

		if (tag.n < (first ? 2 : 1) || tag.n > 8)
			return false;
		for (size_t i = 0; i < tag.n; i++) {
			char ch = tag.p[i];

			if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
			      (!first && ch >= '0' && ch <= '9')))
				return false;
		}
		first = false;
	}
	return !first;
}

unsigned
str_distance(struct str a, struct str b)
{
	unsigned row[65];
	size_t an = a.n < 64 ? a.n : 64, bn = b.n < 64 ? b.n : 64;

	for (size_t j = 0; j <= bn; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= an; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= bn; j++) {
			unsigned above = row[j];
			unsigned best = diagonal + (a.p[i - 1] != b.p[j - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = above;
		}
	}
	return row[bn];
}
