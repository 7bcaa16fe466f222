/*
 * What every request of starpunk-fetch has in common, as libcurl's options: which addresses it may
 * connect to (net/address), and everything that it must not do behind our back. Private to the files
 * that ask: get.c, ask.c.
 */
#ifndef NET_GUARD_H
#define NET_GUARD_H

#include "net/fetch.h"

#include <curl/curl.h>

struct guard {
	const char *allow;	/* networks that may be asked besides public addresses */
	bool refused;		/* set when an address was not let through */
};

/* Sets them; g outlives the request. The first failure. */
CURLcode guard_set(CURL *curl, struct guard *g);

/* What came of a request as a word of ours. */
enum fetch_problem guard_judge(const struct guard *g, CURLcode code);

#endif
