/*
 * application/x-www-form-urlencoded (WHATWG URL section 5.1, made strict): "&" alone separates, "+"
 * is a space, and what does not decode to UTF-8 without NUL is refused rather than repaired.
 */
#include "http/form.h"

#include "http/priv.h"

static enum err
field_parse(struct ctx *c, struct str text, struct pair *out)
{
	struct str value = text;
	struct str name = str_cut(&value, '=');
	enum err err = http_decode(c, name, true, &out->name);

	if (err)
		return err;
	if (out->name.n > FORM_MAX_NAME)
		return err_raise(c, ERR_BAD_FORM, "a field's name has %zu bytes", out->name.n);
	return http_decode(c, value.p ? value : S(""), true, &out->value);
}

enum err
form_parse(struct ctx *c, struct str text, struct pair **out, size_t *n)
{
	struct str rest = text;
	size_t fields = 0;
	struct pair *list;

	*n = 0;
	while (rest.p && fields <= FORM_MAX_FIELDS)
		fields += !str_empty(str_cut(&rest, '&'));
	if (fields > FORM_MAX_FIELDS)
		return err_raise(c, ERR_BAD_FORM, "more than %d fields", FORM_MAX_FIELDS);
	list = ctx_calloc(c, fields, sizeof(*list));
	if (!list)
		return ERR_MEMORY;
	*out = list;
	for (rest = text; rest.p;) {
		struct str field = str_cut(&rest, '&');
		enum err err = str_empty(field) ? OK : field_parse(c, field, &list[*n]);

		if (err)
			return err;
		*n += !str_empty(field);
	}
	return OK;
}
