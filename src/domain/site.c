/*
 * URLs of the site. They are made from the configured site_url alone, so that a forged Host header
 * can never end up in a Location, a feed or a link. Reading a permalink goes the other way and is
 * strict: what is not plainly one of our own permalinks is nobody's, and nothing is guessed.
 */
#include "domain/site.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/post_kind.h"
#include "domain/settings.h"

enum { URL_MAX = 8192, HOST_MAX = 255 };

/* A URL taken apart, as far as permalinks need it. Port 0 is the scheme's default. */
struct url {
	struct str host;
	unsigned long long port;
	struct str path;	/* begins with "/", or is empty */
};

/* site_url without the slash it ends in. */
static struct str
site_base(const struct ctx *c)
{
	struct str base = str_z(c->cfg->site_url);

	return str_ends(base, S("/")) ? str_sub(base, 0, base.n - 1) : base;
}

enum err
site_url(struct ctx *c, struct str path, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, URL_MAX + path.n);
	buf_put(&b, site_base(c));
	buf_put(&b, path);
	return buf_end(c, &b, out);
}

enum err
site_id(struct ctx *c, struct str url, struct str *out)
{
	struct str first = str_z(c->cfg->site_first_url), base = site_base(c);

	*out = url;
	if (first.n == 0 || !str_starts(url, base))
		return OK;
	if (str_ends(first, S("/")))
		first.n--;
	return ctx_printf(c, out, "%.*s%.*s", STR(first), STR(str_sub(url, base.n, url.n)));
}

/* base + prefix + name percent-encoded as one path segment. */
static enum err
segment_url(struct ctx *c, struct str base, struct str prefix, struct str name, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, URL_MAX);
	buf_put(&b, base);
	buf_put(&b, prefix);
	enc_percent(&b, name, (struct str){0});
	return buf_end(c, &b, out);
}

enum err
site_permalink_path(struct ctx *c, struct str slug, struct str *out)
{
	return segment_url(c, S(""), S("/note/"), slug, out);
}

enum err
site_permalink(struct ctx *c, struct str slug, struct str *out)
{
	return segment_url(c, site_base(c), S("/note/"), slug, out);
}

enum err
site_tag_url(struct ctx *c, struct str tag, struct str *out)
{
	return segment_url(c, site_base(c), S("/tag/"), tag, out);
}

enum err
site_list_url(struct ctx *c, const struct post_scope *scope, struct str *out)
{
	const struct post_kind *kind;

	switch (scope->kind) {
	case POSTS_TAG:
		return site_tag_url(c, scope->name, out);
	case POSTS_TYPE:
		kind = post_kind_find(scope->name);
		if (!kind)
			return err_raise(c, ERR_NOT_FOUND, "no type '%.*s'", STR(scope->name));
		return segment_url(c, site_base(c), S("/"), kind->path, out);
	case POSTS_CHANNEL:
		return segment_url(c, site_base(c), S("/channel/"), scope->name, out);
	case POSTS_PERIOD:
		return ctx_printf(c, out, "%.*s/%.*s", STR(site_base(c)), STR(scope->name));
	case POSTS_ALL:
	case POSTS__MAX:
		break;
	}
	return site_url(c, S("/"), out);
}

enum err
site_feed_url(struct ctx *c, const struct post_scope *scope, struct str format, struct str *out)
{
	struct str list;
	enum err err = OK;

	*out = (struct str){0};
	if (scope->kind == POSTS_PERIOD)
		return OK;
	err = site_list_url(c, scope, &list);
	if (err)
		return err;
	return ctx_printf(c, out, "%.*s%sfeed.%.*s", STR(list), str_ends(list, S("/")) ? "" : "/",
		STR(format));
}

enum err
site_url_query(struct ctx *c, struct str url, struct str name, struct str value, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, URL_MAX + url.n);
	buf_put(&b, url);
	buf_putc(&b, str_find(url, '?', 0) < url.n ? '&' : '?');
	buf_put(&b, name);
	buf_putc(&b, '=');
	enc_percent(&b, value, (struct str){0});
	return buf_end(c, &b, out);
}

struct str
site_name(const struct ctx *c)
{
	return setting_text(c, SETTING_site_name);
}

struct str
site_author(const struct ctx *c)
{
	struct str author = setting_text(c, SETTING_author_name);

	return author.n > 0 ? author : site_name(c);
}

struct str
site_email(const struct ctx *c)
{
	return setting_text(c, SETTING_author_email);
}

enum err
site_photo(struct ctx *c, struct str *out)
{
	*out = setting_text(c, SETTING_author_photo);
	return str_starts(*out, S("/")) ? site_url(c, *out, out) : OK;
}

/* False for "host:port" with anything but a host and a number in it; userinfo is never accepted. */
static bool
authority_parse(struct str authority, unsigned long long standard, struct url *out)
{
	size_t colon = str_find(authority, ':', 0);
	struct str port = str_sub(authority, colon + 1, authority.n);

	if (str_starts(authority, S("["))) {
		size_t end = str_find(authority, ']', 0);

		if (end == authority.n)
			return false;
		colon = end + 1;
		port = str_sub(authority, colon + 1, authority.n);
		if (colon < authority.n && authority.p[colon] != ':')
			return false;
	}
	out->host = str_sub(authority, 0, colon);
	out->port = standard;
	if (out->host.n == 0 || out->host.n > HOST_MAX || str_find(authority, '@', 0) < authority.n)
		return false;
	if (port.n > 0 && (!str_u64(port, 65535, &out->port) || out->port == 0))
		return false;
	if (out->port == standard)
		out->port = 0;
	return true;
}

/* Query and fragment are dropped. False: not an absolute http(s) URL, or odd bytes in it. */
static bool
url_parse(struct str url, struct url *out)
{
	size_t colon = str_find(url, ':', 0), end;
	bool secure = str_eqi(str_sub(url, 0, colon), S("https"));
	struct str rest = str_sub(url, colon, url.n);

	if (!secure && !str_eqi(str_sub(url, 0, colon), S("http")))
		return false;
	if (url.n > URL_MAX || !str_starts(rest, S("://")))
		return false;
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == '\\' || url.p[i] == 0x7f)
			return false;
	rest = str_sub(rest, 3, rest.n);
	end = str_find(rest, '#', 0);
	rest = str_sub(rest, 0, end);
	rest = str_sub(rest, 0, str_find(rest, '?', 0));
	end = str_find(rest, '/', 0);
	out->path = str_sub(rest, end, rest.n);
	return authority_parse(str_sub(rest, 0, end), secure ? 443 : 80, out);
}

/* True if decoded is fit to be a slug: one path segment that names something. */
static bool
segment_valid(struct str decoded)
{
	if (decoded.n == 0 || str_eq(decoded, S(".")) || str_eq(decoded, S("..")))
		return false;
	for (size_t i = 0; i < decoded.n; i++)
		if ((unsigned char)decoded.p[i] < ' ' || decoded.p[i] == '/' ||
		    decoded.p[i] == '\\')
			return false;
	return enc_utf8_valid(decoded);
}

/*
 * What stands behind the site's address and prefix in a URL, decoded, but for a slash at its end.
 * Raises e for a URL of anything else.
 */
static enum err
local_part(struct ctx *c, enum err e, struct str url, struct str prefix, struct str *out)
{
	struct url ours, theirs;
	struct str path;

	if (!url_parse(site_base(c), &ours))
		return err_raise(c, ERR_CONFIG, "site_url is not a URL");
	if (!url_parse(url, &theirs))
		return err_raise(c, e, "not an http(s) URL: '%.*s'", STR(url));
	if (!str_eqi(ours.host, theirs.host) || ours.port != theirs.port)
		return err_raise(c, e, "another site: '%.*s'", STR(url));
	path = theirs.path;
	if (!str_starts(path, ours.path))
		return err_raise(c, e, "outside the site: '%.*s'", STR(url));
	path = str_sub(path, ours.path.n, path.n);
	if (!str_starts(path, prefix))
		return err_raise(c, e, "not below %.*s: '%.*s'", STR(prefix), STR(url));
	path = str_sub(path, prefix.n, path.n);
	if (str_ends(path, S("/")))
		path = str_sub(path, 0, path.n - 1);
	if (!enc_percent_parse(&c->arena, path, false, out))
		return err_raise(c, e, "a broken escape: '%.*s'", STR(url));
	return OK;
}

enum err
site_permalink_parse(struct ctx *c, struct str url, struct str *slug)
{
	struct str decoded;
	enum err err = local_part(c, ERR_MICROPUB_URL, url, S("/note/"), &decoded);

	if (err)
		return err;
	if (!segment_valid(decoded))
		return err_raise(c, ERR_MICROPUB_URL, "not a permalink: '%.*s'", STR(url));
	*slug = decoded;
	return OK;
}

enum err
site_media_url(struct ctx *c, struct str name, struct str *out)
{
	return ctx_printf(c, out, "%.*s/media/%.*s", STR(site_base(c)), STR(name));
}

enum err
site_media_parse(struct ctx *c, struct str url, struct str *name)
{
	return local_part(c, ERR_MEDIA_URL, url, S("/media/"), name);
}

struct str
site_origin(const struct ctx *c)
{
	struct str url = str_z(c->cfg->site_url);

	return str_sub(url, 0, str_find(url, '/', str_search(url, S("://"), 0) + 3));
}

struct str
site_host(const struct ctx *c)
{
	struct str origin = site_origin(c);
	struct str rest = str_sub(origin, str_search(origin, S("://"), 0) + 3, origin.n);

	return str_starts(rest, S("[")) ? str_sub(rest, 1, str_find(rest, ']', 0))
					: str_sub(rest, 0, str_find(rest, ':', 0));
}
