/*
 * The one internal form behind form, multipart and JSON: properties in the order of arrival, and
 * the commands (mp-…) taken out of them. What a value may be is not judged here but where posts are
 * made, so that every way to a post has the same rules.
 */
#include "base/enc.h"
#include "core/config.h"
#include "domain/priv.h"
#include "domain/site.h"

enum { HINT_NAME_MAX = 60 };

enum err
micropub_decode_values(struct ctx *c, struct micropub_properties *to, struct str name,
	struct json **out)
{
	struct str shown = enc_utf8_cut(name, HINT_NAME_MAX);
	enum err err;

	for (size_t i = 0; i < to->n; i++) {
		if (!str_eq(to->list[i].name, name))
			continue;
		if (json_len(to->list[i].values) >= MICROPUB_MAX_VALUES)
			return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
				"property '%.*s' has more than %d values", STR(shown),
				MICROPUB_MAX_VALUES);
		*out = to->list[i].values;
		return OK;
	}
	if (to->n == MICROPUB_MAX_PROPERTIES)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "more than %d properties",
			MICROPUB_MAX_PROPERTIES);
	err = json_array(c, out);
	if (err != OK)
		return err;
	to->list[to->n].name = name;
	to->list[to->n].values = *out;
	to->n++;
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
	if (str_eq(name, S("mp-channel")))
		d->channel = config_name_find(c->cfg->channels, value).p ? value : S("");
	if (str_eq(name, S("mp-syndicate-to")) &&
	    config_name_find(c->cfg->syndicate_to, value).p)
		return post_uids_add(c, d->syndicate_to, value, &d->syndicate_to);
	if (!str_eq(name, S("mp-photo-alt")))
		return OK;
	if (!d->photo_alts)
		err = json_array(c, &d->photo_alts);
	return err == OK ? json_push_str(c, d->photo_alts, value) : err;
}

/* The n-th mp-photo-alt belongs to the n-th photo. */
static enum err
photos_describe(struct ctx *c, struct micropub_decode *d)
{
	struct micropub_property *photo = NULL;

	for (size_t i = 0; i < d->properties.n; i++)
		if (str_eq(d->properties.list[i].name, S("photo")))
			photo = &d->properties.list[i];
	if (!photo || !d->photo_alts)
		return OK;
	return post_photos_describe(c, photo->values, 0, d->photo_alts, &photo->values);
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

/* An object of the properties; of those that have values, unless empty ones mean something. */
static enum err
properties_make(struct ctx *c, const struct micropub_properties *from, bool empty,
	struct json **out)
{
	enum err err = json_object(c, out);

	for (size_t i = 0; err == OK && i < from->n; i++)
		if (empty || json_len(from->list[i].values) > 0)
			err = json_set(c, *out, from->list[i].name, from->list[i].values);
	return err;
}

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
		err = properties_make(c, &d->properties, false, &properties);
	if (err != OK)
		return err;
	out->kind = d->kind;
	out->properties = properties;
	out->slug = d->slug;
	out->channel = d->channel;
	out->syndicate_to = d->syndicate_to;
	return OK;
}

/* Says what an update that changes nothing lacks. */
static enum err
update_refuse(struct ctx *c, const struct micropub_decode *d)
{
	struct str shown;

	if (d->add.n == 0)
		return err_raise_hint(c, ERR_MICROPUB_EMPTY,
			"an update needs one of replace, add and delete");
	shown = enc_utf8_cut(d->add.list[0].name, HINT_NAME_MAX);
	return err_raise_hint(
		c, ERR_MICROPUB_EMPTY, "no values to add to property '%.*s'", STR(shown));
}

static enum err
update_make(struct ctx *c, const struct micropub_decode *d, struct post_update *out)
{
	struct json *replace, *add;
	enum err err = properties_make(c, &d->replace, true, &replace);

	if (err == OK)
		err = properties_make(c, &d->add, false, &add);
	if (err != OK)
		return err;
	if (json_len(replace) + json_len(add) + json_len(d->remove) == 0 && d->slug.n == 0 &&
	    !d->channel.p && !d->photo_alts && d->syndicate_to.n == 0 && !d->syndicate_anew)
		return update_refuse(c, d);
	*out = (struct post_update){.replace = replace,
		.remove = d->remove,
		.add = add,
		.photo_alts = d->photo_alts,
		.slug = d->slug,
		.channel = d->channel,
		.syndicate_to = d->syndicate_to,
		.syndicate_anew = d->syndicate_anew};
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
	return out->action == MICROPUB_UPDATE ? update_make(c, d, &out->update) : OK;
}
