/*
 * printf's directives as the types of the arguments they take: "%2$s %1$llu" and "%llu %s" are the
 * same in that. What a catalogue says is given to printf, so it is looked at here though msgfmt has
 * done so, too.
 */
#include "text/catalog_priv.h"

#include <string.h>

enum { ARGUMENTS_MAX = 9 };

struct directives {
	char types[ARGUMENTS_MAX]; /* '\0' behind the last */
	size_t next;               /* of the argument that an unnumbered directive takes */
	bool numbered, plain;      /* some are; some are not */
	bool bad;
};

static void
argument(struct directives *d, size_t i, char type)
{
	if (i >= ARGUMENTS_MAX || (d->types[i] && d->types[i] != type))
		d->bad = true;
	else
		d->types[i] = type;
}

/* The length of an integer: "" int, "l" long, "ll" long long, "z" size_t; others we do not use. */
static char
integer(const char **p)
{
	static const struct {
		const char *length;
		char type;
	} types[] = {{"ll", 'q'}, {"l", 'l'}, {"z", 'z'}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t n = strlen(types[i].length);

		if (strncmp(*p, types[i].length, n) == 0) {
			*p += n;
			return types[i].type;
		}
	}
	return 'i';
}

static char
conversion(const char **p)
{
	char type = integer(p);
	char ch = **p;

	if (ch == '\0')
		return '\0';
	++*p;
	if (strchr("diuxX", ch))
		return type;
	if (type == 'i' && strchr("fgs", ch))
		return ch == 's' ? 's' : 'f';
	return '\0';
}

/* "2$" before anything else; 0 for none. */
static size_t
number(const char **p)
{
	const char *s = *p;

	if (s[0] < '1' || s[0] > '9' || s[1] != '$')
		return 0;
	*p += 2;
	return (size_t)(s[0] - '0');
}

/* Behind a '%'. */
static void
directive(struct directives *d, const char **p)
{
	size_t place = number(p);
	char type;

	*p += strspn(*p, "-+#0"); /* not a space: "100 % is" is no format */
	*p += strspn(*p, "0123456789");
	if (**p == '.') {
		++*p;
		if (**p == '*') {
			++*p;
			argument(d, d->next++, 'i');
			d->bad = d->bad || place;
		}
		*p += strspn(*p, "0123456789");
	}
	type = conversion(p);
	d->bad = d->bad || !type;
	d->numbered = d->numbered || place;
	d->plain = d->plain || !place;
	if (!d->bad)
		argument(d, place ? place - 1 : d->next++, type);
}

static struct directives
directives_of(const char *s)
{
	struct directives d = {0};

	while (!d.bad && (s = strchr(s, '%'))) {
		s++;
		if (*s == '%')
			s++;
		else
			directive(&d, &s);
	}
	d.bad = d.bad || (d.numbered && d.plain);
	return d;
}

bool
catalog_format_fits(const char *id, const char *translation)
{
	struct directives a = directives_of(id), b = directives_of(translation);
	size_t i = 0;

	if (a.bad)
		return true;
	while (i < ARGUMENTS_MAX && b.types[i] && b.types[i] == a.types[i])
		i++;
	for (size_t rest = i; rest < ARGUMENTS_MAX; rest++)
		b.bad = b.bad || b.types[rest];
	return !b.bad;
}
