/*
 * What the two halves of the authorization endpoint share: a request at hand, from the application's
 * redirect (indieauth.c) to the owner's decision (consent.c).
 */
#ifndef WEB_INDIEAUTH_H
#define WEB_INDIEAUTH_H

#include "domain/client.h"
#include "domain/indieauth.h"
#include "web/priv.h"

struct asked {
	struct str id;			/* under which it is kept; empty before */
	int64_t created;		/* seconds */
	bool again;			/* the owner comes to it a second time, from our own pages */
	struct pair *args;		/* its parameters, decoded */
	size_t n;
	struct indieauth_request q;
	struct client client;
	bool known;			/* something is known of the client, if only that it failed */
};

/* The request that is kept under an id, with what is known of the client. ERR_AUTH_STALE. */
MUST enum err asked_find(struct ctx *c, struct db *db, struct str id, struct asked *a);

/* True if the owner may be sent where the request wants. */
bool asked_redirect_ok(struct ctx *c, const struct asked *a);

/* ERR_AUTH_REDIRECT, with the address as hint. */
enum err asked_redirect_refuse(struct ctx *c, const struct asked *a);

/* ERR_PROOF_REQUIRED if more than the profile is at stake and the owner's proof is a day old. */
MUST enum err asked_gate(struct ctx *c, struct txn *t, struct str scope);

/* True for an http or https URL. */
bool asked_is_web(struct str url);

/* "https://app.example:8080/x" -> "app.example:8080"; for an address of another scheme, the scheme. */
struct str asked_host(struct str url);

/* Redirects to the application; what is in the address is for nobody else. */
void asked_send_back(struct txn *t, struct str url);

/* The page that asks the owner. */
MUST enum err consent_send(struct ctx *c, struct txn *t, const struct asked *a);

#endif
