/*
 * URLs of the site, made from site_url and nothing else: never from Host or a forwarded header.
 */
#ifndef DOMAIN_SITE_H
#define DOMAIN_SITE_H

#include "base/ctx.h"
#include "store/post_list.h"

/* Absolute URL of a path that begins with "/": site_url joined with it. */
MUST enum err site_url(struct ctx *c, struct str path, struct str *out);

/*
 * What one of the site's URLs is known by for good: the same on the address that the site began with
 * (site_first_url). For ids, which nobody follows.
 */
MUST enum err site_id(struct ctx *c, struct str url, struct str *out);

/* The path of a slug's page, relative to the site: "/note/" and the slug percent-encoded. */
MUST enum err site_permalink_path(struct ctx *c, struct str slug, struct str *out);

/* Absolute permalink of a slug, and absolute URL of a tag's page (tag percent-encoded). */
MUST enum err site_permalink(struct ctx *c, struct str slug, struct str *out);
MUST enum err site_tag_url(struct ctx *c, struct str tag, struct str *out);

/*
 * Absolute URL of the page that a list begins at: "/", "/tag/rain", "/notes", "/channel/garden",
 * "/2026/03". ERR_NOT_FOUND for a type that there is not.
 */
MUST enum err site_list_url(struct ctx *c, const struct post_scope *scope, struct str *out);

/*
 * Absolute URL of a list's feed in a format ("atom"): "/feed.atom", "/notes/feed.atom"; empty for a
 * period, which has none.
 */
MUST enum err site_feed_url(struct ctx *c, const struct post_scope *scope, struct str format,
	struct str *out);

/* The same URL with one field more in its query, percent-encoded: "?before=rain", "&before=rain". */
MUST enum err site_url_query(struct ctx *c, struct str url, struct str name, struct str value,
	struct str *out);

/*
 * The slug of a permalink of this site: scheme, case of host, default port, query, fragment and a
 * trailing slash do not matter. ERR_MICROPUB_URL for anything else.
 */
MUST enum err site_permalink_parse(struct ctx *c, struct str url, struct str *slug);

/* Absolute URL of an uploaded file, whose name is its path below media_path. */
MUST enum err site_media_url(struct ctx *c, struct str name, struct str *out);

/*
 * The name that a URL of an uploaded file of this site would have, by the rules of
 * site_permalink_parse(). ERR_MEDIA_URL for anything else; whether there is such a file is not
 * looked at.
 */
MUST enum err site_media_parse(struct ctx *c, struct str url, struct str *name);

/* Of site_url: "https://ada.example:8443", and "ada.example". */
struct str site_origin(const struct ctx *c);
struct str site_host(const struct ctx *c);

/* What the site is called, and its author: author_name, or site_name where that is empty. */
struct str site_name(const struct ctx *c);
struct str site_author(const struct ctx *c);

/* The author's address for mail; empty if it is not to be told. */
struct str site_email(const struct ctx *c);

/* Absolute URL of the author's picture; empty if there is none. */
MUST enum err site_photo(struct ctx *c, struct str *out);

#endif
