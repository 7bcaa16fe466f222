/*
 * Micropub (W3C Recommendation, 2017-05-23): from the three encodings to one internal form, actions
 * and queries. Knows no HTTP: the caller hands over decoded pairs or the JSON text, the token's
 * scope, and gets a URL, a JSON text or an error whose row says status and wire code.
 */
#ifndef DOMAIN_MICROPUB_H
#define DOMAIN_MICROPUB_H

#include "domain/auth.h"
#include "domain/post_update.h"

enum micropub_action { MICROPUB_CREATE, MICROPUB_UPDATE, MICROPUB_DELETE, MICROPUB_UNDELETE };

/* A decoded request. access_token has been taken out of it. */
struct micropub_request {
	enum micropub_action action;
	struct str url;			/* of actions on an existing post */
	struct post_draft draft;	/* of create; retry_key is the caller's to set */
	struct post_update update;	/* of update */
	const struct post_condition *condition;	/* of actions on a post; the caller's to set */
};

/*
 * Form and multipart fields in the order sent (section 3.3). *token: access_token, or empty; it is
 * set even when the rest is refused, so that the caller may ask who it was first. Empty values are
 * as if they had not been sent. At most 100 properties of 1000 values each. Errors:
 * ERR_BAD_ENCODING, ERR_BAD_FORM, ERR_MICROPUB_PROPERTY, ERR_MICROPUB_ACTION, ERR_MICROPUB_URL.
 */
MUST enum err micropub_parse_form(struct ctx *c, const struct pair *fields, size_t n,
	struct micropub_request *out, struct str *token);

/*
 * JSON (section 3.3.2; updates: section 3.4), by the same limits. An access_token in it is dropped
 * and not looked at. An update has at least one operation or command. Errors: ERR_BAD_JSON,
 * ERR_BODY_TOO_LARGE and those of forms.
 */
MUST enum err micropub_parse_json(struct ctx *c, struct str body, struct micropub_request *out);

/*
 * Carries the request out for a grant, if its scope allows that by whole words (ERR_SCOPE with the
 * needed one as hint). Other errors: those of post_create() and post_update().
 */
MUST enum err micropub_run(struct ctx *c, struct db *db, const struct auth_grant *grant,
	struct micropub_request *r, struct post_result *out);

/* The scope that an action needs, as "insufficient_scope" answers name it. */
const char *micropub_scope(enum micropub_action a);

struct micropub_answer {
	struct str json;
	struct str version;	/* of the post whose source it is (post_version()); else empty */
	int64_t modified;	/* post_changed() of it; else 0 */
};

/*
 * Answers a query (section 3.7): those of config's "q" list. args: all query arguments, decoded;
 * those that a query does not know are ignored. ERR_SCOPE, ERR_MICROPUB_QUERY, ERR_MICROPUB_URL.
 */
MUST enum err micropub_query(struct ctx *c, struct db *db, const struct auth_grant *grant,
	const struct pair *args, size_t n, struct micropub_answer *out);

#endif
