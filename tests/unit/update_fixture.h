/*
 * Short ways to make a post, the only one of its test, and to change it by Micropub.
 */
#ifndef UNIT_UPDATE_FIXTURE_H
#define UNIT_UPDATE_FIXTURE_H

#include "domain_fixture.h"

#define POST "https://ada.example/note/p"

/* Carries {"action":"update","url":POST,…} out. */
static inline enum err
update_as(struct site *s, const char *scope, const char *url, const char *operations)
{
	struct auth_grant g = grant(scope);
	struct micropub_request r;
	struct post_result result;
	struct str body;
	enum err err;

	assert_ok(s, ctx_printf(&s->c, &body, "{\"action\":\"update\",\"url\":\"%s\",%s}", url,
			     operations));
	err = micropub_parse_json(&s->c, body, &r);
	return err == OK ? micropub_run(&s->c, s->db, &g, &r, &result) : err;
}

static inline enum err
update(struct site *s, const char *operations)
{
	return update_as(s, "update", POST, operations);
}

/* Makes the post p of properties. */
static inline void
post(struct site *s, const char *properties)
{
	struct str body;

	assert_ok(s,
		ctx_printf(&s->c, &body, "{\"properties\":{\"mp-slug\":[\"p\"],%s}}", properties));
	(void)posted(s, body.p);
}

static inline struct post_row
row_of(struct site *s, const char *slug)
{
	struct post_row row;

	assert_ok(s, post_row_find(&s->c, s->db, str_z(slug), &row));
	return row;
}

#endif
