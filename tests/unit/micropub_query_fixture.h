/*
 * Asking as a client with some scope does: the queries of domain/micropub.
 */
#ifndef TESTS_MICROPUB_QUERY_FIXTURE_H
#define TESTS_MICROPUB_QUERY_FIXTURE_H

#include "domain/micropub.h"

#include "domain_fixture.h"

static inline enum err
ask(struct site *s, const char *scope, const char *args, struct str *json)
{
	struct auth_grant g = grant(scope);
	struct form f = form(args);
	struct micropub_answer answer;
	enum err err = micropub_query(&s->c, s->db, &g, f.fields, f.n, &answer);

	*json = answer.json;
	return err;
}

static inline struct str
answer(struct site *s, const char *args)
{
	struct str json = {0};

	assert_ok(s, ask(s, "create", args, &json));
	return json;
}

#endif
