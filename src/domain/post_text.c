/*
 * Small readings of text and of property values that several files of posts need.
 */
#include "base/enc.h"
#include "domain/priv.h"

static bool
blank(char ch)
{
	return (unsigned char)ch <= ' ' || ch == 0x7f;
}

enum err
post_fold(struct ctx *c, struct str s, size_t max, struct str *out)
{
	struct str kept;
	struct buf b;

	buf_init(&b, &c->arena, s.n + 1);
	for (size_t i = 0; i < s.n && b.n <= max; i++) {
		if (!blank(s.p[i])) {
			if (i > 0 && blank(s.p[i - 1]) && b.n > 0)
				buf_putc(&b, ' ');
			buf_putc(&b, s.p[i]);
		}
	}
	if (buf_end(c, &b, &kept) != OK)
		return ERR_MEMORY;
	*out = str_trim(enc_utf8_cut(kept, max));
	return OK;
}

/* A host and perhaps a port; nobody's name and password. */
static bool
authority_valid(struct str s)
{
	size_t close = s.n > 0 && s.p[0] == '[' ? str_find(s, ']', 0) : 0;
	size_t colon = str_find(s, ':', close);
	struct str port = str_sub(s, colon, s.n);
	unsigned long long number;

	if (s.n == 0 || colon == 0 || close == s.n || str_find(s, '@', 0) < s.n)
		return false;
	if (close > 0 && colon != close + 1)
		return false;
	return port.n < 2 || (str_u64(str_sub(port, 1, port.n), 65535, &number) && number > 0);
}

bool
post_url_valid(struct str url)
{
	size_t colon = str_find(url, ':', 0), end = 0;
	struct str place = str_sub(url, 0, str_find(str_sub(url, 0, str_find(url, '#', 0)), '?', 0));
	struct str scheme = str_sub(url, 0, colon), rest = str_sub(url, colon, url.n);

	if (!str_eqi(scheme, S("http")) && !str_eqi(scheme, S("https")))
		return false;
	for (size_t i = 0; i < url.n; i++)
		if (blank(url.p[i]))
			return false;
	/* A backslash is a slash to browsers and none to others. */
	if (!str_starts(rest, S("://")) || str_find(place, '\\', 0) < place.n)
		return false;
	rest = str_sub(rest, 3, rest.n);
	while (end < rest.n && str_find(S("/?#"), rest.p[end], 0) == 3)
		end++;
	return authority_valid(str_sub(rest, 0, end));
}

struct str
post_value_url(const struct json *value)
{
	const struct json *nested;

	if (json_kind(value) == JSON_STRING)
		return json_str(value);
	if (json_kind(value) != JSON_OBJECT)
		return (struct str){0};
	nested = json_find(value, S("value"));
	if (json_kind(nested) == JSON_STRING)
		return json_str(nested);
	nested = json_find(value, S("properties"));
	if (json_kind(nested) != JSON_OBJECT)
		return (struct str){0};
	return json_str(post_first(nested, S("url")));
}

const struct json *
post_first(const struct json *properties, struct str name)
{
	const struct json *values = json_find(properties, name);

	for (size_t i = 0; json_kind(values) == JSON_ARRAY && i < json_len(values); i++) {
		const struct json *value = json_at(values, i);

		if (json_kind(value) != JSON_STRING || json_str(value).n > 0)
			return value;
	}
	return NULL;
}
