/*
 * The form of a post that is there. A value that its control cannot show (two addresses, a nested
 * microformat where words are expected) is not turned into something else: the field is left out of
 * the form and marked as kept.
 */
#include "base/enc.h"
#include "base/time.h"
#include "domain/compose_priv.h"
#include "domain/priv.h"

struct str
compose_part(enum compose_field f)
{
	struct str name = compose_field_info(f)->name;

	return str_sub(name, str_find(name, '.', 0) + 1, name.n);
}

enum err
compose_moment_text(struct ctx *c, int64_t seconds, int offset, struct str *out)
{
	struct time_parts p;

	time_split(seconds, offset, &p);
	return ctx_printf(c, out, "%04d-%02d-%02dT%02d:%02d", p.year, p.month, p.day, p.hour,
		p.minute);
}

enum err
compose_zone_text(struct ctx *c, int offset, struct str *out)
{
	int minutes = offset < 0 ? -offset : offset;

	return ctx_printf(c, out, "%c%02d:%02d", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* ---- one value ------------------------------------------------------------------------------- */

static enum err
moment_read(struct ctx *c, struct str stored, struct str *out, bool *shown)
{
	int64_t seconds;
	int offset;

	*shown = time_rfc3339_parse(stored, &seconds, &offset);
	return *shown ? compose_moment_text(c, seconds, offset, out) : OK;
}

static void
choice_read(enum compose_field f, struct str stored, struct str *out, bool *shown)
{
	size_t n;
	const struct compose_choice *choices = compose_choices(&n);

	*shown = false;
	for (size_t i = 0; i < n && !*shown; i++) {
		*shown = choices[i].field == f && str_eqi(choices[i].value, stored);
		*out = choices[i].value;
	}
}

/* The one value of a property that has one control. */
static enum err
value_read(struct ctx *c, enum compose_field f, const struct json *value, struct compose_form *form,
	bool *shown)
{
	struct str *out = &form->values[f], text = json_str(value);

	*shown = json_kind(value) == JSON_STRING;
	if (f == COMPOSE_CONTENT && json_kind(value) == JSON_OBJECT) {
		form->html = json_find(value, S("html"));
		text = json_str(json_find(value, form->html ? S("html") : S("value")));
		*shown = true;
	}
	if (!*shown)
		return OK;
	switch (compose_field_info(f)->shape) {
	case COMPOSE_SHAPE_MOMENT:
		return moment_read(c, text, out, shown);
	case COMPOSE_SHAPE_CHOICE:
		choice_read(f, text, out, shown);
		return OK;
	case COMPOSE_SHAPE_AREA:
	case COMPOSE_SHAPE_CONTENT:
		return compose_lines(c, text, out);
	default:
		return compose_lines(c, str_trim(text), out);
	}
}

/* A part of the one nested microformat, or of a text that stands for it: its URL or its name. */
static void
part_read(enum compose_field f, const struct json *value, struct str *out)
{
	const struct json *nested = json_find(value, S("properties"));
	struct str part = compose_part(f), text = json_str(value);

	if (json_kind(nested) == JSON_OBJECT)
		*out = str_trim(json_str(post_first(nested, part)));
	else if (str_eq(part, post_url_valid(text) ? S("url") : S("name")))
		*out = str_trim(text);
	if (!out->p)
		*out = S("");
}

/* The categories that are words; people who are tagged are not for this control. */
static enum err
tags_read(struct ctx *c, const struct json *values, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, JSON_MAX_BYTES);
	for (size_t i = 0; i < json_len(values); i++) {
		struct str tag = str_trim(json_str(json_at(values, i)));

		if (tag.n > 0 && b.n > 0)
			buf_puts(&b, ", ");
		buf_put(&b, tag);
	}
	return buf_end(c, &b, out);
}

static enum err
files_read(struct ctx *c, enum compose_field f, const struct json *values,
	struct compose_form *form, bool *shown)
{
	enum err err = OK;

	*shown = form->n_files + json_len(values) <= COMPOSE_FILES_MAX;
	for (size_t i = 0; *shown && i < json_len(values); i++) {
		const struct json *value = json_at(values, i);

		*shown = json_kind(value) == JSON_STRING || json_find(value, S("value"));
	}
	for (size_t i = 0; *shown && err == OK && i < json_len(values); i++) {
		const struct json *value = json_at(values, i);
		struct compose_file *file = &form->files[form->n_files++];

		*file = (struct compose_file){.field = f, .url = post_value_url(value),
			.position = (long)i + 1};
		err = compose_lines(c, str_trim(json_str(json_find(value, S("alt")))), &file->alt);
	}
	return err;
}

/* ---- the form -------------------------------------------------------------------------------- */

static enum err
field_read(struct ctx *c, enum compose_field f, const struct json *values,
	struct compose_form *form)
{
	bool shown = json_len(values) <= 1;
	enum err err = OK;

	if (json_len(values) == 0)
		return OK;
	form->values[f] = S("");
	if (compose_field_info(f)->shape == COMPOSE_SHAPE_TAGS)
		return tags_read(c, values, &form->values[f]);
	if (compose_is_file(f))
		err = files_read(c, f, values, form, &shown);
	else if (shown && compose_field_info(f)->shape == COMPOSE_SHAPE_PART)
		part_read(f, json_at(values, 0), &form->values[f]);
	else if (shown)
		err = value_read(c, f, json_at(values, 0), form, &shown);
	form->kept[f] = !shown;
	if (!shown)
		form->values[f] = (struct str){0};
	return err;
}

/* What is read from the row and not from what was sent. */
static enum err
state_read(struct ctx *c, const struct post_row *row, bool dated, struct compose_form *form)
{
	static const struct str visibilities[] = {[POST_PUBLIC] = S_INIT("public"),
		[POST_UNLISTED] = S_INIT("unlisted"),
		[POST_PRIVATE] = S_INIT("private")};
	enum err err = OK;

	form->post = row->slug;
	form->values[COMPOSE_SLUG] = row->slug;
	form->values[COMPOSE_VISIBILITY] = visibilities[row->visibility];
	form->values[COMPOSE_PUBLISHED] = form->values[COMPOSE_ZONE] = S("");
	form->channel = row->channel.p ? row->channel : S("");
	form->targets = row->syndicate_to.p ? row->syndicate_to : S("");
	if (dated)
		err = compose_moment_text(c, row->published, row->published_zone,
			&form->values[COMPOSE_PUBLISHED]);
	if (err == OK && dated)
		err = compose_zone_text(c, row->published_zone, &form->values[COMPOSE_ZONE]);
	return err == OK ? post_version(c, row, &form->version) : err;
}

enum err
compose_read(struct ctx *c, const struct post_row *row, struct compose_form *out)
{
	const struct json *mf2, *properties;
	bool dated;
	enum err err = json_parse(c, row->mf2, &mf2);

	if (err != OK)
		return err;
	*out = (struct compose_form){.type = compose_type_find(row->type), .problem = COMPOSE__MAX};
	properties = json_find(mf2, S("properties"));
	dated = row->status != POST_DRAFT || json_find(properties, S("published"));
	for (size_t i = 0; err == OK && i < COMPOSE__MAX; i++)
		err = field_read(c, (enum compose_field)i,
			json_find(properties, compose_property((enum compose_field)i)), out);
	if (err == OK)
		err = state_read(c, row, dated, out);
	compose_ask(out);
	return err;
}
