/*
 * What an application says of itself, out of the document behind its client_id (IndieAuth, section
 * 4.2): a JSON document of client metadata, or a page with an h-app. Read by starpunk-fetch behind
 * its jail; what it found goes to the courier as JSON, and is judged there once more.
 */
#ifndef DOMAIN_CLIENT_DOC_H
#define DOMAIN_CLIENT_DOC_H

#include "net/get.h"
#include "text/json.h"

/* "" for what it does not say. */
struct client_doc {
	struct str name;	/* plain text on one line, CLIENT_NAME_MAX characters at most */
	struct str url;		/* http or https, normalised, as is the logo's */
	struct str logo;
	struct str redirect_uris;	/* separated by spaces */
};

/*
 * Reads what came from client_id. *problem is FETCH_OK, or why nothing was taken from it:
 * FETCH_TYPE (neither JSON nor HTML), FETCH_DOCUMENT (it cannot be read, or names another client_id).
 * Redirect URIs are taken from the client_id's own host only: who can have it redirect elsewhere
 * must not name them. ERR_MEMORY.
 */
MUST enum err client_doc_parse(struct ctx *c, struct str client_id, const struct got *got,
	struct client_doc *out, enum fetch_problem *problem);

/* Its members: name, home, logo, redirect_uris. */
MUST enum err client_doc_put(struct ctx *c, const struct client_doc *doc, struct json *object);

/* The way back; what client_doc_parse() would not have made is left out. */
MUST enum err client_doc_find(struct ctx *c, const struct json *object, struct client_doc *out);

/* True for a redirect URI that an application may publish. */
bool client_redirect_plausible(struct str uri, struct str *scheme);

#endif
