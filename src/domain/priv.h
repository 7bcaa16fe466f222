/*
 * What the files of domain share among themselves: the moment a piece of work counts as "now", text
 * folded to one line, random names, the steps in which a post is built, and the form into which all
 * encodings of Micropub are decoded.
 */
#ifndef DOMAIN_PRIV_H
#define DOMAIN_PRIV_H

#include "domain/audit.h"
#include "domain/auth.h"
#include "domain/factor.h"
#include "domain/micropub.h"
#include "domain/post_parts.h"
#include "store/attempt.h"
#include "store/retry.h"

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

enum { AUTH_ID_CHARS = 10 };	/* of public ids */

/*
 * The same, but a try that failed is committed, too: its count, and the challenge it has used up.
 * For ERR_LOGIN_FAILED, ERR_RATE_LIMITED and ERR_PASSKEY.
 */
MUST enum err domain_tx_keep(struct ctx *c, struct db *db, enum err err);

/* ---- password.c ------------------------------------------------------------------------------ */

/* Judges a new password and hashes it. ERR_PASSWORD_RULES, with a hint. */
MUST enum err password_hash(struct ctx *c, struct str password, char out[CRYPTO_PASSWORD_BYTES]);

/* ERR_PASSWORD_RULES for what can be nobody's password, and is not worth a hash. */
MUST enum err password_plausible(struct ctx *c, struct str password);

/*
 * ERR_LOGIN_FAILED, after the same work, for a wrong password and for an owner without one. Reads
 * only. *rehashed: what is to be stored in place of a hash from other times; "" if it is of today.
 */
MUST enum err password_verify(struct ctx *c, struct db *db, struct str password,
	struct str *rehashed);

/* ---- session.c ------------------------------------------------------------------------------- */

/* Opens a session for what was shown; *secret is the cookie. Inside a write transaction. */
MUST enum err session_open(struct ctx *c, struct db *db, struct str factors, struct str *secret);

/*
 * Notes a fresh proof: the session of the cookie `secret` has *fresh from now on. ERR_NOT_FOUND.
 * Inside a write transaction.
 */
MUST enum err session_prove(struct ctx *c, struct db *db, struct str secret, struct str factors,
	struct str *fresh);

/* ---- factor.c, factor_passkey.c -------------------------------------------------------------- */

/* After a change of what is enrolled: ends other sessions and sign-ins under way, and tells. */
MUST enum err factor_changed(struct ctx *c, struct db *db, enum audit what, struct str name,
	struct str keep);

/*
 * Takes a code of the app or a recovery code; *factor is the word for it, "" if it is neither.
 * Inside a write transaction.
 */
MUST enum err factor_code_take(struct ctx *c, struct db *db, struct str code, struct str *factor);

/* Takes the challenge given to that cookie for that purpose. ERR_PASSKEY. Inside one, too. */
struct webauthn_expect;
MUST enum err factor_challenge_take(struct ctx *c, struct db *db, enum factor_purpose purpose,
	struct str cookie, struct webauthn_expect *out);

/* ---- throttle.c ------------------------------------------------------------------------------ */

enum throttle {
	THROTTLE_PASSWORD,	/* passwords of one address */
	THROTTLE_PASSWORDS,	/* passwords of all */
	THROTTLE_CODES,		/* codes of all */
	THROTTLE_CHALLENGE,	/* challenges given to one address */
	THROTTLE_PASSKEY,	/* passkeys shown by one address */
	THROTTLE__MAX
};

enum { THROTTLE_KEPT = 2 * 86400 };	/* seconds a count is remembered */

/*
 * Takes a try, before it is made, from who asks (c->facts) or from all. ERR_RATE_LIMITED: none is
 * left for *retry seconds; that much is to be committed, too. Inside a write transaction.
 */
MUST enum err throttle_take(struct ctx *c, struct db *db, enum throttle which, int *retry);

/* The same without taking one: reads, so that who is locked out costs no write. */
MUST enum err throttle_look(struct ctx *c, struct db *db, enum throttle which, int *retry);

/* True if the count stands at one: whoever it is has just begun. Reads. */
MUST enum err throttle_is_first(struct ctx *c, struct db *db, enum throttle which, bool *out);

/* Gives tries back after one was right: all of an address, one of everybody's. Writes inside one. */
MUST enum err throttle_forgive(struct ctx *c, struct db *db, enum throttle which);

/* ---- token.c --------------------------------------------------------------------------------- */

/*
 * Makes a token's row of name, client_id, granted, expires and ends, and its secret; the rest of *row
 * is filled here. Inside a write transaction; the caller logs it.
 */
MUST enum err token_make(struct ctx *c, struct db *db, struct token_row *row, struct str *secret);

/* Inside a write transaction: revokes, for the reason that the audit trail is told. */
MUST enum err token_end(struct ctx *c, struct db *db, struct str id, enum audit why);

/* ---- indieauth.c ----------------------------------------------------------------------------- */

/* Inside a write transaction: removes codes, refresh tokens and requests whose time is over. */
MUST enum err indieauth_clean(struct ctx *c, struct db *db, int64_t now);

/* ---- post.c ---------------------------------------------------------------------------------- */

/* {"type":…,"properties":…} as text. ERR_BODY_TOO_LARGE or ERR_BAD_JSON if it is too much. */
MUST enum err post_mf2_make(struct ctx *c, const struct json *type, const struct json *properties,
	struct str *out);

/* The post that has the slug, or else the one that had it, in whatever state. ERR_NOT_FOUND. */
MUST enum err post_find_slug(struct ctx *c, struct db *db, struct str slug, struct post_row *out);

/* The post of a permalink or former permalink, in whatever state. ERR_MICROPUB_URL. */
MUST enum err post_find_url(struct ctx *c, struct db *db, struct str url, struct post_row *out);

/*
 * Writes a built row, new (id 0) or read before, with all that hangs on it, and notes that the
 * token draft->client was used. Inside a write transaction. draft->properties is NULL where they
 * have not changed.
 */
MUST enum err post_put(struct ctx *c, struct db *db, const struct post_draft *draft,
	struct post_row *row);

/* Fills *out; the caller says whether the client has to be told of a permalink. */
MUST enum err post_result_fill(struct ctx *c, const struct post_row *row, bool moved,
	struct post_result *out);

/* ---- post_retry.c ---------------------------------------------------------------------------- */

/* What tells a create from others. */
struct post_retry {
	struct retry_row row;
	bool kept;		/* false: creates are not remembered at present */
	bool keyed;		/* the client has named it */
};

/* Fills *out for a post that has been built. */
MUST enum err post_retry_make(struct ctx *c, const struct post_draft *draft, struct str mf2,
	struct post_retry *out);

/*
 * Inside the transaction of a create: *found and *first if this create has been here before. Known by
 * its content only, it is a new one once its post is deleted. ERR_RETRY_KEY.
 */
MUST enum err post_retry_find(struct ctx *c, struct db *db, struct post_retry *retry,
	struct post_row *first, bool *found);

/* Remembers which post it made. */
MUST enum err post_retry_put(struct ctx *c, struct db *db, struct post_retry *retry,
	int64_t post_id);

/* ---- post_edit.c ----------------------------------------------------------------------------- */

/* A copy of an object that can be added to; the values are shared. */
MUST enum err post_object_copy(struct ctx *c, const struct json *from, struct json **out);

/* The stored properties after an update's operations. ERR_MICROPUB_PROPERTY. */
MUST enum err post_edit(struct ctx *c, const struct json *stored, const struct post_update *update,
	struct json **out);

/*
 * The same photos; those from the given one on that are plain URLs get the alternative texts, in
 * their order, as {"value":URL,"alt":text}. An empty text is none.
 */
MUST enum err post_photos_describe(struct ctx *c, const struct json *photos, size_t from,
	const struct json *alts, struct json **out);

/* The list of uids, each followed by U+001F, with one more, unless it is there already. */
MUST enum err post_uids_add(struct ctx *c, struct str uids, struct str uid, struct str *out);

/* ---- settings_check.c ------------------------------------------------------------------------ */

struct settings_edit;

/*
 * Folds what a form says to what would be stored and fills the problems of what is refused; then
 * ERR_SETTING_INVALID. The second part asks the database, inside the transaction.
 */
MUST enum err settings_check(struct ctx *c, struct settings_edit *edit);
MUST enum err settings_check_stored(struct ctx *c, struct db *db, struct settings_edit *edit);

/* ---- post_text.c ----------------------------------------------------------------------------- */

/*
 * s on one line: white space and control characters folded to one space, none at the ends, cut to
 * at most max bytes at a character's edge.
 */
MUST enum err post_fold(struct ctx *c, struct str s, size_t max, struct str *out);

/*
 * True for an absolute http or https URL with a host, without white space, control characters, a
 * user's name, a port that is none, or a backslash where a slash could stand.
 */
bool post_url_valid(struct str url);

/*
 * The URL that a value means: a string, {"value":URL}, or the first url of a nested microformat.
 * Empty if it has none.
 */
struct str post_value_url(const struct json *value);

/* The first value of a property that is no empty text; NULL if there is none. */
const struct json *post_first(const struct json *properties, struct str name);

/* ---- post_check.c ---------------------------------------------------------------------------- */

/* True for a property whose values are of a kind that an empty text is not: links, dates, choices. */
bool post_has_kind(struct str name);

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

/* The same for a post that is there: only what an update names changes, and what follows. */
MUST enum err post_check_change(struct ctx *c, const struct post_update *update,
	const struct json *properties, struct post_row *row);

/* ERR_MICROPUB_PROPERTY: "property 'name' what". */
enum err post_refuse(struct ctx *c, struct str name, const char *what);

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

/*
 * The wish, or the wish with the first free number behind it. What the post id has or had itself is
 * free for it (0: a new post). Inside a write transaction.
 */
MUST enum err post_slug_free(struct ctx *c, struct db *db, struct str wish, int64_t id,
	struct str *out);

/* ---- micropub_decode.c ----------------------------------------------------------------------- */

enum { MICROPUB_MAX_PROPERTIES = 100, MICROPUB_MAX_VALUES = 1000 };

/* Properties in the order of arrival. Zeroed at the start. */
struct micropub_properties {
	struct micropub_property {
		struct str name;
		struct json *values;	/* array */
	} list[MICROPUB_MAX_PROPERTIES];
	size_t n;
};

/* A request while it is being decoded. Zeroed at the start. */
struct micropub_decode {
	struct micropub_properties properties;	/* of a create */
	struct micropub_properties replace, add;	/* of an update */
	const struct json *remove;
	struct json *photo_alts;	/* mp-photo-alt, empty ones included; NULL: none sent */
	struct str kind;		/* without "h-" */
	struct str action;
	struct str url;
	struct str slug;
	struct str channel;		/* p NULL: none sent */
	struct str syndicate_to;	/* uids, each followed by U+001F */
	bool syndicate_anew;		/* mp-syndicate-to was sent elsewhere than in "add" */
};

/* The array of a property's values, to which one is about to be added. */
MUST enum err micropub_decode_values(struct ctx *c, struct micropub_properties *to, struct str name,
	struct json **out);

/* Takes note of one value of a command ("mp-slug"); unknown commands are ignored. */
MUST enum err micropub_decode_command(struct ctx *c, struct micropub_decode *d, struct str name,
	struct str value);

/* Checks kind and action and makes the request. */
MUST enum err micropub_decode_end(struct ctx *c, struct micropub_decode *d,
	struct micropub_request *out);

/* ---- micropub.c ------------------------------------------------------------------------------ */

/* "post" is what "create" was called before the standard. */
bool micropub_may_create(const struct auth_grant *g);

/* True if the grant allows a query that shows a post's source. */
bool micropub_may_read(const struct auth_grant *g);

/* ---- micropub_query.c ------------------------------------------------------------------------ */

/* The arguments of a query. */
struct query_args {
	const struct pair *p;
	size_t n;
};

/* The first argument of that name; p NULL if there is none. */
struct str query_arg(struct query_args args, struct str name);

/* How much of a list is asked for: at most limit items, without the first offset ones. */
struct query_range {
	unsigned long long limit, offset;
};

/* limit and offset; *range keeps what they leave out. ERR_MICROPUB_QUERY for what is no number. */
MUST enum err query_range_parse(struct ctx *c, struct query_args args, struct query_range *range);

/* True for an argument "name", "name[]" or "name[0]". */
bool query_arg_is(const struct pair *arg, struct str name);

/* Sets an array of texts; of one text. */
MUST enum err query_set_texts(struct ctx *c, struct json *object, struct str name,
	const struct str *list, size_t n);
MUST enum err query_set_one(struct ctx *c, struct json *object, struct str name, struct str value);

/* True if part is in s, in any case of ASCII letters. */
bool query_contains(struct str s, struct str part);

/* ---- micropub_types.c ------------------------------------------------------------------------ */

/* The post types that this site shows, as q=post-types lists them. */
MUST enum err micropub_put_types(struct ctx *c, struct json *out);

/* ---- micropub_source.c ----------------------------------------------------------------------- */

/* q=source: of one post, or a list. */
MUST enum err micropub_source(struct ctx *c, struct db *db, struct query_args args,
	struct json *out, struct micropub_answer *answer);

#endif
