/*
 * Form and multipart requests (Micropub section 3.3). Names come as PHP clients write them, too:
 * "category[]", "category[0]", "content[html]"; any other use of brackets is refused.
 */
#include "base/enc.h"
#include "domain/priv.h"

/* What stands in the brackets of a name. */
enum field_key { KEY_LIST, KEY_HTML, KEY_VALUE };

/* The two halves of a content that came in pieces. */
struct content {
	struct str html, value;
};

static enum err
text_check(struct ctx *c, struct str s)
{
	if (!enc_utf8_valid(s) || str_find(s, '\0', 0) < s.n)
		return err_raise(c, ERR_BAD_ENCODING, "form field is not UTF-8 or holds a NUL");
	return OK;
}

static bool
is_number(struct str s)
{
	unsigned long long v;

	return str_u64(s, 999999, &v);
}

/* Takes "name[key]" apart. */
static enum err
name_parse(struct ctx *c, struct str field, struct str *name, enum field_key *key)
{
	size_t open = str_find(field, '[', 0);
	struct str inside = str_sub(field, open + 1, field.n > 0 ? field.n - 1 : 0);
	bool closed = open < field.n && str_find(field, ']', 0) == field.n - 1;

	*name = str_sub(field, 0, open);
	*key = KEY_LIST;
	if (name->n == 0)
		return err_raise(c, ERR_BAD_FORM, "field without a name");
	if (open == field.n && str_find(field, ']', 0) == field.n)
		return OK;
	if (closed && (inside.n == 0 || is_number(inside)))
		return OK;
	if (closed && str_eq(*name, S("content"))) {
		*key = str_eq(inside, S("html")) ? KEY_HTML : KEY_VALUE;
		if (*key == KEY_HTML || str_eq(inside, S("value")))
			return OK;
	}
	return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
		"brackets in a field's name hold nothing, a number, or for content html or value");
}

/* True if the name is one that is never a property; then it has been dealt with. */
static bool
reserved(struct micropub_decode *d, struct str name, struct str value)
{
	if (str_eq(name, S("h")))
		d->kind = value;
	else if (str_eq(name, S("action")))
		d->action = value;
	else if (str_eq(name, S("url")))
		d->url = value;
	else
		return str_eq(name, S("access_token"));
	return true;
}

static enum err
field_decode(struct ctx *c, const struct pair *field, struct micropub_decode *d,
	struct content *content)
{
	struct json *values;
	struct str name;
	enum field_key key;
	enum err err;

	if (field->name.n == 0 && field->value.n == 0)
		return OK;
	err = text_check(c, field->name);
	if (err == OK)
		err = text_check(c, field->value);
	if (err == OK)
		err = name_parse(c, field->name, &name, &key);
	if (err != OK || reserved(d, name, field->value))
		return err;
	if (str_starts(name, S("mp-")))
		return micropub_decode_command(c, d, name, field->value);
	if (field->value.n == 0)
		return OK;
	if (key == KEY_HTML)
		content->html = field->value;
	if (key == KEY_VALUE)
		content->value = field->value;
	if (key != KEY_LIST)
		return OK;
	err = micropub_decode_values(c, &d->properties, name, &values);
	return err == OK ? json_push_str(c, values, field->value) : err;
}

/* content[html] and content[value] are one value between them. */
static enum err
content_decode(struct ctx *c, const struct content *content, struct micropub_decode *d)
{
	struct json *values, *object;
	enum err err;

	if (content->html.n == 0 && content->value.n == 0)
		return OK;
	err = micropub_decode_values(c, &d->properties, S("content"), &values);
	if (err != OK)
		return err;
	if (content->html.n == 0)
		return json_push_str(c, values, content->value);
	err = json_object(c, &object);
	if (err == OK)
		err = json_set_str(c, object, S("html"), content->html);
	if (err == OK && content->value.n > 0)
		err = json_set_str(c, object, S("value"), content->value);
	return err == OK ? json_push(c, values, object) : err;
}

/* The value of what a form may say once only, wherever it stands; p NULL if it is not there. */
static enum err
single_find(struct ctx *c, const struct pair *fields, size_t n, struct str name, struct str *out)
{
	*out = (struct str){0};
	for (size_t i = 0; i < n; i++) {
		if (!query_arg_is(&fields[i], name))
			continue;
		if (out->p)
			return err_raise_hint(
				c, ERR_BAD_FORM, "%.*s is given twice", STR(name));
		*out = fields[i].value.p ? fields[i].value : S("");
	}
	return OK;
}

enum err
micropub_parse_form(struct ctx *c, const struct pair *fields, size_t n,
	struct micropub_request *out, struct str *token)
{
	struct micropub_decode *d = ctx_alloc(c, sizeof(*d));
	struct content content = {0};
	struct str action, url;
	enum err err;

	if (!d)
		return ERR_MEMORY;
	err = single_find(c, fields, n, S("access_token"), token);
	if (err == OK)
		err = single_find(c, fields, n, S("action"), &action);
	if (err == OK && action.n > 0)
		err = single_find(c, fields, n, S("url"), &url);
	for (size_t i = 0; err == OK && i < n; i++)
		err = field_decode(c, &fields[i], d, &content);
	if (err == OK)
		err = content_decode(c, &content, d);
	if (err == OK && str_eq(d->action, S("update")))
		return err_raise_hint(c, ERR_MICROPUB_ACTION, "an update must be sent as JSON");
	return err == OK ? micropub_decode_end(c, d, out) : err;
}
