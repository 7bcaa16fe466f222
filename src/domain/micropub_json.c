/*
 * JSON requests (Micropub checklist section 3.2). Strict about shape, since a property that is not
 * an array is a client's mistake that would otherwise lose data in silence; generous about what
 * clients are known to do: a bare string for type, commands at the top or among the properties.
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

/* A command's value is a string, or an array of strings. */
static enum err
command_decode(struct ctx *c, struct str name, const struct json *value, struct micropub_decode *d)
{
	enum err err = OK;

	if (json_kind(value) == JSON_STRING)
		return micropub_decode_command(c, d, name, json_str(value));
	for (size_t i = 0; err == OK && i < json_len(value); i++)
		err = micropub_decode_command(c, d, name, json_str(json_at(value, i)));
	return err;
}

static enum err
values_decode(struct ctx *c, struct str name, const struct json *sent, struct micropub_decode *d)
{
	struct str shown = enc_utf8_cut(name, HINT_NAME_MAX);
	struct json *values;
	enum err err = OK;

	if (json_kind(sent) != JSON_ARRAY)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
			"property '%.*s' needs an array of values", STR(shown));
	for (size_t i = 0; err == OK && i < json_len(sent); i++) {
		const struct json *value = json_at(sent, i);

		if (json_kind(value) == JSON_STRING && json_str(value).n == 0)
			continue;
		err = micropub_decode_values(c, d, name, &values);
		if (err == OK)
			err = json_push(c, values, value);
	}
	return err;
}

static enum err
properties_decode(struct ctx *c, const struct json *properties, struct micropub_decode *d)
{
	const struct json *value;
	struct str name;
	enum err err = OK;

	if (json_kind(properties) != JSON_OBJECT)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "properties needs to be an object");
	for (size_t i = 0; err == OK && json_member(properties, i, &name, &value); i++) {
		if (str_starts(name, S("mp-")))
			err = command_decode(c, name, value, d);
		else if (name.n == 0)
			err = err_raise_hint(c, ERR_MICROPUB_PROPERTY, "a property without a name");
		else if (!str_eq(name, S("access_token")))
			err = values_decode(c, name, value, d);
	}
	return err;
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
		return properties_decode(c, value, d);
	if (str_eq(name, S("action")))
		return string_decode(c, name, value, &d->action);
	if (str_eq(name, S("url")))
		return string_decode(c, name, value, &d->url);
	if (str_starts(name, S("mp-")))
		return command_decode(c, name, value, d);
	return OK;
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
