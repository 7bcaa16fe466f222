/*
 * Negotiation and conditions: the first line is Accept, the second If-None-Match, the third
 * If-Match, the fourth a date. Answers stay in their range, and "*" always matches.
 */
#include "fuzz.h"

#include "http/cond.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_n((const char *)data, size);
	struct pair params[] = {{S_INIT("HTTP_ACCEPT"), {0}}, {S_INIT("HTTP_IF_NONE_MATCH"), {0}},
		{S_INIT("HTTP_IF_MATCH"), {0}}, {S_INIT("HTTP_IF_MODIFIED_SINCE"), {0}}};
	struct req q = {.method = METHOD_GET, .params = params};
	const struct str offers[] = {S("text/html"), S("application/json")};
	size_t chosen;
	int html, json;
	enum cond cond;

	for (; q.n_params < 4 && rest.p; q.n_params++)
		params[q.n_params].value = str_cut(&rest, '\n');
	html = accept_quality(params[0].value, S("text/html"));
	json = accept_quality(params[0].value, S("application/json"));
	assert(html >= 0 && html <= 1000 && json >= 0 && json <= 1000);
	if (accept_prefers_json(&q))
		assert(json >= html && json > 0);
	chosen = accept_choose(params[0].value, offers, 2);
	assert((chosen == 2) == (html == 0 && json == 0));
	assert(chosen != 0 || html >= json);
	assert(chosen != 1 || json >= html);
	cond = cond_check(&q, S("W/\"a,b\""), 1000000000, 1700000000);
	assert(cond == COND_PROCEED || cond == COND_NOT_MODIFIED || cond == COND_FAILED);
	if (q.n_params > 2 && !str_eq(str_trim(params[2].value), S("*")))
		assert(cond == COND_FAILED);
	q.method = METHOD_POST;
	assert(cond_check(&q, S("\"a\""), 0, 0) != COND_NOT_MODIFIED);
	return 0;
}
