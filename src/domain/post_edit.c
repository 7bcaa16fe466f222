/*
 * The operations of an update on stored properties. Values are shared with what was stored and what
 * was sent, never copied or written anew, so that everything an update does not name comes back as
 * it was: numbers as they were spelt, members in their order. While the operations run, a property
 * without values is one that has been removed; the last step leaves it out.
 */
#include "domain/priv.h"

enum err
post_object_copy(struct ctx *c, const struct json *from, struct json **out)
{
	const struct json *value;
	struct str name;
	enum err err = json_object(c, out);

	for (size_t i = 0; err == OK && json_member(from, i, &name, &value); i++)
		err = json_set(c, *out, name, value);
	return err;
}

/* Posts without these would be nobody's or nowhere, or show themselves to people by mistake. */
static enum err
removable(struct ctx *c, struct str name)
{
	static const struct str kept[] = {S_INIT("post-status"), S_INIT("published"), S_INIT("uid"),
		S_INIT("url"), S_INIT("visibility")};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (str_eq(name, kept[i]))
			return post_refuse(c, name, "cannot be removed; replace it instead");
	return OK;
}

static enum err
set_none(struct ctx *c, struct json *properties, struct str name)
{
	struct json *none;
	enum err err = json_array(c, &none);

	return err == OK ? json_set(c, properties, name, none) : err;
}

static enum err
replace(struct ctx *c, const struct json *operation, struct json *properties)
{
	const struct json *values;
	struct str name;
	enum err err = OK;

	for (size_t i = 0; err == OK && json_member(operation, i, &name, &values); i++) {
		if (json_len(values) == 0)
			err = removable(c, name);
		if (err == OK)
			err = json_set(c, properties, name, values);
	}
	return err;
}

static bool
is_among(const struct json *value, const struct json *values)
{
	for (size_t i = 0; i < json_len(values); i++)
		if (json_equal(value, json_at(values, i)))
			return true;
	return false;
}

/* Sets a property to those of its values that are not among the ones to remove. */
static enum err
remove_values(struct ctx *c, struct json *properties, struct str name, const struct json *gone)
{
	const struct json *values = json_find(properties, name);
	struct json *left;
	enum err err = json_array(c, &left);

	for (size_t i = 0; err == OK && i < json_len(values); i++)
		if (!is_among(json_at(values, i), gone))
			err = json_push(c, left, json_at(values, i));
	return err == OK ? json_set(c, properties, name, left) : err;
}

/* An array names properties, an object values of properties. */
static enum err
remove_all(struct ctx *c, const struct json *operation, struct json *properties)
{
	bool whole = json_kind(operation) == JSON_ARRAY;
	enum err err = OK;

	for (size_t i = 0; err == OK && i < json_len(operation); i++) {
		const struct json *values = NULL;
		struct str name = json_str(json_at(operation, i));

		if (!whole)
			(void)json_member(operation, i, &name, &values);
		err = removable(c, name);
		if (err == OK && whole)
			err = set_none(c, properties, name);
		else if (err == OK)
			err = remove_values(c, properties, name, values);
	}
	return err;
}

/* These have one value, and a post that was sent without them has it, too: to add is to replace. */
static enum err
addable(struct ctx *c, struct str name)
{
	static const struct str single[] = {S_INIT("post-status"), S_INIT("published"),
		S_INIT("visibility")};

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		if (str_eq(name, single[i]))
			return post_refuse(c, name, "has one value; replace it instead");
	return OK;
}

static enum err
add(struct ctx *c, const struct json *operation, struct json *properties)
{
	const struct json *values, *there;
	struct json *both;
	struct str name;
	enum err err = OK;

	for (size_t i = 0; err == OK && json_member(operation, i, &name, &values); i++) {
		there = json_find(properties, name);
		err = addable(c, name);
		if (err == OK)
			err = json_array(c, &both);
		for (size_t j = 0; err == OK && j < json_len(there); j++)
			err = json_push(c, both, json_at(there, j));
		for (size_t j = 0; err == OK && j < json_len(values); j++)
			err = json_push(c, both, json_at(values, j));
		if (err == OK)
			err = json_set(c, properties, name, both);
	}
	return err;
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

enum err
post_photos_describe(struct ctx *c, const struct json *photos, size_t from, const struct json *alts,
	struct json **out)
{
	enum err err = json_array(c, out);

	for (size_t i = 0; err == OK && i < json_len(photos); i++) {
		struct str alt = {0};

		if (i >= from)
			alt = json_str(json_at(alts, i - from));
		err = photo_describe(c, json_at(photos, i), alt, *out);
	}
	return err;
}

/* Texts belong to the photos that came with them; if none came, to those that are there. */
static enum err
describe(struct ctx *c, const struct post_update *update, struct json *properties)
{
	const struct json *photos = json_find(properties, S("photo"));
	struct json *described;
	size_t from = 0;
	enum err err;

	if (!update->photo_alts || !photos)
		return OK;
	if (!json_find(update->replace, S("photo")) && json_find(update->add, S("photo")))
		from = json_len(photos) - json_len(json_find(update->add, S("photo")));
	err = post_photos_describe(c, photos, from, update->photo_alts, &described);
	return err == OK ? json_set(c, properties, S("photo"), described) : err;
}

/* What is left, within the limits that hold for a create. */
static enum err
compact(struct ctx *c, const struct json *from, struct json **out)
{
	const struct json *values;
	struct str name;
	enum err err = json_object(c, out);

	for (size_t i = 0; err == OK && json_member(from, i, &name, &values); i++) {
		if (json_len(values) > MICROPUB_MAX_VALUES)
			return post_refuse(c, name, "has too many values");
		if (json_len(values) > 0)
			err = json_set(c, *out, name, values);
	}
	if (err == OK && json_len(*out) > MICROPUB_MAX_PROPERTIES)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "more than %d properties",
			MICROPUB_MAX_PROPERTIES);
	return err;
}

enum err
post_edit(struct ctx *c, const struct json *stored, const struct post_update *update,
	struct json **out)
{
	struct json *properties;
	enum err err = post_object_copy(c, stored, &properties);

	if (err == OK)
		err = replace(c, update->replace, properties);
	if (err == OK)
		err = remove_all(c, update->remove, properties);
	if (err == OK)
		err = add(c, update->add, properties);
	if (err == OK)
		err = describe(c, update, properties);
	return err == OK ? compact(c, properties, out) : err;
}

enum err
post_uids_add(struct ctx *c, struct str uids, struct str uid, struct str *out)
{
	struct str rest = uids;

	*out = uids;
	while (rest.p)
		if (str_eq(str_cut(&rest, '\x1f'), uid))
			return OK;
	return ctx_printf(c, out, "%.*s%.*s\x1f", STR(uids), STR(uid));
}
