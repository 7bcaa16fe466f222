/*
 * The one internal form behind form, multipart and JSON: properties in the order of arrival, and
 * the commands (mp-…) taken out of them. What a value may be is not judged here but where posts are
 * made, so that every way to a post has the same rules.
 */
#include "base/enc.h"
#include "domain/priv.h"
#include "domain/site.h"

enum { HINT_NAME_MAX = 60 };

enum err
micropub_decode_values(struct ctx *c, struct micropub_decode *d, struct str name,
	struct json **out)
{
	struct str shown = enc_utf8_cut(name, HINT_NAME_MAX);
	enum err err;

	for (size_t i = 0; i < d->n; i++) {
		if (!str_eq(d->properties[i].name, name))
			continue;
		if (json_len(d->properties[i].values) >= MICROPUB_MAX_VALUES)
			return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
				"property '%.*s' has more than %d values", STR(shown),
				MICROPUB_MAX_VALUES);
		*out = d->properties[i].values;
		return OK;
	}
	if (d->n == MICROPUB_MAX_PROPERTIES)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "more than %d properties",
			MICROPUB_MAX_PROPERTIES);
	err = json_array(c, out);
	if (err != OK)
		return err;
	d->properties[d->n].name = name;
	d->properties[d->n].values = *out;
	d->n++;
	return OK;
}

/* There is one destination: the site itself. */
static enum err
destination_check(struct ctx *c, struct str value)
{
	struct str home;
	enum err err = site_url(c, S("/"), &home);

	if (err != OK)
		return err;
	if (value.n > 0 && !str_eq(value, home) && !str_eq(value, str_sub(home, 0, home.n - 1)))
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
			"mp-destination is not one of ours");
	return OK;
}

enum err
micropub_decode_command(struct ctx *c, struct micropub_decode *d, struct str name,
	struct str value)
{
	enum err err = OK;

	if (str_eq(name, S("mp-slug")) && d->slug.n == 0)
		d->slug = value;
	if (str_eq(name, S("mp-destination")))
		return destination_check(c, value);
	if (!str_eq(name, S("mp-photo-alt")))
		return OK;
	if (!d->photo_alts)
		err = json_array(c, &d->photo_alts);
	return err == OK ? json_push_str(c, d->photo_alts, value) : err;
}

/* A plain photo with a text of its own becomes {"value":URL,"alt":text}; others stay. */
static enum err
photo_describe(struct ctx *c, const struct json *photo, struct str alt, struct json *out)
{
	struct json *described;
	enum err err;

	if (json_kind(photo) != JSON_STRING || alt.n == 0)
		return json_push(c, out, photo);
	err = json_object(c, &described);
	if (err == OK)
		err = json_set_str(c, described, S("value"), json_str(photo));
	if (err == OK)
		err = json_set_str(c, described, S("alt"), alt);
	return err == OK ? json_push(c, out, described) : err;
}

/* The n-th mp-photo-alt belongs to the n-th photo. */
static enum err
photos_describe(struct ctx *c, struct micropub_decode *d)
{
	struct micropub_property *photo = NULL;
	struct json *described;
	enum err err;

	for (size_t i = 0; i < d->n; i++)
		if (str_eq(d->properties[i].name, S("photo")))
			photo = &d->properties[i];
	if (!photo || !d->photo_alts)
		return OK;
	err = json_array(c, &described);
	for (size_t i = 0; err == OK && i < json_len(photo->values); i++)
		err = photo_describe(c, json_at(photo->values, i),
			json_str(json_at(d->photo_alts, i)), described);
	photo->values = described;
	return err;
}

static enum err
action_parse(struct ctx *c, struct str action, enum micropub_action *out)
{
	if (action.n == 0)
		*out = MICROPUB_CREATE;
	else if (str_eq(action, S("update")))
		*out = MICROPUB_UPDATE;
	else if (str_eq(action, S("delete")))
		*out = MICROPUB_DELETE;
	else if (str_eq(action, S("undelete")))
		*out = MICROPUB_UNDELETE;
	else
		return err_raise_hint(c, ERR_MICROPUB_ACTION, "unknown action");
	return OK;
}

static bool
kind_known(struct str kind)
{
	return str_eq(kind, S("entry")) || str_eq(kind, S("event")) || str_eq(kind, S("card")) ||
		str_eq(kind, S("cite"));
}

/* The draft of a create: an object of all properties that have values. */
static enum err
draft_make(struct ctx *c, struct micropub_decode *d, struct post_draft *out)
{
	struct json *properties;
	enum err err;

	if (d->kind.n == 0)
		d->kind = S("entry");
	if (!kind_known(d->kind))
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
			"a post is one of h-entry, h-event, h-card and h-cite");
	err = photos_describe(c, d);
	if (err == OK)
		err = json_object(c, &properties);
	for (size_t i = 0; err == OK && i < d->n; i++)
		if (json_len(d->properties[i].values) > 0)
			err = json_set(c, properties, d->properties[i].name,
				d->properties[i].values);
	if (err != OK)
		return err;
	out->kind = d->kind;
	out->properties = properties;
	out->slug = d->slug;
	return OK;
}

enum err
micropub_decode_end(struct ctx *c, struct micropub_decode *d, struct micropub_request *out)
{
	enum err err;

	*out = (struct micropub_request){.url = d->url};
	err = action_parse(c, d->action, &out->action);
	if (err != OK)
		return err;
	if (out->action == MICROPUB_CREATE)
		return draft_make(c, d, &out->draft);
	if (d->url.n == 0)
		return err_raise_hint(c, ERR_MICROPUB_URL, "the action needs a url");
	return OK;
}
