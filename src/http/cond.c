/*
 * Conditional requests and Accept, each one pass over the header without memory. What is malformed
 * counts as not sent where that is safe, and as not met (412) where a change hangs on it.
 */
#include "http/cond.h"

#include "base/time.h"
#include "http/head.h"

enum { ITEMS_MAX = 100 }; /* of a list that are looked at */

/* ---- entity tags (RFC 9110 section 8.8.3) -------------------------------------------------- */

struct tag {
	bool weak;
	struct str opaque; /* with its quotes */
};

static bool
is_etagc(unsigned char ch)
{
	return ch == 0x21 || (ch >= 0x23 && ch <= 0x7e) || ch >= 0x80;
}

/* Takes a tag off *rest. False: there is none at its front. No escapes: a backslash is itself. */
static bool
tag_take(struct str *rest, struct tag *out)
{
	size_t at = 1;

	out->weak = str_starts(*rest, S("W/"));
	if (out->weak)
		*rest = str_sub(*rest, 2, rest->n);
	if (!str_starts(*rest, S("\"")))
		return false;
	while (at < rest->n && is_etagc((unsigned char)rest->p[at]))
		at++;
	if (at == rest->n || rest->p[at] != '"')
		return false;
	out->opaque = str_sub(*rest, 0, at + 1);
	*rest = str_sub(*rest, at + 1, rest->n);
	return true;
}

static struct str
skip_commas(struct str s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t' || s.p[0] == ','))
		s = str_sub(s, 1, s.n);
	return s;
}

/* True if list is "*" or holds etag; a strong comparison wants both strong. Malformed: no match. */
static bool
list_matches(struct str list, struct str etag, bool strong)
{
	struct tag own, theirs;
	bool known = tag_take(&etag, &own);
	bool found = false;

	if (str_eq(str_trim(list), S("*")))
		return true;
	list = skip_commas(list);
	for (unsigned i = 0; list.n > 0 && i < ITEMS_MAX; i++) {
		if (!tag_take(&list, &theirs))
			return false;
		if (known && str_eq(own.opaque, theirs.opaque))
			found = found || !strong || (!own.weak && !theirs.weak);
		list = str_trim(list);
		if (list.n > 0 && list.p[0] != ',')
			return false;
		list = skip_commas(list);
	}
	return found;
}

enum cond
cond_check(const struct req *q, struct str etag, int64_t modified, int64_t now)
{
	struct str match = req_header(q, "If-Match");
	struct str none_match = req_header(q, "If-None-Match");
	struct str unmodified_since = req_header(q, "If-Unmodified-Since");
	struct str modified_since = req_header(q, "If-Modified-Since");
	bool reading = q->method == METHOD_GET || q->method == METHOD_HEAD;
	int64_t date;

	if (match.p) {
		if (!list_matches(match, etag, true))
			return COND_FAILED;
	} else if (modified > 0 && time_http_parse(unmodified_since, now, &date) &&
		   modified > date) {
		return COND_FAILED;
	}
	if (none_match.p) {
		if (!list_matches(none_match, etag, false))
			return COND_PROCEED;
		return reading ? COND_NOT_MODIFIED : COND_FAILED;
	}
	if (reading && modified > 0 && time_http_parse(modified_since, now, &date) && date <= now &&
		modified <= date)
		return COND_NOT_MODIFIED;
	return COND_PROCEED;
}

/* ---- Accept (RFC 9110 section 12.5.1) ------------------------------------------------------ */

/* How closely a range fits a type, and the quality it gives. */
struct fit {
	int quality; /* 0 to 1000 */
	enum { FIT_NONE, FIT_ANY, FIT_FAMILY, FIT_TYPE_AND_MORE, FIT_TYPE } closeness;
};

/* "0", "0.5", "1.000"; at most three digits behind the point. */
static bool
quality_parse(struct str s, int *out)
{
	int v = 0, unit = 100;

	if (s.n == 0 || s.n > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.n > 1 && s.p[1] != '.'))
		return false;
	for (size_t i = 2; i < s.n; i++, unit /= 10) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v += (s.p[i] - '0') * unit;
	}
	v += (s.p[0] - '0') * 1000;
	*out = v;
	return v <= 1000;
}

/* Reads "type/subtype;params;q=0.5". False: malformed. */
static bool
range_parse(struct str text, struct str type, struct fit *out)
{
	struct str range = head_value(&text);
	struct str subtype = range;
	struct str family = str_cut(&subtype, '/');
	struct head_param param;
	enum head_next next;
	bool plain = true;

	if (!head_is_token(family) || !head_is_token(subtype))
		return false;
	*out = (struct fit){.quality = 1000};
	while ((next = head_param_next(&text, &param)) == HEAD_PARAM) {
		if (!str_eqi(param.name, S("q")))
			plain = false;
		else if (param.quoted || !quality_parse(param.value, &out->quality))
			return false;
	}
	if (str_eqi(range, type))
		out->closeness = plain ? FIT_TYPE : FIT_TYPE_AND_MORE;
	else if (str_eq(range, S("*/*")))
		out->closeness = FIT_ANY;
	else if (str_eq(subtype, S("*")) && str_eqi(family, str_cut(&type, '/')))
		out->closeness = FIT_FAMILY;
	return next == HEAD_END;
}

static struct fit
accept_fit(struct str header, struct str type)
{
	static const struct fit anything = {.quality = 1000, .closeness = FIT_ANY};
	struct fit best = {0}, fit;
	struct str item;
	unsigned n;

	for (n = 0; n < ITEMS_MAX && head_list_next(&header, &item); n++) {
		if (!range_parse(item, type, &fit))
			return anything;
		if (fit.closeness > best.closeness)
			best = fit;
	}
	return n == 0 ? anything : best;
}

int
accept_quality(struct str header, struct str type)
{
	return accept_fit(header, type).quality;
}

bool
accept_prefers_json(const struct req *q)
{
	struct str header = req_header(q, "Accept");
	struct fit json = accept_fit(header, S("application/json"));
	struct fit html = accept_fit(header, S("text/html"));

	if (json.quality != html.quality)
		return json.quality > html.quality;
	return json.quality > 0 && json.closeness > FIT_FAMILY && html.closeness <= FIT_FAMILY;
}

/* Of an offer's types the one that the header is closest to; the first among equals. */
static struct fit
offer_fit(struct str header, struct str types)
{
	struct fit best = {0}, fit;

	while (types.p) {
		fit = accept_fit(header, str_cut(&types, ' '));
		if (fit.closeness > best.closeness)
			best = fit;
	}
	return best;
}

size_t
accept_choose(struct str header, const struct str *offers, size_t n)
{
	struct fit best = {0};
	size_t chosen = n;

	for (size_t i = 0; i < n; i++) {
		struct fit fit = offer_fit(header, offers[i]);

		if (fit.quality > best.quality ||
			(chosen < n && fit.quality == best.quality &&
				fit.closeness > best.closeness)) {
			best = fit;
			chosen = i;
		}
	}
	return chosen;
}
