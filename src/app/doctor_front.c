/*
 * What the front server passes on: asked for by the site's own address, the program says what it
 * saw. What is asked for stands in tables/doctor.def.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "text/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

enum {
	SMALL_BODY = 100,	/* bytes */
	UPLOAD_MAX = 128 * 1024 * 1024,	/* bytes; nobody waits for more */
	SKEW_NOTED = 5,		/* seconds; codes of authenticator apps */
	SKEW_WRONG = 60,	/* are no good any more */
	DAY = 86400,
	DAYS_SOON = 14,		/* certbot renews 30 days before the end */
	DAYS_LAST = 3
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

static void
unanswered(struct doctor *d, const struct doctor_answer *a)
{
	const char *why = a->problem == FETCH_NAME ? "the name cannot be resolved"
		: a->problem == FETCH_TIMEOUT	   ? "no answer came in time"
		: a->problem == FETCH_CONNECT	   ? "no server answers there"
						   : "it could not be asked";

	if (a->problem == FETCH_TLS)
		doctor_find(d, DOCTOR_CERTIFICATE, DOCTOR_ERROR, "%.*s: %.*s", STR(d->url.text),
			STR(a->detail));
	else
		doctor_find(d, a->problem == FETCH_NAME ? DOCTOR_SITE : DOCTOR_FRONT, DOCTOR_ERROR,
			"%.*s: %s (%.*s)", STR(d->url.text), why, STR(a->detail));
}

static void
front_judge(struct doctor *d, const struct doctor_answer *a)
{
	if (a->problem != FETCH_OK) {
		unanswered(d, a);
		return;
	}
	if (a->status >= 502 && a->status <= 504) {
		doctor_find(d, DOCTOR_FRONT, DOCTOR_ERROR,
			"%.*s answers with %d: it does not reach the program", STR(d->url.text), a->status);
		return;
	}
	doctor_find(d, DOCTOR_FRONT, DOCTOR_OK, "%.*s answers", STR(d->url.text));
	if (a->seen)
		doctor_find(d, DOCTOR_SITE, DOCTOR_OK, "%.*s is this site", STR(d->url.text));
	else if (a->status >= 300 && a->status < 400)
		doctor_find(d, DOCTOR_SITE, DOCTOR_ERROR, "%.*s leads to %.*s", STR(d->url.text),
			STR(a->location));
	else
		doctor_find(d, DOCTOR_SITE, DOCTOR_ERROR, "what answers at %.*s (with %d) is not this site",
			STR(d->url.text), a->status);
	d->reached = a->seen != NULL;
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
}

/* ---- https ------------------------------------------------------------------------------- */

/* "Nov 28 19:05:00 2027 GMT" */
static bool
certificate_date(struct str s, int64_t *out)
{
	struct tm tm = {0};
	const char *rest = strptime(s.p ? s.p : "", "%b %d %H:%M:%S %Y", &tm);
	struct time_parts parts;

	if (!rest)
		return false;
	parts = (struct time_parts){.year = tm.tm_year + 1900, .month = tm.tm_mon + 1, .day = tm.tm_mday,
		.hour = tm.tm_hour, .minute = tm.tm_min, .second = tm.tm_sec};
	*out = time_join(&parts, 0);
	return true;
}

static void
certificate_look(struct doctor *d, const struct doctor_answer *a)
{
	int64_t end, days;

	if (!certificate_date(a->certificate_end, &end))
		return;
	days = (end - d->c->now_us / 1000000) / DAY;
	doctor_find(d, DOCTOR_CERTIFICATE,
		days < DAYS_LAST   ? DOCTOR_ERROR
		: days < DAYS_SOON ? DOCTOR_WARNING
				   : DOCTOR_OK,
		"good for %" PRId64 " more days", days);
}

/* Whoever types the name without a scheme comes by http first. */
static void
redirect_look(struct doctor *d)
{
	struct doctor_answer a;
	struct str url;
	bool leads;

	if (ctx_printf(d->c, &url, "http://%.*s/", STR(d->url.host)) != OK ||
		doctor_ask_plain(d, url, &a) != OK) {
		doctor_find_error(d, DOCTOR_HTTPS, DOCTOR_WARNING);
		return;
	}
	leads = a.status >= 301 && a.status <= 308 && str_starts(a.location, S("https://"));
	if (a.problem != FETCH_OK)
		doctor_find(d, DOCTOR_HTTPS, DOCTOR_NOTE, "nobody answers at %.*s", STR(url));
	else if (!leads)
		doctor_find(d, DOCTOR_HTTPS, DOCTOR_WARNING, "%.*s answers with %d and does not lead to https",
			STR(url), a.status);
	else
		doctor_find(d, DOCTOR_HTTPS, DOCTOR_OK, "%.*s leads there", STR(url));
}

static void
https_look(struct doctor *d, const struct doctor_answer *a)
{
	if (str_eq(d->url.scheme, S("https"))) {
		certificate_look(d, a);
		redirect_look(d);
	} else if (!url_is_loopback(&d->url)) {
		doctor_find(d, DOCTOR_HTTPS, DOCTOR_WARNING,
			"passwords and tokens travel to %.*s without encryption", STR(d->url.text));
	}
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
	if (str_empty(id))
		doctor_find(d, DOCTOR_REQUEST_ID, DOCTOR_WARNING, "the front server sends none");
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

static void
uri_look(struct doctor *d, const struct doctor_answer *a, const char *path)
{
	struct str uri = doctor_seen(a, "uri");
	bool good = str_starts(uri, str_z(path)) && str_ends(uri, S("&as=%2Fsent%20%C3%A4"));

	if (good)
		doctor_find(d, DOCTOR_URI, DOCTOR_OK, "as sent");
	else
		doctor_find(d, DOCTOR_URI, DOCTOR_ERROR, "sent as %s?…%%2F…, it arrives in another spelling", path);
}

void
doctor_front(struct doctor *d)
{
	static const char micropub[] = "/micropub";
	struct doctor_answer a;

	if (doctor_ask(d, "GET", "/health/doctor", 0, &a) != OK) {
		doctor_find_error(d, DOCTOR_FRONT, DOCTOR_ERROR);
		return;
	}
	front_judge(d, &a);
	if (a.problem != FETCH_OK)
		return;
	https_look(d, &a);
	date_look(d, &a);
	if (!d->reached)
		return;
	request_look(d, &a);
	/* Where headers matter most, and where some front servers have rules of their own. */
	if (doctor_ask(d, "POST", micropub, SMALL_BODY, &a) != OK || !a.seen) {
		doctor_find(d, DOCTOR_FRONT, DOCTOR_ERROR, "%s does not get to the program (%d)", micropub,
			a.status);
		err_clear(d->c);
		return;
	}
	headers_look(d, &a);
	uri_look(d, &a, micropub);
}

/* ---- bodies ------------------------------------------------------------------------------ */

static void
limit_look(struct doctor *d, enum doctor_check check, const char *path, int64_t bytes)
{
	struct doctor_answer a;
	int64_t got;

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
