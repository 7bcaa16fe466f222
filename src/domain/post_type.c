/*
 * Post Type Discovery: what a post is follows from the properties it has, never from a field that
 * says so. The order of the rules is the standard's, with bookmark, what was read, heard or seen,
 * check-in and audio put in before video; the first that fits decides.
 */
#include "domain/priv.h"

static const struct rule {
	struct str property;
	struct str type;
	bool url;		/* the property must hold an http(s) URL */
} rules[] = {
	{S_INIT("repost-of"), S_INIT("repost"), true},
	{S_INIT("like-of"), S_INIT("like"), true},
	{S_INIT("in-reply-to"), S_INIT("reply"), true},
	{S_INIT("bookmark-of"), S_INIT("bookmark"), true},
	{S_INIT("read-of"), S_INIT("read"), false},
	{S_INIT("listen-of"), S_INIT("listen"), false},
	{S_INIT("watch-of"), S_INIT("watch"), false},
	{S_INIT("checkin"), S_INIT("checkin"), false},
	{S_INIT("audio"), S_INIT("audio"), true},
	{S_INIT("video"), S_INIT("video"), true},
	{S_INIT("photo"), S_INIT("photo"), true},
};

static bool
rsvp_valid(struct str answer)
{
	return str_eqi(answer, S("yes")) || str_eqi(answer, S("no")) ||
		str_eqi(answer, S("maybe")) || str_eqi(answer, S("interested"));
}

/* True if the name, read as one line, is how the text begins: then it is no title. */
static bool
name_implied(struct str name, struct str text)
{
	size_t at = 0;

	name = str_trim(name);
	for (size_t i = 0; i < name.n; i++) {
		bool space = (unsigned char)name.p[i] <= ' ';

		if (space && i + 1 < name.n && (unsigned char)name.p[i + 1] <= ' ')
			continue;
		if (at == text.n || text.p[at] != (space ? ' ' : name.p[i]))
			return false;
		at++;
	}
	return true;
}

struct str
post_type_discover(const struct json *properties, struct str kind, struct str text)
{
	if (str_eq(kind, S("event")))
		return S("event");
	if (str_eq(kind, S("card")))
		return S("card");
	if (rsvp_valid(json_str(post_first(properties, S("rsvp")))))
		return S("rsvp");
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct json *value = post_first(properties, rules[i].property);

		if (value && (!rules[i].url || post_url_valid(post_value_url(value))))
			return rules[i].type;
	}
	if (text.n == 0 || name_implied(json_str(post_first(properties, S("name"))), text))
		return S("note");
	return S("article");
}
