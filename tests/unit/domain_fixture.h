/*
 * A site for the tests of domain: a directory of its own with a configuration and an empty
 * database, a clock that stands at 2026-03-01T09:30:00Z, and short ways to ask and to post.
 */
#ifndef UNIT_DOMAIN_FIXTURE_H
#define UNIT_DOMAIN_FIXTURE_H

#include "base/time.h"
#include "core/config.h"
#include "core/crypto.h"
#include "core/facts.h"
#include "core/log.h"
#include "domain/login.h"
#include "domain/micropub.h"
#include "domain/site.h"
#include "store/migrate.h"
#include "text/markdown.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1772357400)
#define SITE_TEST(f) cmocka_unit_test_setup_teardown(f, site_setup, site_teardown)

struct site {
	struct ctx c;
	struct config *cfg;
	struct db *db;
	char dir[64];
	char log[96];
	struct facts facts;
	int log_fd;
};

/* Ends one piece of work and begins the next, with the clock moved on. */
static inline void
site_next(struct site *s, int64_t seconds)
{
	int64_t now = s->c.now_us;

	ctx_reset(&s->c);
	s->c.now_us = now + seconds * 1000000;
}

static inline int
site_write_config(const struct site *s, char path[128])
{
	FILE *f;

	(void)snprintf(path, 128, "%s/starpunk.conf", s->dir);
	f = fopen(path, "w");
	if (!f)
		return -1;
	(void)fprintf(f,
		"site_url = \"https://ada.example/\"\nsite_name = \"Ada's <site>\"\n"
		"author_name = \"Ada & Co\"\ndatabase_path = \"%s/starpunk.db\"\n"
		"media_path = \"%s/media\"\nruntime_path = \"%s\"\nsession_timeout = 30d\n"
		"max_media_size = 64KiB\nshare_path = \"%s/share\"\n"
		"syndicate_to = \"https://social.example/@ada=Social, pond=The pond\"\n"
		"channels = \"garden=Garden, work=Work\"\n",
		s->dir, s->dir, s->dir, getenv("SP_TOP_SRCDIR") ? getenv("SP_TOP_SRCDIR") : ".");
	(void)snprintf(path, 128, "%s/media", s->dir);
	if (fclose(f) != 0 || mkdir(path, 0755) != 0)
		return -1;
	(void)snprintf(path, 128, "%s/starpunk.conf", s->dir);
	return 0;
}

static inline int
site_setup(void **state)
{
	struct site *s = calloc(1, sizeof(*s));
	struct buf problems;
	char path[128];

	if (!s)
		return -1;
	*state = s;
	ctx_init(&s->c, 64 << 20);
	s->c.now_us = NOW * 1000000;
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/sp-domain-XXXXXX");
	if (!mkdtemp(s->dir) || site_write_config(s, path) != 0 || !time_zone_set("UTC"))
		return -1;
	buf_init(&problems, &s->c.arena, 65536);
	if (crypto_init(&s->c) != OK || config_load(&s->c, path, &problems, &s->cfg) != OK) {
		(void)fprintf(stderr, "# %.*s\n", STR(buf_str(&problems)));
		return -1;
	}
	s->c.cfg = s->cfg;
	s->c.facts = &s->facts;
	s->facts = (struct facts){.remote_addr = S("192.0.2.1"), .user_agent = S("Browser")};
	markdown_init();
	(void)snprintf(s->log, sizeof(s->log), "%s/log", s->dir);
	s->log_fd = open(s->log, O_RDWR | O_CREAT | O_APPEND, 0600);
	if (s->log_fd < 0 ||
	    log_open_fd(&s->c, s->log_fd, LOG_LEVEL_DEBUG, true, &s->c.log) != OK ||
	    migrate_run(&s->c, true) != OK || db_open(&s->c, NULL, &s->db) != OK) {
		(void)fprintf(stderr, "# %s\n", s->c.err.detail);
		return -1;
	}
	site_next(s, 0);
	return 0;
}

static inline int
site_remove(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static inline int
site_teardown(void **state)
{
	struct site *s = *state;
	bool clean = db_clean(s->db);

	db_close(s->db);
	log_close(s->c.log);
	(void)close(s->log_fd);
	config_free(s->cfg);
	ctx_fini(&s->c);
	(void)nftw(s->dir, site_remove, 8, FTW_DEPTH | FTW_PHYS);
	free(s);
	return clean ? 0 : -1;
}

/* What was logged so far; valid until the next call. */
static inline struct str
site_log(struct site *s)
{
	static char text[65536];
	ssize_t n = pread(s->log_fd, text, sizeof(text), 0);

	return str_n(text, n > 0 ? (size_t)n : 0);
}

static inline void
assert_str(struct str got, const char *want)
{
	if (!str_eq(got, str_z(want)))
		fail_msg("got '%.*s', wanted '%s'", STR(got), want);
}

static inline void
assert_has(struct str text, const char *part)
{
	if (str_search(text, str_z(part), 0) == text.n)
		fail_msg("'%s' is not in '%.*s'", part, STR(text));
}

static inline void
assert_has_not(struct str text, const char *part)
{
	if (str_search(text, str_z(part), 0) < text.n)
		fail_msg("'%s' is in '%.*s'", part, STR(text));
}

/* OK, or the failure's detail in the test's output. */
static inline void
assert_ok(struct site *s, enum err err)
{
	if (err != OK)
		fail_msg("%s: %s (%s)", err_info(err)->name, s->c.err.detail, s->c.err.hint);
}

/* That error and no other, raised; the slot is emptied for what follows. */
static inline void
assert_err(struct site *s, enum err got, enum err want)
{
	if (got != want)
		fail_msg("got %s (%s), wanted %s", got ? err_info(got)->name : "OK",
			s->c.err.detail, err_info(want)->name);
	assert_int_equal(s->c.err.code, want);
	err_clear(&s->c);
}

/* The password, shown by a browser that has come just now; *secret is of the session it opens. */
static inline enum err
sign_in(struct site *s, struct str password, struct str *secret)
{
	struct login l = {.cookie = S("")};
	enum err err = login_password(&s->c, s->db, &l, password);

	*secret = l.secret;
	if (!err)
		assert_true(l.open);
	return err;
}

static inline struct auth_grant
grant(const char *scope)
{
	return (struct auth_grant){.id = S("tokenid"), .scope = str_z(scope)};
}

/* Posts JSON with a scope; *slug is what the permalink ends in. */
static inline enum err
post_json(struct site *s, const char *scope, const char *body, struct str *slug)
{
	struct auth_grant g = grant(scope);
	struct micropub_request r;
	struct post_result result;
	enum err err = micropub_parse_json(&s->c, str_z(body), &r);

	if (err == OK)
		err = micropub_run(&s->c, s->db, &g, &r, &result);
	if (err != OK)
		return err;
	assert_true(str_starts(result.permalink, S("https://ada.example/note/")));
	*slug = str_sub(result.permalink, 25, result.permalink.n);
	return OK;
}

/* The row of the post that JSON makes; fails the test if it makes none. */
static inline struct post_row
posted(struct site *s, const char *body)
{
	struct post_row row = {0};
	struct str slug = {0}, location;

	assert_ok(s, post_json(s, "create", body, &slug));
	assert_ok(s, ctx_printf(&s->c, &location, "https://ada.example/note/%.*s", STR(slug)));
	assert_ok(s, site_permalink_parse(&s->c, location, &slug));
	assert_ok(s, post_row_find(&s->c, s->db, slug, &row));
	return row;
}

struct form {
	struct pair fields[32];
	size_t n;
};

/* "a=1&b=2" as fields; nothing is percent-encoded. */
static inline struct form
form(const char *text)
{
	struct form f = {.n = 0};
	struct str rest = str_z(text);

	while (rest.p) {
		struct str field = str_cut(&rest, '&');

		f.fields[f.n].name = str_cut(&field, '=');
		f.fields[f.n++].value = field;
	}
	return f;
}

static inline uint64_t
post_total(struct site *s)
{
	uint64_t n = 0;

	assert_ok(s, post_row_count(&s->c, s->db, &n));
	return n;
}

#endif
