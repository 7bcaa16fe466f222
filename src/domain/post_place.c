/*
 * Places: words, a URL, "geo:52.5,13.4;u=30" (RFC 5870), an h-card, an h-adr, an h-geo, and what
 * clients make of these: coordinates as numbers or text, in the place itself or in an h-geo inside
 * it, addresses beside a name or in an h-adr inside it.
 */
#include "domain/post_parts.h"
#include "domain/priv.h"

enum { DEGREES_MAX = 20 };

/* In the order of enum post_address. */
static const struct str address[POST_ADDRESS__MAX] = {
	[POST_STREET] = S_INIT("street-address"),
	[POST_EXTENDED] = S_INIT("extended-address"),
	[POST_POSTAL_CODE] = S_INIT("postal-code"),
	[POST_LOCALITY] = S_INIT("locality"),
	[POST_REGION] = S_INIT("region"),
	[POST_COUNTRY] = S_INIT("country-name"),
};

/* True for "-12.5": a sign, digits, perhaps a point and more of them, no further than max. */
static bool
degrees_valid(struct str text, unsigned long long max)
{
	struct str rest = text, whole, part;
	unsigned long long n = 0;

	if (text.n > DEGREES_MAX)
		return false;
	if (str_starts(rest, S("-")) || str_starts(rest, S("+")))
		rest = str_sub(rest, 1, rest.n);
	whole = str_cut(&rest, '.');
	part = rest;
	if (!str_u64(whole, max, &n) || whole.n > 3)
		return false;
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] < '0' || part.p[i] > '9' || (n == max && part.p[i] != '0'))
			return false;
	return !rest.p || part.n > 0;
}

/* Both, or none at all. */
static void
point_set(struct post_place *out, struct str latitude, struct str longitude)
{
	latitude = str_trim(latitude);
	longitude = str_trim(longitude);
	if (!degrees_valid(latitude, 90) || !degrees_valid(longitude, 180))
		return;
	out->latitude = str_starts(latitude, S("+")) ? str_sub(latitude, 1, latitude.n) : latitude;
	out->longitude =
		str_starts(longitude, S("+")) ? str_sub(longitude, 1, longitude.n) : longitude;
}

/* "geo:52.52,13.405,34;u=35": altitude and uncertainty are left out. */
static void
geo_read(struct str text, struct post_place *out)
{
	struct str rest = str_sub(text, 4, text.n), point = str_cut(&rest, ';'), latitude;

	latitude = str_cut(&point, ',');
	point_set(out, latitude, str_cut(&point, ','));
	if (out->latitude.n > 0)
		out->root = S("h-geo");
}

/* A coordinate as text: clients send text and numbers. */
static enum err
degrees_of(struct ctx *c, const struct json *properties, struct str name, struct str *out)
{
	const struct json *value = post_first(properties, name);

	*out = json_str(value);
	if (json_kind(value) == JSON_INT || json_kind(value) == JSON_DOUBLE)
		return ctx_printf(c, out, "%.6f", json_double(value));
	return OK;
}

static enum err
point_read(struct ctx *c, const struct json *properties, struct post_place *out)
{
	struct str latitude, longitude = {0};
	enum err err = degrees_of(c, properties, S("latitude"), &latitude);

	if (err == OK)
		err = degrees_of(c, properties, S("longitude"), &longitude);
	if (err == OK)
		point_set(out, latitude, longitude);
	return err;
}

static enum err
address_read(struct ctx *c, const struct json *properties, struct post_place *out)
{
	enum err err = OK;

	for (size_t i = 0; err == OK && i < POST_ADDRESS__MAX; i++)
		if (out->address[i].n == 0)
			err = post_text_of(c, properties, address[i], &out->address[i]);
	return err;
}

/* What the place says itself, and what an h-adr or h-geo inside it says. */
static enum err
nested_read(struct ctx *c, const struct json *properties, struct post_place *out)
{
	static const struct str inner[] = {S_INIT("adr"), S_INIT("geo"), S_INIT("location")};
	enum err err = address_read(c, properties, out);

	if (err == OK)
		err = point_read(c, properties, out);
	for (size_t i = 0; err == OK && i < sizeof(inner) / sizeof(inner[0]); i++) {
		const struct json *value = post_first(properties, inner[i]);
		const struct json *nested = json_find(value, S("properties"));

		if (str_starts(json_str(value), S("geo:")))
			geo_read(json_str(value), out);
		err = address_read(c, nested, out);
		if (err == OK && out->latitude.n == 0)
			err = point_read(c, nested, out);
	}
	return err;
}

static bool
address_known(const struct post_place *place)
{
	for (size_t i = 0; i < POST_ADDRESS__MAX; i++)
		if (place->address[i].n > 0)
			return true;
	return false;
}

bool
post_place_known(const struct post_place *place)
{
	return place->name.n > 0 || place->latitude.n > 0 || address_known(place);
}

/* The least that has words for what is there: a name or a URL is an h-card's. */
static struct str
root_of(const struct post_place *place)
{
	if (place->name.n > 0 || place->url.n > 0)
		return S("h-card");
	return address_known(place) ? S("h-adr") : S("h-geo");
}

enum err
post_place_read(struct ctx *c, const struct json *value, struct post_place *out)
{
	const struct json *nested = json_find(value, S("properties"));
	struct post_cite cite;
	bool named;
	enum err err;

	*out = (struct post_place){0};
	if (str_starts(json_str(value), S("geo:"))) {
		geo_read(json_str(value), out);
		return OK;
	}
	err = post_cite_read(c, value, &cite, &named);
	if (err == OK && named) {
		out->name = cite.name;
		out->url = cite.url;
	}
	if (err == OK && json_kind(nested) == JSON_OBJECT)
		err = nested_read(c, nested, out);
	if (json_kind(nested) == JSON_OBJECT || out->url.n > 0)
		out->root = root_of(out);
	return err;
}
