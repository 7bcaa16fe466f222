/*
 * What the front server passes on: asked for by the site's own address, the program says what it
 * saw. What is asked for stands in tables/doctor.def.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/helper.h"
#include "text/json.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
	SMALL_BODY = 100,	/* bytes */
	UPLOAD_MAX = 128 * 1024 * 1024,	/* bytes; nobody waits for more */
	SKEW_NOTED = 5,		/* seconds; codes of authenticator apps */
	SKEW_WRONG = 60		/* are no good any more */
};

static const struct {
	const char *name, *value;
	enum doctor_check check;
} arrives[] = {
#define DOCTOR(...)
#define ARRIVES(name, value, check) {name, value, DOCTOR_##check},
#include "tables/doctor.def"
#undef DOCTOR
#undef ARRIVES
};

/* ---- who answers ------------------------------------------------------------------------- */

/* Whoever is installed, if it is one alone; only to name what starts it. */
static void
front_guess(struct doctor *d)
{
	static const char *const programs[] = {"nginx", "apache2", "lighttpd", "caddy"};
	const char *found, *only = NULL;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (helper_in_path(d->c, programs[i], &found) != OK || !found)
			continue;
		if (only)
			return;
		only = programs[i];
	}
	if (only) {
		doctor_front_is(d, str_z(only));
		doctor_try(d, "systemctl restart %s", only);
	}
}

static void
unanswered(struct doctor *d, const struct doctor_answer *a)
{
	const char *why = a->problem == FETCH_TIMEOUT ? "no answer came in time"
		: a->problem == FETCH_CONNECT	      ? "no server answers there"
						      : "it could not be asked";
	struct str host = d->url.host;

	if (a->problem == FETCH_TLS) {
		doctor_certificate_refused(d, a->detail);
	} else if (a->problem == FETCH_NAME) {
		doctor_find(d, DOCTOR_SITE, DOCTOR_ERROR, "%.*s: the name cannot be resolved", STR(d->url.text));
		doctor_try(d, "getent hosts %.*s || cat /etc/resolv.conf", STR(host));
	} else if (a->problem == FETCH_HELPER) {
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_ERROR, "nobody could be asked: %.*s", STR(a->detail));
	} else {
		doctor_find(d, DOCTOR_FRONT, DOCTOR_ERROR, "%.*s: %s (%.*s)", STR(d->url.text), why,
			STR(a->detail));
		doctor_try(d, "curl -sS -m 10 -o /dev/null %.*s; ss -lntp", STR(d->url.text));
		front_guess(d);
	}
}

/* What it says when the program does not answer it. */
static void
not_passed(struct doctor *d, int status)
{
	if (d->running) {
		doctor_find(d, DOCTOR_FRONT, DOCTOR_ERROR,
			"%.*s answers with %d though the program runs: %s does not reach the program, or that is too busy",
			STR(d->url.text), status, doctor_front_name(d));
	} else {
		doctor_find(d, DOCTOR_FRONT, DOCTOR_ERROR,
			"%.*s answers with %d: it does not reach the program, which does not run", STR(d->url.text), status);
		doctor_say(d, "Start the program; if that is not all, look again.");
		doctor_try_start(d);
	}
}

/* Where it leads to may be this site, under the address that site_url should be. */
static void
elsewhere(struct doctor *d, struct str location)
{
	struct doctor there = {.c = d->c, .cfg = d->cfg};
	struct doctor_answer a;
	struct str base;

	doctor_find(d, DOCTOR_SITE, DOCTOR_ERROR, "%.*s leads to %.*s", STR(d->url.text), STR(location));
	if (url_resolve(d->c, &d->url, location, &there.url) != OK ||
		doctor_ask(&there, "GET", "/health/doctor", 0, &a) != OK || !a.seen) {
		err_clear(d->c);
		return;
	}
	base = str_sub(there.url.text, 0, str_find(there.url.text, '/', there.url.scheme.n + 3));
	doctor_find(d, DOCTOR_SITE, DOCTOR_ERROR, "and there this site answers");
	doctor_try(d, "site_url = \"%.*s/\"", STR(base));
}

static void
front_judge(struct doctor *d, const struct doctor_answer *a)
{
	doctor_front_is(d, a->server);
	doctor_front_is(d, doctor_seen(a, "server"));
	if (a->problem != FETCH_OK) {
		unanswered(d, a);
		return;
	}
	if (a->status >= 502 && a->status <= 504) {
		not_passed(d, a->status);
		return;
	}
	doctor_find(d, DOCTOR_FRONT, DOCTOR_OK, "%.*s answers: %s", STR(d->url.text), doctor_front_name(d));
	d->reached = a->seen != NULL;
	if (a->seen) {
		doctor_find(d, DOCTOR_SITE, DOCTOR_OK, "%.*s is this site", STR(d->url.text));
	} else if (a->status >= 300 && a->status < 400) {
		elsewhere(d, a->location);
	} else if (a->status == 400) {
		doctor_find(d, DOCTOR_SITE, DOCTOR_ERROR, "%.*s answers with 400: %s, or the program behind it, is given "
			"a request that makes no sense", STR(d->url.text), doctor_front_name(d));
		doctor_try_log(d);
	} else {
		doctor_find(d, DOCTOR_SITE, DOCTOR_ERROR, "what answers at %.*s (with %d) is not this site",
			STR(d->url.text), a->status);
		doctor_try(d, "getent hosts %.*s; ip -br addr", STR(d->url.host));
	}
}

/* Of another machine, such as a proxy, the clock says more than our own. */
static void
date_look(struct doctor *d, const struct doctor_answer *a)
{
	int64_t now = time_now_us() / 1000000, date, skew;

	if (!time_http_parse(a->date, now, &date))
		return;
	skew = llabs(now - date);
	if (skew > SKEW_NOTED)
		doctor_find(d, DOCTOR_CLOCK, skew > SKEW_WRONG ? DOCTOR_ERROR : DOCTOR_WARNING,
			"it differs by %" PRId64 " s from what %.*s says", skew, STR(d->url.text));
	if (skew > SKEW_NOTED)
		doctor_try(d, "timedatectl set-ntp true");
}

/* ---- what arrives ------------------------------------------------------------------------ */

/* "localhost:8080" of the address asked. */
static struct str
authority(const struct url *u)
{
	size_t from = u->scheme.n + 3;

	return str_sub(u->text, from, str_find(u->text, '/', from));
}

static void
headers_look(struct doctor *d, const struct doctor_answer *a)
{
	const struct json *seen = json_find(a->seen, S("headers"));
	bool lost[DOCTOR__MAX] = {false};

	for (size_t i = 0; i < sizeof(arrives) / sizeof(arrives[0]); i++) {
		const struct json *value = json_find(seen, str_z(arrives[i].name));

		if (value && str_eq(json_str(value), str_z(arrives[i].value)))
			continue;
		lost[arrives[i].check] = true;
		doctor_find(d, arrives[i].check, DOCTOR_ERROR, "%s %s", arrives[i].name,
			value ? "is changed on its way" : "does not arrive");
	}
	if (!lost[DOCTOR_AUTHORIZATION])
		doctor_find(d, DOCTOR_AUTHORIZATION, DOCTOR_OK, "it arrives");
	if (!lost[DOCTOR_HEADERS])
		doctor_find(d, DOCTOR_HEADERS, DOCTOR_OK, "they arrive unchanged");
}

static void
request_look(struct doctor *d, const struct doctor_answer *a)
{
	struct str host = doctor_seen(a, "host"), id = doctor_seen(a, "request_id");
	struct str address = doctor_seen(a, "remote_addr"), version = doctor_seen(a, "version");

	if (str_eqi(host, authority(&d->url)))
		doctor_find(d, DOCTOR_HOST, DOCTOR_OK, "%.*s", STR(host));
	else
		doctor_find(d, DOCTOR_HOST, DOCTOR_ERROR, "asked for %.*s, the program sees %s%.*s%s",
			STR(authority(&d->url)), host.n ? "'" : "no Host", STR(host), host.n ? "'" : "");
	if (str_empty(id) && (d->front == DOCTOR_FRONT_LIGHTTPD || d->front == DOCTOR_FRONT_CADDY))
		doctor_find(d, DOCTOR_REQUEST_ID, DOCTOR_OK, "the program's, which %s logs from the answer",
			doctor_front_name(d));
	else if (str_empty(id))
		doctor_find(d, DOCTOR_REQUEST_ID, DOCTOR_WARNING, "%s sends none", doctor_front_name(d));
	else
		doctor_find(d, DOCTOR_REQUEST_ID, DOCTOR_OK, "the front server's");
	if (str_empty(address))
		doctor_find(d, DOCTOR_CLIENT, DOCTOR_ERROR, "REMOTE_ADDR does not arrive");
	else
		doctor_find(d, DOCTOR_CLIENT, DOCTOR_OK, "%.*s", STR(address));
	if (!str_eq(version, S(SP_VERSION)))
		doctor_find(d, DOCTOR_PROGRAM, DOCTOR_WARNING, "%.*s runs, and this is " SP_VERSION,
			STR(version));
}

/*
 * The query is compared as it was sent. Of a path that has a slash encoded the program knows nothing, so one that
 * leads to it was decoded on the way.
 */
static void
uri_look(struct doctor *d, struct str uri, const char *path)
{
	static const char encoded[] = "/health%2Fdoctor";
	struct doctor_answer a;

	if (doctor_ask(d, "GET", encoded, 0, &a) != OK)
		doctor_find_error(d, DOCTOR_URI, DOCTOR_ERROR);
	else if (a.seen)
		doctor_find(d, DOCTOR_URI, DOCTOR_ERROR, "sent as %s, it is decoded on its way", encoded);
	else if (!str_starts(uri, str_z(path)) || !str_ends(uri, S("&as=%2Fsent%20%C3%A4")))
		doctor_find(d, DOCTOR_URI, DOCTOR_ERROR, "sent as %s?…%%2F…, it arrives in another spelling", path);
	else
		doctor_find(d, DOCTOR_URI, DOCTOR_OK, "as sent");
}

void
doctor_front(struct doctor *d)
{
	static const char micropub[] = "/micropub";
	struct doctor_answer a;

	if (d->mute)
		return;
	doctor_look(d, DOCTOR_FRONT, DOCTOR_LONG);
	if (doctor_ask(d, "GET", "/health/doctor", 0, &a) != OK) {
		doctor_find_error(d, DOCTOR_FRONT, DOCTOR_ERROR);
		return;
	}
	front_judge(d, &a);
	if (a.problem != FETCH_OK)
		return;
	doctor_look(d, DOCTOR_HTTPS, DOCTOR_LONG);
	doctor_https(d, a.certificate_end);
	date_look(d, &a);
	if (!d->reached)
		return;
	request_look(d, &a);
	/* Where headers matter most, and where some front servers have rules of their own. */
	doctor_look(d, DOCTOR_HEADERS, DOCTOR_LONG);
	if (doctor_ask(d, "POST", micropub, SMALL_BODY, &a) != OK || !a.seen) {
		doctor_find(d, DOCTOR_FRONT, DOCTOR_ERROR, "%s does not get to the program (%d)", micropub,
			a.status);
		err_clear(d->c);
		return;
	}
	headers_look(d, &a);
	doctor_look(d, DOCTOR_URI, DOCTOR_LONG);
	uri_look(d, doctor_seen(&a, "uri"), micropub);
}

/* ---- bodies ------------------------------------------------------------------------------ */

static void
limit_look(struct doctor *d, enum doctor_check check, const char *path, int64_t bytes)
{
	struct doctor_answer a;
	int64_t got;

	doctor_look(d, check, DOCTOR_LONG);
	if (doctor_ask(d, "POST", path, bytes, &a) != OK) {
		doctor_find_error(d, check, DOCTOR_WARNING);
		return;
	}
	got = json_int(json_find(a.seen, S("body_bytes")));
	if (a.seen && got == bytes)
		doctor_find(d, check, DOCTOR_OK, "%" PRId64 " bytes get through", bytes);
	else if (a.seen)
		doctor_find(d, check, DOCTOR_ERROR, "of %" PRId64 " bytes sent to %s, %" PRId64 " arrive",
			bytes, path, got);
	else if (a.status == 413)
		doctor_find(d, check, DOCTOR_ERROR, "%" PRId64 " bytes to %s are refused with 413", bytes, path);
	else if (a.problem == FETCH_TIMEOUT)
		doctor_find(d, check, DOCTOR_NOTE, "%" PRId64 " bytes take too long from here to be tried", bytes);
	else
		doctor_find(d, check, DOCTOR_ERROR, "%" PRId64 " bytes to %s are answered with %d %.*s", bytes,
			path, a.status, STR(a.detail));
	/* The front server failed, and would with a larger limit, too. */
	if (!a.seen && a.status >= 500) {
		doctor_say(d, "This is no matter of limits: the front server's error log says what failed. To try it again:");
		doctor_try(d, "head -c %" PRId64 " /dev/zero | curl -sS -o /dev/null -w '%%{http_code}\\n' --data-binary @- %.*s%s",
			bytes, STR(str_sub(d->url.text, 0, str_find(d->url.text, '/', d->url.scheme.n + 3))), path);
	}
}

void
doctor_limits(struct doctor *d)
{
	int64_t media = d->cfg->max_media_size;

	if (!d->reached)
		return;
	limit_look(d, DOCTOR_BODY, "/health/doctor", d->cfg->max_body_size);
	limit_look(d, DOCTOR_UPLOAD, "/micropub/media", media < UPLOAD_MAX ? media : UPLOAD_MAX);
}
