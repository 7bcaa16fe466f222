/*
 * What the files of domain share among themselves: the moment a piece of work counts as "now", text
 * folded to one line, random names, the steps in which a post is built, and the form into which all
 * encodings of Micropub are decoded.
 */
#ifndef DOMAIN_PRIV_H
#define DOMAIN_PRIV_H

#include "domain/micropub.h"
#include "domain/post_parts.h"

/* ---- auth.c ---------------------------------------------------------------------------------- */

/* Seconds since 1970 at the start of the work at hand; the clock, where nobody set it. */
int64_t domain_now(const struct ctx *c);

/* Ends a write: commits if err is OK and rolls back otherwise. What came of it. */
MUST enum err domain_tx_end(struct ctx *c, struct db *db, enum err err);

/* Writes n characters out of 32 that are not mistaken for each other, each 5 random bits. */
void auth_random_text(char *out, size_t n);

/* prefix and 32 random bytes in base64url: the client's half of a token or a session. */
MUST enum err auth_secret_make(struct ctx *c, struct str prefix, struct str *out);

/* True if s is prefix followed by the 43 characters of base64url that 32 bytes make. */
bool auth_secret_plausible(struct str s, struct str prefix);

/* ---- post_text.c ----------------------------------------------------------------------------- */

/*
 * s on one line: white space and control characters folded to one space, none at the ends, cut to
 * at most max bytes at a character's edge.
 */
MUST enum err post_fold(struct ctx *c, struct str s, size_t max, struct str *out);

/* True for an absolute http or https URL with a host, without white space or control characters. */
bool post_url_valid(struct str url);

/*
 * The URL that a value means: a string, {"value":URL}, or the first url of a nested microformat.
 * Empty if it has none.
 */
struct str post_value_url(const struct json *value);

/* The first value of a property; NULL if it is absent. */
const struct json *post_first(const struct json *properties, struct str name);

/* ---- post_check.c ---------------------------------------------------------------------------- */

/*
 * Whether properties are what micropub section 3.2 and 3.3 allow: ERR_MICROPUB_EMPTY,
 * ERR_MICROPUB_PROPERTY with a hint that names the property.
 */
MUST enum err post_check(struct ctx *c, const struct json *properties);

/*
 * ERR_MICROPUB_EMPTY if a page would show nothing of a rendered post: its content is neither text
 * nor picture, and no other property says anything but when and for whom it is.
 */
MUST enum err post_check_shown(struct ctx *c, const struct json *properties,
	const struct post_row *row);

/* Fills status, visibility, published and its zone. */
MUST enum err post_check_state(struct ctx *c, const struct post_draft *draft, struct post_row *row);

/* ---- post_render.c --------------------------------------------------------------------------- */

/* Fills name, summary, html, text, type and tags. */
MUST enum err post_render(struct ctx *c, const struct post_draft *draft, struct post_row *row);

/* ---- post_parts.c ---------------------------------------------------------------------------- */

/*
 * Something named by a property's value: a URL, words, or a nested microformat with url, name and
 * author. False: nothing of it can be shown.
 */
MUST enum err post_cite_read(struct ctx *c, const struct json *value, struct post_cite *out,
	bool *shown);

/* One line of a nested microformat's property, at most POST_LABEL_MAX bytes; may be empty. */
MUST enum err post_text_of(struct ctx *c, const struct json *properties, struct str name,
	struct str *out);

/* A URL that may become a link; empty otherwise. */
struct str post_link(struct str url);

/* ---- post_place.c ---------------------------------------------------------------------------- */

/* A property's value as a place; nothing in *out if it is none. */
MUST enum err post_place_read(struct ctx *c, const struct json *value, struct post_place *out);

/* ---- post_slug.c ----------------------------------------------------------------------------- */

/* The slug a post would like: from the draft's, the name, the text or the time. Never empty. */
MUST enum err post_slug_wish(struct ctx *c, const struct post_draft *draft,
	const struct post_row *row, struct str *out);

/* The wish, or the wish with the first free number behind it. Inside a write transaction. */
MUST enum err post_slug_free(struct ctx *c, struct db *db, struct str wish, struct str *out);

/* ---- micropub_decode.c ----------------------------------------------------------------------- */

enum { MICROPUB_MAX_PROPERTIES = 100, MICROPUB_MAX_VALUES = 1000 };

struct micropub_property {
	struct str name;
	struct json *values;	/* array */
};

/* A request while it is being decoded. Zeroed at the start; properties in the order of arrival. */
struct micropub_decode {
	struct micropub_property properties[MICROPUB_MAX_PROPERTIES];
	size_t n;
	struct json *photo_alts;	/* mp-photo-alt, empty ones included; NULL: none sent */
	struct str kind;		/* without "h-" */
	struct str action;
	struct str url;
	struct str slug;
};

/* The array of a property's values, to which one is about to be added. */
MUST enum err micropub_decode_values(struct ctx *c, struct micropub_decode *d, struct str name,
	struct json **out);

/* Takes note of one value of a command ("mp-slug"); unknown commands are ignored. */
MUST enum err micropub_decode_command(struct ctx *c, struct micropub_decode *d, struct str name,
	struct str value);

/* Checks kind and action and makes the request. */
MUST enum err micropub_decode_end(struct ctx *c, struct micropub_decode *d,
	struct micropub_request *out);

/* ---- micropub.c ------------------------------------------------------------------------------ */

/* True if the grant allows a query that shows a post's source. */
bool micropub_may_read(const struct auth_grant *g);

#endif
