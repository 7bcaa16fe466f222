/*
 * The media endpoint: forms, tokens, the order in which things are looked at, what a client is
 * told.
 */
#include "media.h"

#include "store/pool.h"
#include "web/priv.h"

/* ---- uploads ----------------------------------------------------------------------------- */

static void
a_file_is_created_at_an_absolute_url(void **state)
{
	struct site *s = *state;
	struct answer a = upload(s, ONE END);
	struct str url = answer_header(&a, "Location");

	assert_int_equal(a.status, 201);
	assert_true(str_starts(url, S("https://ada.example/media/")));
	assert_true(str_ends(url, S(".png")));
	assert_true(str_search(url, S("cron"), 0) == url.n);
	assert_int_equal(a.body.n, 0);
	assert_header(a, "Access-Control-Allow-Origin", "*");
	assert_header(a, "Cache-Control", "no-store");
	assert_int_equal(files(s), 1);
	assert_int_equal(a.facts.route, ROUTE_MEDIA);
	assert_true(a.facts.auth.n > 0);
}

static void
a_body_in_any_pieces_is_the_same_file(void **state)
{
	struct site *s = *state;
	struct answer whole = upload(s, ONE END), pieces;

	for (size_t n = 1; n < 20; n += 6) {
		pieces = ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE,
			.body = ONE END, .reads = n,
			.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
		assert_int_equal(pieces.status, 201);
		assert_true(str_eq(
			answer_header(&pieces, "Location"), answer_header(&whole, "Location")));
	}
	assert_int_equal(files(s), 1);
}

static void
exactly_one_part_named_file_is_an_upload(void **state)
{
	static const char *const others[] = {END, FILE_AS("photo", "x.png", "PNG one") END,
		TEXT("file", "PNG one") END, ONE ONE END, FILE_AS("file[]", "x.png", "PNG one") END,
		FILE_AS("file", "", "") END};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct answer a = upload(s, others[i]);

		assert_int_equal(a.status, 400);
		assert_has(a, "\"error\":\"invalid_request\"");
		assert_has(a, "in a part named 'file'");
	}
	assert_int_equal(files(s), 0);
	assert_int_equal(image_prepared, 0);
}

static void
a_body_cut_short_stores_nothing(void **state)
{
	struct site *s = *state;
	struct answer a = upload(s, ONE);

	assert_int_equal(a.status, 400);
	a = ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE, .body = ONE END,
		.length = "5000", .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 400);
	assert_has(a, "ended before its announced length");
	assert_int_equal(files(s), 0);
	assert_int_equal(image_prepared, 0);
}

static void
an_upload_drops_no_page_from_the_cache(void **state)
{
	struct site *s = *state;

	(void)site_post(s, "content=Rain");
	assert_int_equal(ASK(s, .uri = "/").status, 200);
	assert_true(ASK(s, .uri = "/").facts.cached);
	assert_int_equal(upload(s, ONE END).status, 201);
	assert_true(ASK(s, .uri = "/").facts.cached);
}

static void
a_body_too_slow_is_told_so(void **state)
{
	struct site *s = *state;
	struct answer a = ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE,
		.body = ONE, .length = "5000", .late = true,
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});

	assert_int_equal(a.status, 408);
	assert_has(a, "came too slowly");
	assert_int_equal(files(s), 0);
}

/* Clients that send for as long as they like leave a thread for those who read. */
static void
one_thread_receives_no_files(void **state)
{
	struct site *s = *state;
	struct answer a;

	for (int i = 0; i < s->cfg->worker_threads; i++)
		assert_int_equal(upload(s, ONE).status, 400);
	for (int i = 1; i < s->cfg->worker_threads; i++)
		assert_int_equal(sem_trywait(&s->web->uploads), 0);
	assert_int_equal(sem_trywait(&s->web->uploads), -1);
	a = upload(s, ONE END);
	assert_int_equal(a.status, 503);
	assert_header(a, "Retry-After", "10");
	assert_int_equal(a.facts.request_bytes, 0);
	assert_int_equal(sem_post(&s->web->uploads), 0);
	assert_int_equal(upload(s, ONE END).status, 201);
}

static void
refusals_come_in_the_standards_form(void **state)
{
	static const struct {
		const char *body;
		int status;
		const char *error;
	} cases[] = {
		{FILE_AS("file", "cat.jpg", "<svg>") END, 415, "invalid_request"},
		{FILE_AS("file", "cat.jpg", "") END, 415, "invalid_request"},
		{FILE_AS("file", "cat.jpg", "BROKEN") END, 400, "invalid_request"},
		{FILE_AS("file", "cat.jpg", "DEAD") END, 503, "temporarily_unavailable"},
		{FILE_AS("file", "cat.jpg", "LATE") END, 503, "temporarily_unavailable"},
		{FILE_AS("file", "cat.jpg", "FULL") END, 507, "temporarily_unavailable"},
	};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer a = upload(s, cases[i].body);

		assert_int_equal(a.status, cases[i].status);
		assert_has(a, cases[i].error);
		assert_has(a, "error_description");
		assert_header(a, "Content-Type", "application/json");
		assert_header(a, "Access-Control-Allow-Origin", "*");
	}
	assert_int_equal(files(s), 0);
}

/* A form with one file of n bytes. */
static struct str
large(struct site *s, size_t n)
{
	const struct str head = S("--B\r\nContent-Disposition: form-data; name=file; "
				  "filename=x\r\n\r\nMP4 ");
	const struct str tail = S("\r\n" END);
	char *p = arena_alloc(&s->kept, head.n + n + tail.n);

	assert_non_null(p);
	memset(p, 'x', head.n + n + tail.n);
	memcpy(p, head.p, head.n);
	memcpy(p + head.n + n - 4, tail.p, tail.n);
	return str_n(p, head.n + n - 4 + tail.n);
}

static struct answer
upload_bytes(struct site *s, struct str bytes, const char *length)
{
	return ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE, .bytes = bytes,
		.length = length, .headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
}

static void
a_file_has_at_most_max_media_size(void **state)
{
	struct site *s = *state;
	struct answer a = upload_bytes(s, large(s, 64 * 1024), NULL);

	assert_int_equal(a.status, 201);
	a = upload_bytes(s, large(s, 64 * 1024 + 1), NULL);
	assert_int_equal(a.status, 413);
	assert_has(a, "The file is larger than this site accepts");
	assert_int_equal(files(s), 1);
}

static void
a_body_announced_too_large_is_refused_before_it_is_read(void **state)
{
	struct site *s = *state;
	struct answer a = upload_bytes(s, S("x"), "10000000000");

	assert_int_equal(a.status, 413);
	assert_has(a, "\"error\":\"invalid_request\"");
	assert_int_equal(a.facts.error, ERR_BODY_TOO_LARGE);
	/* A form without files has no use for so much. */
	a = ASK(s, .method = "POST", .uri = "/micropub/media", .type = FORM, .body = "x",
		.length = "1048577",
		.headers = {{"HTTP_AUTHORIZATION", site_bearer(s, s->create)}});
	assert_int_equal(a.status, 413);
}

static void
look_for_connections(void)
{
	struct pool_stats stats;

	pool_stats(site->pool, &stats);
	assert_int_equal(stats.active, 0);
}

static void
no_connection_is_held_while_a_picture_is_looked_at(void **state)
{
	struct site *s = *state;

	image_look = look_for_connections;
	assert_int_equal(upload(s, ONE END).status, 201);
	assert_int_equal(send_as(s, s->create, "/micropub", TYPE,
				 TEXT("content", "x") FILE_AS("photo", "", "PNG two") END)
				 .status,
		201);
	assert_int_equal(image_prepared, 2);
}

/* ---- tokens ------------------------------------------------------------------------------ */

static void
the_token_may_come_behind_the_file(void **state)
{
	struct site *s = *state;
	char body[1024];
	struct answer a;

	(void)snprintf(body, sizeof(body), ONE TEXT("access_token", "%.*s") END, STR(s->create));
	a = ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE, .body = body);
	assert_int_equal(a.status, 201);
	assert_int_equal(files(s), 1);
	assert_true(str_search(site_log(s), s->create, 0) == site_log(s).n);
}

static void
without_a_good_token_nothing_is_stored(void **state)
{
	static const char wrong[] = ONE TEXT("access_token", "sp_wrong") END;
	struct site *s = *state;
	struct answer a =
		ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE, .body = ONE END);

	assert_int_equal(a.status, 401);
	assert_header(a, "WWW-Authenticate", "Bearer");
	assert_has(a, "\"error\":\"unauthorized\"");
	a = ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE, .body = wrong);
	assert_int_equal(a.status, 401);
	assert_header(a, "WWW-Authenticate", "Bearer error=\"invalid_token\"");
	a = send_as(s, S("sp_wrong"), "/micropub/media", TYPE, ONE END);
	assert_int_equal(a.status, 401);
	assert_has(a, "\"error\":\"invalid_token\"");
	assert_int_equal(files(s), 0);
	assert_int_equal(image_prepared, 0);
}

/* A form of TEXTs before or behind a file of n bytes. */
static struct str
around(const char *before, const char *behind, size_t n)
{
	static char body[6 * 1024 * 1024];
	const char *head = "--B\r\nContent-Disposition: form-data; name=file; filename=x\r\n\r\nMP4 ";
	size_t at = (size_t)snprintf(body, sizeof(body), "%s%s", before, head);

	assert_true(at + n + 1024 < sizeof(body));
	memset(body + at, 'x', n);
	at += n;
	at += (size_t)snprintf(body + at, sizeof(body) - at, "\r\n%s" END, behind);
	return str_n(body, at);
}

static struct answer
upload_unasked(struct site *s, struct str bytes)
{
	return ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE, .bytes = bytes);
}

static void
a_large_file_comes_behind_its_token(void **state)
{
	struct site *s = *state;
	char token[300];

	s->cfg->max_media_size = 5 * 1024 * 1024;
	(void)snprintf(token, sizeof(token), TEXT("access_token", "%.*s"), STR(s->create));
	assert_int_equal(upload_unasked(s, around("", token, UPLOAD_UNASKED - 8)).status, 201);
	assert_int_equal(upload_unasked(s, around("", token, UPLOAD_UNASKED + 1)).status, 401);
	assert_int_equal(files(s), 1);
	assert_int_equal(upload_unasked(s, around(token, "", UPLOAD_UNASKED + 1)).status, 201);
	assert_int_equal(files(s), 2);
}

static void
a_token_before_the_file_is_verified_before_the_file(void **state)
{
	struct site *s = *state;
	char body[1024];
	struct answer a = upload_unasked(s,
		S(TEXT("access_token", "sp_wrong") FILE_AS("file", "x", "PNG")));

	/* The form has no end: nobody has looked for it. */
	assert_int_equal(a.status, 401);
	assert_has(a, "\"error\":\"invalid_token\"");
	(void)snprintf(
		body, sizeof(body), TEXT("access_token", "%.*s") FILE_AS("file", "x", "PNG"), STR(s->none));
	a = upload_unasked(s, str_z(body));
	assert_int_equal(a.status, 401);
	assert_has(a, "\"error\":\"insufficient_scope\"");
	a = upload_unasked(s, S(FILE_AS("access_token", "x", "PNG") ONE END));
	assert_int_equal(a.status, 400);
}

static void
a_token_twice_is_refused_with_an_empty_body(void **state)
{
	struct site *s = *state;
	char body[1024];
	struct answer a;

	(void)snprintf(body, sizeof(body), TEXT("access_token", "%.*s") ONE END, STR(s->create));
	a = upload(s, body);
	assert_int_equal(a.status, 400);
	assert_int_equal(a.body.n, 0);
	assert_header(a, "WWW-Authenticate", "Bearer error=\"invalid_request\"");
	assert_int_equal(files(s), 0);
}

static void
the_scope_decides(void **state)
{
	static const struct {
		const char *scope;
		int upload, attach;
	} cases[] = {{"media", 201, 401}, {"create", 201, 201}, {"post", 201, 201},
		{"draft", 401, 201}, {"update delete", 401, 401}, {"profile", 401, 401}};
	struct site *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str secret = token(s, cases[i].scope);
		struct answer a = send_as(s, secret, "/micropub/media", TYPE, ONE END);

		assert_int_equal(a.status, cases[i].upload);
		if (a.status == 401)
			assert_has(a, "\"scope\":\"media\"");
		a = send_as(s, secret, "/micropub", TYPE,
			TEXT("content", "x") FILE_AS("photo", "", "PNG one") END);
		assert_int_equal(a.status, cases[i].attach);
	}
}

/* Its form has no end: who reads so far would complain of that. */
static void
a_scope_is_refused_before_the_file_is_read(void **state)
{
	struct site *s = *state;
	struct answer a = send_as(s, s->draft, "/micropub/media", TYPE, ONE);

	assert_int_equal(a.facts.error, ERR_SCOPE);
	assert_int_equal(image_prepared, 0);
}

static void
a_token_behind_the_file_needs_the_scope_as_well(void **state)
{
	struct site *s = *state;
	char body[1024];
	struct answer a;

	(void)snprintf(body, sizeof(body), ONE TEXT("access_token", "%.*s") END, STR(s->none));
	a = ASK(s, .method = "POST", .uri = "/micropub/media", .type = TYPE, .body = body);
	assert_int_equal(a.status, 401);
	assert_has(a, "\"scope\":\"media\"");
	assert_int_equal(image_prepared, 0);
}

/* ---- the rest of the endpoint ------------------------------------------------------------ */

static void
queries_are_answered(void **state)
{
	struct site *s = *state;
	struct answer a = ask(s, "/micropub/media?q=last");
	struct str url;
	char query[300];

	assert_int_equal(a.status, 200);
	assert_has(a, "{}");
	assert_header(a, "Content-Type", "application/json");
	assert_header(a, "Cache-Control", "no-store");
	a = upload(s, ONE END);
	url = answer_header(&a, "Location");
	assert_has(ask(s, "/micropub/media?q=last"), arena_str(&s->kept, url).p);
	assert_has(ask(s, "/micropub/media?q=source&limit=5"), "\"mime_type\":\"image/png\"");
	(void)snprintf(query, sizeof(query), "/micropub/media?q=source&url=%.*s", STR(url));
	assert_has(ask(s, query), "\"width\":640");
	assert_int_equal(ask(s, "/micropub/media?q=other").status, 400);
	assert_int_equal(ask(s, "/micropub/media").status, 400);
	assert_int_equal(ASK(s, .uri = "/micropub/media?q=last").status, 401);
}

static void
delete_removes_what_no_post_shows(void **state)
{
	struct site *s = *state;
	struct str may = token(s, "media delete");
	struct answer a = upload(s, ONE END);
	char form[300], post[300];

	(void)snprintf(
		form, sizeof(form), "action=delete&url=%.*s", STR(answer_header(&a, "Location")));
	(void)snprintf(
		post, sizeof(post), "content=x&photo=%.*s", STR(answer_header(&a, "Location")));
	a = send_as(s, s->create, "/micropub/media", FORM, form);
	assert_int_equal(a.status, 401);
	assert_has(a, "\"scope\":\"delete\"");
	(void)site_post(s, post);
	a = send_as(s, may, "/micropub/media", FORM, form);
	assert_int_equal(a.status, 409);
	assert_int_equal(files(s), 1);
	site_sql(s, "UPDATE post SET deleted = 1;");
	a = send_as(s, may, "/micropub/media", FORM, form);
	assert_int_equal(a.status, 204);
	assert_int_equal(files(s), 0);
	a = send_as(s, may, "/micropub/media", FORM, form);
	assert_int_equal(a.status, 400);
	assert_has(a, "no uploaded file");
}

static void
other_requests_are_told_what_is_wrong(void **state)
{
	struct site *s = *state;
	struct answer a = send_as(s, s->create, "/micropub/media", FORM, "action=rename");

	assert_int_equal(a.status, 400);
	a = send_as(s, s->create, "/micropub/media", FORM, "url=x");
	assert_int_equal(a.status, 400);
	a = send_as(s, s->create, "/micropub/media", "image/png", "PNG one");
	assert_int_equal(a.status, 415);
	a = ASK(s, .method = "POST", .uri = "/micropub/media", .type = "image/png", .body = "x");
	assert_int_equal(a.status, 401);
	a = ASK(s, .method = "OPTIONS", .uri = "/micropub/media",
		.headers = {{"HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST"}});
	assert_int_equal(a.status, 204);
	assert_header(a, "Allow", "GET, HEAD, POST, OPTIONS");
	assert_header(a, "Access-Control-Allow-Methods", "GET, POST, OPTIONS");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_is_created_at_an_absolute_url),
		T(a_body_in_any_pieces_is_the_same_file),
		T(exactly_one_part_named_file_is_an_upload),
		T(a_body_cut_short_stores_nothing),
		T(an_upload_drops_no_page_from_the_cache),
		T(a_body_too_slow_is_told_so),
		T(one_thread_receives_no_files),
		T(refusals_come_in_the_standards_form),
		T(a_file_has_at_most_max_media_size),
		T(a_body_announced_too_large_is_refused_before_it_is_read),
		T(no_connection_is_held_while_a_picture_is_looked_at),
		T(the_token_may_come_behind_the_file),
		T(without_a_good_token_nothing_is_stored),
		T(a_large_file_comes_behind_its_token),
		T(a_token_before_the_file_is_verified_before_the_file),
		T(a_token_twice_is_refused_with_an_empty_body),
		T(the_scope_decides),
		T(a_scope_is_refused_before_the_file_is_read),
		T(a_token_behind_the_file_needs_the_scope_as_well),
		T(queries_are_answered),
		T(delete_removes_what_no_post_shows),
		T(other_requests_are_told_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
