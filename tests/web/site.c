/*
 * A whole site inside a test program; see site.h.
 */
#include "site.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/crypto.h"
#include "store/migrate.h"
#include "text/markdown.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA = 32 << 20, KEPT = 256 << 20, PARAMS = 32, OUT = 16 << 20 };

/* ---- the site ---------------------------------------------------------------------------- */

static void
write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
configure(struct site *s, const char *more)
{
	const char *top = getenv("SP_TOP_SRCDIR");
	char text[4096], path[128];
	struct buf problems;

	(void)snprintf(path, sizeof(path), "%s/media", s->dir);
	assert_int_equal(mkdir(path, 0700), 0);
	(void)snprintf(text, sizeof(text),
		"%s%s"
		"site_name = \"Ada writes\"\nauthor_name = Ada\n"
		"share_path = \"%s/share\"\ndatabase_path = \"%s/site.db\"\nmedia_path = "
		"\"%s/media\"\n"
		"runtime_path = \"%s\"\nlisten = \"%s/sock\"\ndb_connection_pool_size = 2\n"
		"db_connection_timeout = 20ms\n%s\n",
		strstr(more, "site_url") ? "" : "site_url = \"https://ada.example/\"\n",
		strstr(more, "rate_limit") ? "" : "rate_limit = 0\nlogin_rate_limit = 0\n",
		top ? top : ".", s->dir, s->dir, s->dir, s->dir, more);
	write_file(s->dir, "starpunk.conf", text);
	(void)snprintf(path, sizeof(path), "%s/starpunk.conf", s->dir);
	buf_init(&problems, &s->c.arena, 65536);
	if (config_load(&s->c, path, &problems, &s->cfg) != OK)
		fail_msg("%.*s", STR(buf_str(&problems)));
	s->c.cfg = s->cfg;
}

static struct str
keep(struct site *s, struct str text)
{
	struct str kept = arena_str(&s->kept, text);

	assert_non_null(kept.p);
	return kept;
}

static struct str
token(struct site *s, struct db *db, struct str scope)
{
	struct str secret, id;

	assert_int_equal(auth_token_create(&s->c, db, S("test"), scope, 0, &secret, &id), OK);
	return keep(s, secret);
}

static void
tokens_make(struct site *s)
{
	struct db *db;

	assert_int_equal(pool_acquire(&s->c, s->pool, &db), OK);
	s->create = token(s, db, S("create update"));
	s->draft = token(s, db, S("draft"));
	s->all = token(s, db, S("create update delete"));
	s->none = token(s, db, S("profile"));
	s->admin = token(s, db, S("admin"));
	assert_true(pool_release(&s->c, s->pool, db));
}

struct site *
site_new(const char *more)
{
	struct site *s = calloc(1, sizeof(*s));
	char path[128];

	assert_non_null(s);
	ctx_init(&s->c, ARENA);
	arena_init(&s->kept, KEPT);
	(void)snprintf(s->dir, sizeof(s->dir), "/tmp/starpunk-web-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	assert_int_equal(crypto_init(&s->c), OK);
	markdown_init();
	assert_true(time_zone_set("UTC"));
	configure(s, more);
	(void)snprintf(path, sizeof(path), "%s/log", s->dir);
	s->log_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(s->log_fd >= 0);
	assert_int_equal(log_open_fd(&s->c, s->log_fd, LOG_LEVEL_DEBUG, true, &s->log), OK);
	s->c.log = s->log;
	assert_int_equal(segment_create(&s->c, s->dir, &s->seg), OK);
	assert_int_equal(metrics_open(&s->c, s->seg, METRICS_WORKER, s->cfg, &s->metrics), OK);
	s->c.metrics = s->metrics;
	assert_int_equal(migrate_run(&s->c, true), OK);
	assert_int_equal(
		pool_open(&s->c, s->seg, (size_t)s->cfg->db_connection_pool_size, &s->pool), OK);
	tokens_make(s);
	if (web_new(&s->c, s->seg, s->pool, &s->web) != OK)
		fail_msg("%s", s->c.err.detail);
	ctx_reset(&s->c);
	return s;
}

static void
remove_tree(const char *path)
{
	char inner[512];
	struct dirent *e;
	DIR *dir = opendir(path);

	while (dir && (e = readdir(dir))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name);
		if (unlink(inner) != 0)
			remove_tree(inner);
	}
	if (dir)
		(void)closedir(dir);
	(void)rmdir(path);
}

void
site_free(struct site *s)
{
	ctx_reset(&s->c);
	web_free(s->web);
	pool_close(&s->c, s->pool);
	metrics_close(s->metrics);
	segment_close(s->seg);
	log_close(s->log);
	(void)close(s->log_fd);
	ctx_fini(&s->c);
	arena_fini(&s->kept);
	config_free(s->cfg);
	remove_tree(s->dir);
	free(s);
}

int
site_setup(void **state)
{
	*state = site_new("");
	return 0;
}

int
site_teardown(void **state)
{
	site_free(*state);
	return 0;
}

void
site_owner(struct site *s)
{
	struct str shown;
	struct db *db;

	assert_int_equal(pool_acquire(&s->c, s->pool, &db), OK);
	assert_int_equal(auth_owner_create(&s->c, db, S("Ada"), S(SITE_PASSWORD), &shown), OK);
	assert_true(pool_release(&s->c, s->pool, db));
	ctx_reset(&s->c);
}

/* ---- requests ---------------------------------------------------------------------------- */

struct wire {
	struct site *site;
	const struct ask *ask;
	size_t active; /* most connections out of the pool during a write */
	struct str body;
	size_t taken;
	char *out;
	size_t n;
};

static ssize_t
wire_read(void *self, void *p, size_t n)
{
	struct wire *w = self;
	size_t left = w->body.n - w->taken;

	if (w->ask->reads && n > w->ask->reads)
		n = w->ask->reads;
	if (n > left)
		n = left;
	if (n > 0)
		memcpy(p, w->body.p + w->taken, n);
	else if (w->ask->late)
		return IO_LATE;
	w->taken += n;
	return (ssize_t)n;
}

static bool
wire_write(void *self, const void *p, size_t n)
{
	struct wire *w = self;
	struct pool_stats stats;

	pool_stats(w->site->pool, &stats);
	if (stats.active > w->active)
		w->active = stats.active;
	if (w->ask->gone_after && w->n + n > w->ask->gone_after)
		return false;
	assert_true(w->n + n <= OUT);
	memcpy(w->out + w->n, p, n);
	w->n += n;
	return true;
}

static size_t
params_fill(const struct site *s, const struct ask *a, struct str body, char length[32],
	struct pair *params)
{
	struct str host = str_z(a->host), rest = str_z(s->cfg->site_url);
	size_t n = 0;

	if (!a->host) {
		rest = str_sub(rest, str_search(rest, S("://"), 0) + 3, rest.n);
		host = str_cut(&rest, '/');
	}

	(void)snprintf(length, 32, "%zu", body.n);
	params[n++] = (struct pair){S("REQUEST_METHOD"), str_z(a->method ? a->method : "GET")};
	params[n++] = (struct pair){S("REQUEST_URI"), str_z(a->uri)};
	params[n++] = (struct pair){
		S("REMOTE_ADDR"), str_z(a->remote_addr ? a->remote_addr : "192.0.2.1")};
	if (!a->no_host)
		params[n++] = (struct pair){S("HTTP_HOST"), host};
	if (a->type)
		params[n++] = (struct pair){S("CONTENT_TYPE"), str_z(a->type)};
	if (body.n || a->length)
		params[n++] =
			(struct pair){S("CONTENT_LENGTH"), str_z(a->length ? a->length : length)};
	for (size_t i = 0; a->headers[i][0]; i++)
		params[n++] = (struct pair){str_z(a->headers[i][0]), str_z(a->headers[i][1])};
	assert_true(n <= PARAMS);
	return n;
}

/* Takes what was written apart: CGI's header block, an empty line, the body. */
static void
answer_parse(struct site *s, const struct wire *w, struct answer *out)
{
	struct str all = keep(s, str_n(w->out, w->n));
	size_t end = str_search(all, S("\r\n\r\n"), 0);
	unsigned long long status = 0;

	out->status = 0;
	if (end == all.n)
		return;
	out->head = str_sub(all, 0, end + 2);
	out->body = str_sub(all, end + 4, all.n);
	assert_true(str_starts(out->head, S("Status: ")));
	assert_true(str_u64(str_sub(out->head, 8, 11), 999, &status));
	out->status = (int)status;
}

struct answer
site_ask(struct site *s, const struct ask *ask)
{
	struct wire w = {
		.site = s, .ask = ask, .body = ask->bytes.p ? ask->bytes : str_z(ask->body)};
	struct io io = {.self = &w, .read = wire_read, .write = wire_write};
	struct pair params[PARAMS];
	struct answer out = {0};
	char length[32];
	size_t n = params_fill(s, ask, w.body, length, params);

	w.out = malloc(OUT);
	assert_non_null(w.out);
	ctx_reset(&s->c);
	s->c.now_us = s->now_us;
	s->c.facts = &s->facts;
	out.dirt = web_handle(s->web, &s->c, params, n, &io);
	/* A failure that has not come is not to come to us, who keep the answer. */
	if (!mem_fault_hit())
		mem_fault_at(0);
	assert_ptr_equal(s->c.facts, &s->facts);
	out.active = w.active;
	out.facts = s->facts;
	out.facts.path = keep(s, s->facts.path);
	out.facts.auth = keep(s, s->facts.auth);
	out.read_only = s->c.read_only;
	out.request_id = keep(s, str_z(s->c.request_id)).p;
	ctx_reset(&s->c);
	answer_parse(s, &w, &out);
	free(w.out);
	return out;
}

struct str
answer_header_n(const struct answer *a, const char *name, size_t n)
{
	struct str rest = a->head;

	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		struct str key = str_cut(&line, ':');

		if (line.p && str_eqi(str_trim(key), str_z(name)) && n-- == 0)
			return str_trim(line);
	}
	return (struct str){0};
}

struct str
answer_header(const struct answer *a, const char *name)
{
	return answer_header_n(a, name, 0);
}

void
site_assert_body(struct answer a, const char *text, bool there, const char *file, int line)
{
	if ((str_search(a.body, str_z(text), 0) < a.body.n) == there)
		return;
	print_error("'%s' should %sbe in:\n%.*s\n", text, there ? "" : "not ", STR(a.body));
	_fail(file, line);
}

void
site_assert_no_script(struct answer a, const char *file, int line)
{
	struct str mark = S("<script"), data = S("<script type=\"application/ld+json\">");

	for (size_t at = 0; (at = str_search(a.body, mark, at)) < a.body.n; at += mark.n)
		if (!str_starts(str_sub(a.body, at, a.body.n), data))
			site_assert_body(a, "<script", false, file, line);
}

void
site_assert_header(struct answer a, const char *name, const char *value, const char *file, int line)
{
	struct str got = answer_header(&a, name);

	if ((got.p != NULL) == (value != NULL) && (!value || str_eq(got, str_z(value))))
		return;
	print_error("%s should be '%s' in:\n%.*s\n", name, value ? value : "absent", STR(a.head));
	_fail(file, line);
}

/* ---- what tests do often ----------------------------------------------------------------- */

const char *
site_bearer(struct site *s, struct str token_)
{
	struct str text = arena_printf(&s->kept, "Bearer %.*s", STR(token_));

	assert_non_null(text.p);
	return text.p;
}

const char *
site_post(struct site *s, const char *form)
{
	struct answer a = ASK(s, .method = "POST", .uri = "/micropub", .body = form,
		.type = "application/x-www-form-urlencoded",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	struct str url = answer_header(&a, "Location");

	assert_int_equal(a.status, 201);
	assert_true(str_starts(url, str_z(s->cfg->site_url)));
	return keep(s, str_sub(url, strlen(s->cfg->site_url) - 1, url.n)).p;
}

const char *
site_login_form(struct site *s, const char *fields)
{
	struct answer a = ASK(s, .uri = "/admin/login",
		.headers = {{s->visitor ? "HTTP_COOKIE" : NULL, s->visitor}});
	struct str cookie = answer_header(&a, "Set-Cookie");
	const char *csrf = site_between(s, a.body, "name=\"csrf\" value=\"", "\"");
	char text[9216];

	assert_int_equal(a.status, 200);
	assert_non_null(csrf);
	if (cookie.p)
		s->visitor = keep(s, str_sub(cookie, 0, str_find(cookie, ';', 0))).p;
	assert_true(snprintf(text, sizeof(text), "csrf=%s&%s", csrf, fields) < (int)sizeof(text));
	return keep(s, str_z(text)).p;
}

struct answer
site_login(struct site *s, const char *fields)
{
	const char *form = site_login_form(s, fields);

	return ASK(s, .method = "POST", .uri = "/admin/login",
		.type = "application/x-www-form-urlencoded", .body = form,
		.headers = {{"HTTP_COOKIE", s->visitor}});
}

const char *
site_sign_in(struct site *s)
{
	struct answer a = site_login(s, "password=a+long+enough+password");
	struct str cookie = answer_header(&a, "Set-Cookie");

	assert_int_equal(a.status, 303);
	return keep(s, str_sub(cookie, 0, str_find(cookie, ';', 0))).p;
}

const char *
site_csrf(struct site *s, const char *cookie)
{
	struct answer a = ASK(s, .uri = "/admin", .headers = {{"HTTP_COOKIE", cookie}});

	assert_int_equal(a.status, 200);
	return site_between(s, a.body, "name=\"csrf\" value=\"", "\"");
}

const char *
site_between(struct site *s, struct str text, const char *before, const char *after)
{
	size_t from = str_search(text, str_z(before), 0), to;

	if (from == text.n)
		return NULL;
	from += strlen(before);
	to = str_search(text, str_z(after), from);
	return to == text.n ? NULL : keep(s, str_sub(text, from, to)).p;
}

struct str
site_log(struct site *s)
{
	char *p = calloc(1, OUT);
	ssize_t n = pread(s->log_fd, p, OUT - 1, 0);
	struct str kept;

	assert_true(n >= 0);
	kept = keep(s, str_n(p, (size_t)n));
	free(p);
	return kept;
}

void
site_sql(struct site *s, const char *sql)
{
	char path[128];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/site.db", s->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void *
site_hold(struct site *s)
{
	char path[128];
	sqlite3 *db;

	(void)snprintf(path, sizeof(path), "%s/site.db", s->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	return db;
}

void
site_let_go(void *held)
{
	assert_int_equal(sqlite3_close(held), SQLITE_OK);
}
