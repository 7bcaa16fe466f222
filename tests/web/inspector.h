/*
 * What the tests of the request inspector share: calls, and what the journal keeps of them.
 */
#ifndef TESTS_WEB_INSPECTOR_H
#define TESTS_WEB_INSPECTOR_H

#include "site.h"

#include "core/journal.h"
#include "text/json.h"
#include "web/call.h"
#include "web/calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static inline struct answer
post_as(struct site *s, struct str token, const char *type, const char *body)
{
	return ASK(s, .method = "POST", .uri = "/micropub", .type = type, .body = body,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, token)},
			{"HTTP_USER_AGENT", "Quill/1.0"}});
}

/* Everything that was written down so far, kept. */
static inline struct str
journal_text(struct site *s)
{
	char path[128], *p = calloc(1, 1 << 20);
	struct str kept;
	ssize_t n = 0;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/micropub.journal", s->dir);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, p, 1 << 20);
		(void)close(fd);
	}
	assert_true(n >= 0);
	kept = arena_str(&s->kept, str_n(p, (size_t)n));
	free(p);
	return kept;
}

static inline size_t
calls_kept(struct site *s)
{
	struct str text = journal_text(s);
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* The last call. It belongs to the site's context until the next request. */
static inline const struct json *
last_call(struct site *s)
{
	struct calls calls;

	ctx_reset(&s->c);
	assert_int_equal(calls_load(&s->c, S(""), 1, &calls), OK);
	assert_int_equal(calls.n, 1);
	return calls.list[0];
}

/* The value at a path of names, "request.properties.content.0", as JSON; "" if it is not there. */
static inline const char *
value_at(struct site *s, const struct json *v, const char *path)
{
	struct str rest = str_z(path), text = S("");

	while (v && rest.p) {
		struct str name = str_cut(&rest, '.');
		unsigned long long i;

		v = str_u64(name, 1000, &i) && json_kind(v) == JSON_ARRAY ? json_at(v, (size_t)i)
									  : json_find(v, name);
	}
	if (v && json_kind(v) == JSON_STRING)
		text = json_str(v);
	else if (v)
		assert_int_equal(json_write(&s->c, v, &text), OK);
	return arena_str(&s->kept, text).p;
}

#define assert_at(s, call, path, want) assert_string_equal(value_at((s), (call), (path)), (want))

static inline bool
has(struct str s, const char *part)
{
	return str_search(s, str_z(part), 0) < s.n;
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, site_setup, site_teardown)

#endif
