/*
 * Certificates, and whether visitors are led to https.
 */
#include "app/doctor.h"

#include "base/time.h"

#include <inttypes.h>
#include <time.h>

enum {
	DAY = 86400,
	DAYS_SOON = 14,		/* certbot renews 30 days before the end */
	DAYS_LAST = 3
};

/* ---- the certificate --------------------------------------------------------------------- */

/* Shows whose the certificate is, and from when to when. */
static void
try_showing(struct doctor *d)
{
	struct str authority = str_sub(d->url.text, d->url.scheme.n + 3,
		str_find(d->url.text, '/', d->url.scheme.n + 3));
	bool port = str_search(authority, S(":"), 0) < authority.n && authority.p[authority.n - 1] != ']';

	doctor_try(d, "openssl s_client -connect %.*s%s -servername %.*s < /dev/null 2>/dev/null |"
		" openssl x509 -noout -subject -dates -ext subjectAltName",
		STR(authority), port ? "" : ":443", STR(d->url.host));
}

void
doctor_certificate_refused(struct doctor *d, struct str why)
{
	doctor_find(d, DOCTOR_CERTIFICATE, DOCTOR_ERROR, "%.*s: %.*s", STR(d->url.text), STR(why));
	if (str_search(why, S("wrong version number"), 0) < why.n) {
		doctor_say(d, "No TLS is spoken there: give the front server a certificate for this address, or have site_url begin with http.");
		doctor_try(d, "curl -sSI -m 10 http%.*s", STR(str_sub(d->url.text, d->url.scheme.n, d->url.text.n)));
		return;
	}
	try_showing(d);
	if (str_search(why, S("expired"), 0) < why.n)
		doctor_try(d, "certbot renew");
	else
		doctor_try(d, "certbot certonly -d %.*s", STR(d->url.host));
}

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
certificate_look(struct doctor *d, struct str date)
{
	int64_t end, days;

	if (!certificate_date(date, &end))
		return;
	days = (end - d->c->now_us / 1000000) / DAY;
	doctor_find(d, DOCTOR_CERTIFICATE,
		days <= DAYS_LAST   ? DOCTOR_ERROR
		: days <= DAYS_SOON ? DOCTOR_WARNING
				   : DOCTOR_OK,
		"good for %" PRId64 " more days, until %.*s", days, STR(date));
}

/* ---- the way to https -------------------------------------------------------------------- */

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

void
doctor_https(struct doctor *d, struct str certificate_end)
{
	if (str_eq(d->url.scheme, S("https"))) {
		certificate_look(d, certificate_end);
		redirect_look(d);
	} else if (!url_is_loopback(&d->url)) {
		doctor_find(d, DOCTOR_HTTPS, DOCTOR_WARNING,
			"passwords and tokens travel to %.*s without encryption", STR(d->url.text));
	}
}
