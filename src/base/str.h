/*
 * A string to read: pointer and length, passed by value, never owned, not NUL-terminated unless
 * said. Everything that takes text from outside takes a struct str, so that a NUL or a missing
 * terminator in hostile input is data and not a way to read past the end. To build text, see buf.h.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
	const char *p;	/* may be NULL when n is 0 */
	size_t n;	/* bytes */
};

/* A name and its value: a form field, a parameter, a query argument. */
struct pair {
	struct str name;
	struct str value;
};

/* A string literal as a struct str: S("note"). */
#define S(lit) ((struct str){"" lit, sizeof(lit) - 1})
/* The same for static initialisers, where a compound literal is not a constant. */
#define S_INIT(lit) {"" lit, sizeof(lit) - 1}
/* The two arguments that "%.*s" takes: printf("%.*s", STR(slug)). */
#define STR(s) (int)(s).n, ((s).p ? (s).p : "")

/* A view of a C string; NULL gives the empty string. */
static inline struct str
str_z(const char *z)
{
	return (struct str){z, z ? strlen(z) : 0};
}

static inline struct str
str_n(const char *p, size_t n)
{
	return (struct str){p, n};
}

static inline bool
str_empty(struct str s)
{
	return s.n == 0;
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* Equal but for the case of ASCII letters; no locale. */
bool str_eqi(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Offset of the first c (or first occurrence of needle) at or after from; s.n if there is none. */
size_t str_find(struct str s, char c, size_t from);
size_t str_search(struct str s, struct str needle, size_t from);

/* The part [from, to), both cut to the string's length. */
struct str str_sub(struct str s, size_t from, size_t to);

/* Without leading and trailing space, tab, CR, LF. */
struct str str_trim(struct str s);

/*
 * Takes the text before the first sep off *rest and returns it; *rest becomes what follows sep,
 * with p NULL once nothing follows: while (rest.p) { part = str_cut(&rest, ','); ... }
 */
struct str str_cut(struct str *rest, char sep);

/* True if word is one of the words in list, which are separated by spaces: whole words only. */
bool str_has_word(struct str list, struct str word);

/* An unsigned decimal number, digits only, no sign or space, at most max. False: *out untouched. */
bool str_u64(struct str s, unsigned long long max, unsigned long long *out);

/*
 * True for a language tag as far as HTML needs it (BCP 47, RFC 5646): subtags of 1 to 8 letters and
 * digits between hyphens, the first of letters alone and no shorter than 2; 35 bytes at most.
 */
bool str_is_language(struct str s);

/* Fewest single-letter edits between a and b, at most 64 bytes of each looked at. */
unsigned str_distance(struct str a, struct str b);

#endif
