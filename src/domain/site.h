/*
 * URLs of the site, made from site_url and nothing else: never from Host or a forwarded header.
 */
#ifndef DOMAIN_SITE_H
#define DOMAIN_SITE_H

#include "base/ctx.h"

/* Absolute URL of a path that begins with "/": site_url joined with it. */
MUST enum err site_url(struct ctx *c, struct str path, struct str *out);

/* The path of a slug's page, relative to the site: "/note/" and the slug percent-encoded. */
MUST enum err site_permalink_path(struct ctx *c, struct str slug, struct str *out);

/* Absolute permalink of a slug, and absolute URL of a tag's page (tag percent-encoded). */
MUST enum err site_permalink(struct ctx *c, struct str slug, struct str *out);
MUST enum err site_tag_url(struct ctx *c, struct str tag, struct str *out);

/*
 * The slug of a permalink of this site: scheme, case of host, default port, query, fragment and a
 * trailing slash do not matter. ERR_MICROPUB_URL for anything else.
 */
MUST enum err site_permalink_parse(struct ctx *c, struct str url, struct str *slug);

/* author_name, or site_name where that is empty. */
struct str site_author(const struct ctx *c);

#endif
