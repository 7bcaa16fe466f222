/*
 * The gate that every address passes which is to be fetched, compared or stored: http and https
 * only (RFC 3986, strictly), at most URL_MAX bytes, a host and no user, names in their ASCII form
 * (UTS 46), IP addresses in their usual one however they were written. What programs are known to
 * read differently (a backslash, a blank, a control character, an encoded host) is refused and not
 * repaired; text that is not ASCII is encoded.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include "base/ctx.h"

enum { URL_MAX = 2048 };

enum url_host { URL_NAME, URL_IPV4, URL_IPV6 };

/* All texts are in the arena of the context it was parsed with. */
struct url {
	struct str text;	/* normalised: the one to fetch, and to store as an address */
	struct str exact;	/* scheme, host and an empty path normalised, the rest as written */
	struct str scheme;	/* "http" or "https" */
	struct str host;	/* small letters; IPv6 in brackets */
	enum url_host kind;
	unsigned port;		/* the scheme's own, if none was written */
	bool port_written;
	bool host_exact;	/* the host was written as it stands in host */
	bool dots;		/* the path was written with segments . or .., encoded ones too */
	struct str path;	/* of text, like these two: "/" at least */
	struct str query;	/* p NULL: none */
	struct str fragment;	/* p NULL: none */
};

/* ERR_URL with a hint that says what is wrong; ERR_MEMORY. */
MUST enum err url_parse(struct ctx *c, struct str text, struct url *out);

/* What a reference means in a document that came from base (RFC 3986 section 5.2). ERR_URL. */
MUST enum err url_resolve(struct ctx *c, const struct url *base, struct str reference,
	struct url *out);

/* The same scheme, host and port. */
bool url_same_origin(const struct url *a, const struct url *b);

/* True for 127.0.0.0/8, [::1], and localhost with all that ends in it (RFC 6761 section 6.3). */
bool url_is_loopback(const struct url *u);

/* True for a strictly well-formed absolute URI of whatever scheme, which is put into *scheme. */
bool uri_valid(struct str text, struct str *scheme);

#endif
