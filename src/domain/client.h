/*
 * Applications that ask to be let in (IndieAuth, section 4.2): whether what they call themselves is
 * allowed, what is known of them, and where the owner may be sent back to.
 *
 * An application is known by its client_id, a URL; what it says of itself is behind it. That is
 * fetched by the courier: client_ask() leaves a job, client_find() says what has come of it. A
 * fetch that fails is a state and no failure of anybody's: the owner can decide by the URL alone.
 * Nothing here waits for another server. What an application says is its own claim: text to be
 * escaped, and a name that anybody can give himself; what the owner can go by is the client_id.
 */
#ifndef DOMAIN_CLIENT_H
#define DOMAIN_CLIENT_H

#include "store/client.h"

enum {
	CLIENT_NAME_MAX = 100,	/* characters */
	CLIENT_REDIRECTS_MAX = 20,
	CLIENT_STRANGERS_MAX = 50,	/* that are known without having been let in */
	CLIENT_FRESH_MIN = 300,		/* seconds for which what was fetched, or failed, holds */
	CLIENT_FRESH_MAX = 86400
};

/*
 * What is known of an application. Texts are "" where it has not said. Of a pending one it is what
 * was known before; of a failed one nothing but problem, a word for the owner's pages and the log
 * (strangers are not told): address, name, connect, tls, timeout, large, redirects, status, type,
 * document, helper.
 */
struct client {
	struct str client_id;
	enum client_state state;
	struct str name;		/* plain text on one line */
	struct str url;			/* http or https, normalised */
	struct str logo;		/* a picture 96 pixels wide as a data: URL */
	struct str redirect_uris;	/* published ones, separated by spaces */
	struct str problem;
	int64_t fetched;		/* seconds, UTC; 0: never */
	bool fresh;			/* it need not be asked for at present */
	bool kept;			/* the owner has let it in once */
};

/*
 * A client_id that came from outside in its canonical form (host in small letters, no empty path),
 * which is the one to show, to compare and to store; the rest stays as it was written. ERR_CLIENT_ID
 * with a hint unless it is what section 3.3 allows: http or https; no user, no fragment, no dot
 * segments, written out or encoded; a host that is a name, 127.0.0.1 or [::1].
 */
MUST enum err client_id_parse(struct ctx *c, struct str text, struct str *out);

/* The same for a person's URL (section 3.2): no port, and a name as host. ERR_CLIENT_ID. */
MUST enum err client_profile_parse(struct ctx *c, struct str text, struct str *out);

/* What is known of a client_id in its canonical form. ERR_NOT_FOUND: it was never asked for. */
MUST enum err client_find(struct ctx *c, struct db *db, struct str client_id, struct client *out);

/*
 * Has the courier look after it, which takes it a second or two, unless what is known is fresh or
 * somebody has asked already; nothing is ever fetched from loopback. Of applications that the owner
 * has not let in the newest CLIENT_STRANGERS_MAX stay. A write transaction of its own if there is
 * something to do, for a route marked W. To be called once it is the owner who asks, if that can be
 * waited for: each call for another stranger may cost the courier five seconds.
 */
MUST enum err client_ask(struct ctx *c, struct db *db, struct str client_id);

/* The owner lets it in: what is known of it stays. Inside a write transaction. */
MUST enum err client_keep(struct ctx *c, struct db *db, struct str client_id);

/*
 * Whether an answer may be sent there: a URL of the client_id's own scheme, host and port, or one
 * that the application has published, character by character (any port, if both are the same
 * loopback address, RFC 8252 section 7.3). Never a scheme by which a browser runs or opens
 * something itself (javascript:, data: …), a user's name, a fragment, or a spelling that programs
 * do not agree about. client NULL: nothing is known.
 */
bool client_redirect_ok(struct ctx *c, struct str client_id, const struct client *client,
	struct str redirect_uri);

/*
 * The courier's part, for a job of kind "client": fetches what is behind the client_id of that row,
 * then, *more, its logo. Fails by the database only.
 */
MUST enum err client_step(struct ctx *c, struct db *db, int64_t id, bool *more);

/* Removes strangers that nobody has asked for in a month (courier). *n: how many. */
MUST enum err clients_clean(struct ctx *c, struct db *db, int64_t *n);

#endif
