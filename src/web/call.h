/*
 * One request to a Micropub endpoint as the inspector knows it: what the client sent in its head,
 * how its body was understood, how it was answered. Handlers fill a struct call as they go, with
 * what they have decoded anyway; when the answer is on its way it is written down as one entry of
 * the site's journal, for the owner whose client "does not work".
 *
 * Nobody's body is in it that has not shown a token first, and never a secret: headers and cookies
 * have no place in it, a value whose name speaks of a token or password is removed, and so is every
 * token of ours, wherever it stands. Values are cut at CALL_VALUE_MAX bytes, lists at
 * CALL_LIST_MAX.
 *
 * An entry of the journal is an object of these members, absent where there is nothing to say:
 *
 *	time, request_id, method, endpoint (path), status, duration_ms
 *	token (public id), client (its name), remote_addr, user_agent
 *	media_type (as sent), announced (Content-Length), bytes (of the body read)
 *	error {name, message, hint, detail, suggestion}
 *	location
 *	query ["name=value"]	of a request that reads
 *	files [{part, filename, media_type, bytes}]	that came with a form
 *	request {action, type, url, properties, …}	as understood
 *	fields ["name=value"], or json	as sent, where it was not understood
 *	cut: true	something was cut or left out
 */
#ifndef WEB_CALL_H
#define WEB_CALL_H

#include "base/ctx.h"
#include "core/facts.h"
#include "core/journal.h"
#include "domain/micropub.h"

enum { CALL_VALUE_MAX = 500, CALL_LIST_MAX = 20, CALL_MEMBERS_MAX = 100 };

/* A file that came, whatever became of it. */
struct call_file {
	struct str part;	/* name of its part of the form */
	struct str filename;	/* as sent, the last component */
	struct str media_type;	/* as claimed */
	uint64_t bytes;
};

/* Pointers are into the request's arena. Zero: nothing is known. */
struct call {
	/* set by the handler */
	const struct pair *fields;	/* of a form, decoded */
	size_t n_fields;
	struct call_file *files;	/* of a form; call_file() */
	size_t n_files;
	const struct json *json;	/* a body of JSON that was read but not understood */
	const struct micropub_request *request;	/* the body as understood */
	/* set by the dispatcher when the answer has gone out */
	struct pair *query;		/* decoded arguments */
	size_t n_query;
	struct str client;		/* name of the token */
	struct str media_type;		/* Content-Type as sent */
	int64_t announced;		/* Content-Length; -1: none */
	struct str location;		/* of the answer */
};

/* Notes a file that begins to come, and bytes of it; copies what it is given. ERR_MEMORY. */
MUST enum err call_file(struct ctx *c, struct call *call, struct call_file file);
void call_file_grow(struct call *call, size_t bytes);

/* Forgets what is of a body: for who has shown no token. */
void call_forget_body(struct call *call);

/* True for the requests that the inspector is about: /micropub and what is below it. */
bool call_is_micropub(const struct facts *f);

/*
 * Writes a call down. It is an observer: what it cannot write it drops, and it sees the error in
 * c's slot and the facts, but neither request nor response.
 */
void call_record(struct ctx *c, struct journal *j, const struct call *call, const struct facts *f);

#endif
