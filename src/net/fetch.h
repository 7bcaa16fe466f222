/*
 * Fetching something that a stranger has named, by a program of its own: starpunk-fetch, which runs
 * for one address, under limits, and may hang or crash. So neither libcurl nor a waiting resolver is
 * in a process that lives on. Only the courier calls, and `starpunk doctor`, which asks its own site; workers
 * have no network.
 *
 *	starpunk-fetch client URL SITE NETWORKS ID	what the application of that client_id says of itself
 *	starpunk-fetch file URL SITE NETWORKS ID	the bytes, to descriptor 3
 *	starpunk-fetch ask URL SITE NETWORKS ID	what is said there to the request on descriptor 0 (ask.h);
 *						the answer's body to descriptor 3
 *	starpunk-fetch probe			opens a file behind its jail; it must die of that
 *
 * SITE goes into the User-Agent, NETWORKS is the setting fetch_allow, ID goes out as X-Request-ID: that of
 * the request for which somebody is asked, so that both sides' logs have it; "" for none. The answer is a
 * JSON object on descriptor 1: problem (a word of fetch_word()), detail, status, url, max_age, and what
 * client_doc.h adds; for ask: problem, detail, status, type, location, date, server, certificate_end.
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/ctx.h"

enum {
	FETCH_MAX_BYTES = 64 * 1024,	/* of a document or file */
	FETCH_TIME_US = 5 * 1000 * 1000,	/* for all of the asking */
	FETCH_LONGEST_US = 8 * 1000 * 1000,	/* for all of the program's life */
	FETCH_ASK_TIME_US = 20 * 1000 * 1000,	/* for asking with a large body */
	FETCH_ASK_SMALL_US = 8 * 1000 * 1000,	/* and with one of up to FETCH_ASK_SMALL bytes */
	FETCH_ASK_SMALL = 64 * 1024
};

/* Why nothing came, or nothing was taken from what came. */
enum fetch_problem {
	FETCH_OK,
	FETCH_ADDRESS,	/* it leads where nobody may be asked */
	FETCH_NAME,	/* it cannot be resolved */
	FETCH_CONNECT,	/* nobody answers there, or what answers is no HTTP */
	FETCH_TLS,	/* the certificate is not good, or TLS fails otherwise */
	FETCH_TIMEOUT,
	FETCH_LARGE,	/* more than was to be taken */
	FETCH_REDIRECT,	/* too many, or to nowhere */
	FETCH_STATUS,	/* answered, but not with 200 */
	FETCH_TYPE,	/* of another kind than what was asked for */
	FETCH_DOCUMENT,	/* it cannot be read, or is about something else */
	FETCH_HELPER,	/* the program itself has failed */
	FETCH__MAX
};

/* Their words: "address", "name" …; "" for FETCH_OK. */
const char *fetch_word(enum fetch_problem p);

/* The way back; FETCH_HELPER for a word that there is not. */
enum fetch_problem fetch_problem_of(struct str word);

/*
 * Runs it with "client" or "file"; out_fd is -1 for the former. *answer is what it wrote, which is
 * to be judged. ERR_FETCH_HELPER: it cannot be started, died, or was killed when its time was up.
 */
MUST enum err fetch_run(struct ctx *c, const char *mode, struct str url, int out_fd,
	struct str *answer);

/*
 * Runs it with "ask": request is what ask_parse() reads. Any address may be asked, since it is the
 * owner, at the command line, who names it. The answer's body goes to body_fd.
 */
MUST enum err fetch_ask(struct ctx *c, struct str url, struct str request, int body_fd,
	struct str *answer);

#endif
