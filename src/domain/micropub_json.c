/*
 * JSON requests (Micropub section 3.3.2), and updates, which come as JSON only (section 3.4).
 * Strict about shape, since a property that is not an array is a client's mistake that would
 * otherwise lose data in silence; generous about what clients are known to do: a bare string for
 * type, commands at the top or among the properties.
 */
#include "base/enc.h"
#include "domain/priv.h"

enum { HINT_NAME_MAX = 60 };

/* ["h-entry"], or "h-entry". */
static enum err
type_decode(struct ctx *c, const struct json *type, struct micropub_decode *d)
{
	struct str name = json_str(type);

	if (json_kind(type) == JSON_ARRAY)
		name = json_str(json_at(type, 0));
	if (!str_starts(name, S("h-")))
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
			"type needs to be [\"h-entry\"] or the like");
	d->kind = str_sub(name, 2, name.n);
	return OK;
}

/* A command's value is a string, or an array of strings; an empty one says "none". */
static enum err
command_decode(struct ctx *c, struct str name, const struct json *value, struct micropub_decode *d)
{
	enum err err = OK;

	if (json_kind(value) == JSON_STRING || json_len(value) == 0)
		return micropub_decode_command(c, d, name, json_str(value));
	for (size_t i = 0; err == OK && i < json_len(value); i++)
		err = micropub_decode_command(c, d, name, json_str(json_at(value, i)));
	return err;
}

static enum err
values_decode(struct ctx *c, struct str name, const struct json *sent,
	struct micropub_properties *to)
{
	struct str shown = enc_utf8_cut(name, HINT_NAME_MAX);
	struct json *values;
	enum err err;

	if (name.n == 0)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "a property without a name");
	if (json_kind(sent) != JSON_ARRAY)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
			"property '%.*s' needs an array of values", STR(shown));
	err = micropub_decode_values(c, to, name, &values);
	for (size_t i = 0; err == OK && i < json_len(sent); i++) {
		const struct json *value = json_at(sent, i);

		/* Where an empty text is no value of its kind it says that there is none. */
		if (json_kind(value) == JSON_STRING && json_str(value).n == 0 &&
			post_has_kind(name))
			continue;
		err = micropub_decode_values(c, to, name, &values);
		if (err == OK)
			err = json_push(c, values, value);
	}
	return err;
}

/* The object of that name among the request's members, into *to; commands are taken out of it. */
static enum err
properties_decode(struct ctx *c, struct str member, const struct json *properties,
	struct micropub_decode *d, struct micropub_properties *to)
{
	const struct json *value;
	struct str name;
	enum err err = OK;

	if (json_kind(properties) != JSON_OBJECT)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "%.*s needs to be an object",
			STR(member));
	for (size_t i = 0; err == OK && json_member(properties, i, &name, &value); i++) {
		if (str_starts(name, S("mp-")))
			err = command_decode(c, name, value, d);
		else if (!str_eq(name, S("access_token")))
			err = values_decode(c, name, value, to);
		if (str_eq(name, S("mp-syndicate-to")) && to != &d->add)
			d->syndicate_anew = true;
	}
	return err;
}

/* "delete" of an update: an array of names, or an object of arrays of values. */
static enum err
remove_decode(struct ctx *c, const struct json *operation, struct micropub_decode *d)
{
	bool array = json_kind(operation) == JSON_ARRAY;
	bool good = array || json_kind(operation) == JSON_OBJECT;

	for (size_t i = 0; good && i < json_len(operation); i++) {
		const struct json *value = json_at(operation, i);
		struct str name = json_str(value);

		if (array)
			good = name.n > 0;
		else
			good = json_member(operation, i, &name, &value) &&
				json_kind(value) == JSON_ARRAY;
	}
	if (!good)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
			"delete needs an array of names, or an object of arrays of values");
	d->remove = operation;
	return OK;
}

/* action and url: a member that must be a string. */
static enum err
string_decode(struct ctx *c, struct str name, const struct json *value, struct str *out)
{
	if (json_kind(value) != JSON_STRING)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "%.*s needs to be a string",
			STR(name));
	*out = json_str(value);
	return OK;
}

static enum err
member_decode(struct ctx *c, struct str name, const struct json *value, struct micropub_decode *d)
{
	if (str_eq(name, S("type")))
		return type_decode(c, value, d);
	if (str_eq(name, S("properties")))
		return properties_decode(c, name, value, d, &d->properties);
	if (str_eq(name, S("replace")))
		return properties_decode(c, name, value, d, &d->replace);
	if (str_eq(name, S("add")))
		return properties_decode(c, name, value, d, &d->add);
	if (str_eq(name, S("delete")))
		return remove_decode(c, value, d);
	if (str_eq(name, S("action")))
		return string_decode(c, name, value, &d->action);
	if (str_eq(name, S("url")))
		return string_decode(c, name, value, &d->url);
	if (!str_starts(name, S("mp-")))
		return OK;
	if (str_eq(name, S("mp-syndicate-to")))
		d->syndicate_anew = true;
	return command_decode(c, name, value, d);
}

enum err
micropub_parse_json(struct ctx *c, struct str body, struct micropub_request *out)
{
	struct micropub_decode *d = ctx_alloc(c, sizeof(*d));
	const struct json *request, *value;
	struct str name;
	enum err err;

	if (!d)
		return ERR_MEMORY;
	err = json_parse(c, body, &request);
	if (err != OK)
		return err;
	if (json_kind(request) != JSON_OBJECT)
		return err_raise_hint(c, ERR_BAD_JSON, "the body needs to be a JSON object");
	for (size_t i = 0; err == OK && json_member(request, i, &name, &value); i++)
		err = member_decode(c, name, value, d);
	return err == OK ? micropub_decode_end(c, d, out) : err;
}
