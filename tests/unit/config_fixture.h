/*
 * A configuration file of the test's own, what config_load() makes of it, and what it said.
 */
#ifndef UNIT_CONFIG_FIXTURE_H
#define UNIT_CONFIG_FIXTURE_H

#include "core/config.h"

#include "tempdir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct site {
	struct ctx c;
	struct tempdir dir;
	char file[128];
	struct buf problems;
	struct config *cfg;
};

/* Variables that the tests set; all are taken away again. */
static const char *const variables[] = {"STARPUNK_SITE_URL", "STARPUNK_WORKERS", "STARPUNK_CONFIG",
	"STARPUNK_METRICS_SAMPLING_RATES", "STARPUNK_Workers", "STARPUNK_", "STARPUNK_SITE_NAME",
	"STARPUNK_METRICS_ALLOW"};

static inline int
setup(void **state)
{
	static struct site s;

	s = (struct site){.cfg = NULL};
	ctx_init(&s.c, 4 << 20);
	tempdir_init(&s.dir);
	(void)snprintf(s.file, sizeof(s.file), "%s/starpunk.conf", s.dir.path);
	*state = &s;
	return 0;
}

static inline int
teardown(void **state)
{
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		(void)unsetenv(variables[i]);
	config_free(s->cfg);
	ctx_fini(&s->c);
	tempdir_fini(&s->dir);
	return 0;
}

/* Loads text, or no file if it is NULL; what was loaded before is freed. */
static inline enum err
load_str(struct site *s, struct str text)
{
	config_free(s->cfg);
	s->cfg = NULL;
	err_clear(&s->c);
	buf_init(&s->problems, &s->c.arena, 1 << 20);
	if (text.p)
		tempdir_write(&s->dir, "starpunk.conf", text);
	return config_load(&s->c, text.p ? s->file : NULL, &s->problems, &s->cfg);
}

static inline enum err
load(struct site *s, const char *text)
{
	return load_str(s, str_z(text));
}

static inline bool
said(struct site *s, const char *text)
{
	return str_search(buf_str(&s->problems), str_z(text), 0) < s->problems.n;
}

static inline void
assert_said(struct site *s, const char *text)
{
	if (!said(s, text))
		fail_msg("not said: \"%s\"; but:\n%.*s", text, STR(buf_str(&s->problems)));
}

/* The line "key = value", beside a valid site_url, is taken. */
static inline void
assert_good(struct site *s, const char *line)
{
	char text[8192];

	(void)snprintf(text, sizeof(text), "site_url = https://ada.example/\n%s\n", line);
	if (load(s, text) != OK)
		fail_msg("'%s' is refused: %.*s", line, STR(buf_str(&s->problems)));
}

/* It is refused on line 2 of the file, and that is the only problem; why is said. */
static inline void
assert_bad(struct site *s, const char *line, const char *why)
{
	char text[8192];
	unsigned lines = 0;

	(void)snprintf(text, sizeof(text), "site_url = https://ada.example/\n%s\n", line);
	if (load(s, text) != ERR_CONFIG)
		fail_msg("'%s' is taken", line);
	assert_said(s, why);
	assert_said(s, "starpunk.conf:2: ");
	for (size_t i = 0; i < s->problems.n; i++)
		lines += s->problems.p[i] == '\n';
	if (lines != 1)
		fail_msg("'%s' makes %u problems: %.*s", line, lines, STR(buf_str(&s->problems)));
}

/* A test with a site of its own. */
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

#endif
