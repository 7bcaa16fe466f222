/*
 * From a form to the request that makes its post, or changes it. A property is touched only if one of
 * its fields says something else than the post does; of a nested microformat only the parts that do.
 */
#include "base/enc.h"
#include "base/time.h"
#include "domain/compose_priv.h"
#include "domain/priv.h"
#include "domain/site.h"

/* A request while it is made. */
struct writer {
	struct ctx *c;
	const struct compose_form *form;
	const struct compose_form *stored;	/* of the post that changes; NULL: a new one */
	const struct json *properties;		/* its properties; NULL: a new one */
	struct json *out;			/* properties to set; an empty array removes one */
};

/* ---- what is the same ------------------------------------------------------------------------ */

static bool
files_same(const struct compose_form *a, const struct compose_form *b, enum compose_field f)
{
	size_t i = 0, j = 0;

	for (;; i++, j++) {
		while (i < a->n_files && a->files[i].field != f)
			i++;
		while (j < b->n_files && b->files[j].field != f)
			j++;
		if (i >= a->n_files || j >= b->n_files)
			return i >= a->n_files && j >= b->n_files;
		if (!str_eq(a->files[i].url, b->files[j].url) ||
		    !str_eq(a->files[i].alt, b->files[j].alt))
			return false;
	}
}

bool
compose_same(const struct compose_form *a, const struct compose_form *b, enum compose_field f)
{
	size_t max = SIZE_MAX;

	if (compose_is_file(f))
		return files_same(a, b, f);
	/* Browsers say the seconds or not, as they like. */
	if (compose_field_info(f)->shape == COMPOSE_SHAPE_MOMENT)
		max = COMPOSE_MOMENT_CHARS;
	return str_eq(str_sub(a->values[f], 0, max), str_sub(b->values[f], 0, max));
}

/* True if the form asks for the field and says something else about it than the post does. */
static bool
differs(const struct writer *w, enum compose_field f)
{
	static const struct compose_form nothing;

	return w->form->values[f].p && !compose_same(w->form, w->stored ? w->stored : &nothing, f);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* A moment of the form as it is stored, with its zone. */
static enum err
moment_put(struct writer *w, struct str text, struct str zone, struct json *values)
{
	struct str written;
	int64_t seconds;
	int offset;
	struct buf b;
	enum err err;

	if (!compose_moment(w->c, text, zone, &seconds, &offset))
		return err_raise_hint(w->c, ERR_COMPOSE, "'%.*s' is not a date", STR(text));
	buf_init(&b, &w->c->arena, 64);
	time_rfc3339(&b, seconds, offset);
	err = buf_end(w->c, &b, &written);
	return err == OK ? json_push_str(w->c, values, written) : err;
}

static enum err
content_put(struct writer *w, struct str text, struct json *values)
{
	struct json *object;
	enum err err;

	if (!w->form->html)
		return json_push_str(w->c, values, text);
	err = json_object(w->c, &object);
	if (err == OK)
		err = json_set_str(w->c, object, S("html"), text);
	return err == OK ? json_push(w->c, values, object) : err;
}

/* The words, and behind them what the post has that is no words. */
static enum err
tags_put(struct writer *w, struct str text, struct json *values)
{
	const struct json *stored = json_find(w->properties, S("category"));
	enum err err = OK;

	while (err == OK && text.p) {
		struct str tag = str_trim(str_cut(&text, ','));

		if (tag.n > 0)
			err = json_push_str(w->c, values, tag);
	}
	for (size_t i = 0; err == OK && i < json_len(stored); i++)
		if (json_kind(json_at(stored, i)) != JSON_STRING)
			err = json_push(w->c, values, json_at(stored, i));
	return err;
}

/* The value that a file has in the post, if its text has not changed either; else a new one. */
static enum err
file_put(struct writer *w, const struct compose_file *file, const struct json *stored,
	struct json *values)
{
	struct json *object;
	enum err err;

	for (size_t i = 0; i < json_len(stored); i++) {
		const struct json *value = json_at(stored, i);
		struct str alt = str_trim(json_str(json_find(value, S("alt"))));

		if (str_eq(post_value_url(value), file->url) && str_eq(alt, file->alt))
			return json_push(w->c, values, value);
	}
	if (file->alt.n == 0)
		return json_push_str(w->c, values, file->url);
	err = json_object(w->c, &object);
	if (err == OK)
		err = json_set_str(w->c, object, S("value"), file->url);
	if (err == OK)
		err = json_set_str(w->c, object, S("alt"), file->alt);
	return err == OK ? json_push(w->c, values, object) : err;
}

static enum err
files_put(struct writer *w, enum compose_field f, struct json *values)
{
	const struct json *stored = json_find(w->properties, compose_property(f));
	enum err err = OK;

	for (size_t i = 0; err == OK && i < w->form->n_files; i++)
		if (w->form->files[i].field == f)
			err = file_put(w, &w->form->files[i], stored, values);
	return err;
}

static enum err
value_put(struct writer *w, enum compose_field f, struct json *values)
{
	struct str text = w->form->values[f], zone = w->form->values[COMPOSE_ZONE];

	if (compose_is_file(f))
		return files_put(w, f, values);
	if (compose_field_info(f)->shape == COMPOSE_SHAPE_TAGS)
		return tags_put(w, text, values);
	if (text.n == 0)
		return OK;
	if (compose_field_info(f)->shape == COMPOSE_SHAPE_MOMENT)
		return moment_put(w, text, zone, values);
	if (f == COMPOSE_CONTENT)
		return content_put(w, text, values);
	return json_push_str(w->c, values, text);
}

/* ---- nested microformats --------------------------------------------------------------------- */

/* What is there of it to begin with: its properties, or its words as what they stand for. */
static enum err
nested_begin(struct writer *w, const struct json *value, struct json **out)
{
	const struct json *nested = json_find(value, S("properties"));
	struct str text = json_str(value);
	enum err err;

	if (json_kind(nested) == JSON_OBJECT)
		return post_object_copy(w->c, nested, out);
	err = json_object(w->c, out);
	if (err != OK || text.n == 0)
		return err;
	return query_set_one(w->c, *out, post_url_valid(text) ? S("url") : S("name"), text);
}

/* Those of its members that are left; none at all if a removal has left it empty. */
static enum err
nested_end(struct writer *w, const struct json *value, const struct json *properties,
	struct str h, struct json *values)
{
	const struct json *type = json_find(value, S("type")), *member;
	struct json *object, *left;
	struct str name;
	enum err err = json_object(w->c, &left);

	for (size_t i = 0; err == OK && json_member(properties, i, &name, &member); i++)
		if (json_kind(member) != JSON_ARRAY || json_len(member) > 0)
			err = json_set(w->c, left, name, member);
	if (err != OK || json_len(left) == 0)
		return err;
	if (json_kind(value) == JSON_OBJECT)
		err = post_object_copy(w->c, value, &object);
	else
		err = json_object(w->c, &object);
	if (err == OK && !type)
		err = query_set_one(w->c, object, S("type"), h);
	if (err == OK)
		err = json_set(w->c, object, S("properties"), left);
	return err == OK ? json_push(w->c, values, object) : err;
}

/* The parts from f to last that say something else, put into what is there. */
static enum err
nested_put(struct writer *w, enum compose_field f, enum compose_field last, struct json *values)
{
	struct str property = compose_property(f);
	struct str h = str_eq(property, S("checkin")) ? S("h-card") : S("h-cite");
	const struct json *value = json_at(json_find(w->properties, property), 0);
	struct json *nested;
	enum err err = nested_begin(w, value, &nested);

	for (; err == OK && f < last; f++) {
		struct str text = w->form->values[f];

		if (differs(w, f))
			err = query_set_texts(w->c, nested, compose_part(f), &text, text.n > 0);
	}
	return err == OK ? nested_end(w, value, nested, h, values) : err;
}

/* ---- all properties -------------------------------------------------------------------------- */

/* Date, zone, address and audience have rules of their own. */
static bool
is_state(enum compose_field f)
{
	return f == COMPOSE_SLUG || f == COMPOSE_PUBLISHED || f == COMPOSE_ZONE ||
		f == COMPOSE_VISIBILITY;
}

/* The property that the fields from f to last make, if one of them differs. */
static enum err
property_put(struct writer *w, enum compose_field f, enum compose_field last)
{
	struct json *values;
	bool changed = false;
	enum err err;

	for (size_t i = f; i < last; i++)
		changed = changed || differs(w, (enum compose_field)i);
	if (!changed)
		return OK;
	err = json_array(w->c, &values);
	if (err == OK && compose_field_info(f)->shape == COMPOSE_SHAPE_PART)
		err = nested_put(w, f, last, values);
	else if (err == OK)
		err = value_put(w, f, values);
	if (err != OK || (!w->stored && json_len(values) == 0))
		return err;
	return json_set(w->c, w->out, compose_property(f), values);
}

static enum err
properties_put(struct writer *w)
{
	enum err err = json_object(w->c, &w->out);

	for (size_t f = 0, last; err == OK && f < COMPOSE__MAX; f = last) {
		struct str property = compose_property((enum compose_field)f);

		last = f + 1;
		while (last < COMPOSE__MAX &&
			str_eq(compose_property((enum compose_field)last), property))
			last++;
		if (!is_state((enum compose_field)f))
			err = property_put(w, (enum compose_field)f, (enum compose_field)last);
	}
	return err;
}

static enum err
state_put(struct writer *w, struct str name, struct str value)
{
	return query_set_one(w->c, w->out, name, value);
}

static enum err
published_put(struct writer *w, struct str text, struct str zone)
{
	struct json *values;
	enum err err = json_array(w->c, &values);

	if (err == OK)
		err = moment_put(w, text, zone, values);
	return err == OK ? json_set(w->c, w->out, S("published"), values) : err;
}

enum err
compose_request(struct ctx *c, const struct compose_form *form, enum compose_wish wish,
	struct micropub_request *out)
{
	struct writer w = {.c = c, .form = form};
	struct str date = form->values[COMPOSE_PUBLISHED], seen = form->values[COMPOSE_VISIBILITY];
	enum err err = properties_put(&w);

	if (err == OK && date.n > 0)
		err = published_put(&w, date, form->values[COMPOSE_ZONE]);
	if (err == OK && wish == COMPOSE_DRAFT)
		err = state_put(&w, S("post-status"), S("draft"));
	if (err == OK && seen.n > 0 && !str_eq(seen, S("public")))
		err = state_put(&w, S("visibility"), seen);
	*out = (struct micropub_request){.action = MICROPUB_CREATE,
		.draft = {.kind = compose_type_info(form->type)->h,
			.properties = w.out,
			.slug = form->values[COMPOSE_SLUG],
			.channel = form->channel,
			.syndicate_to = form->targets,
			.retry_key = form->key}};
	return err;
}

/* ---- changes --------------------------------------------------------------------------------- */

/*
 * The date, if the owner has set another one, and the moment itself if what was to come later is to
 * be published and its date has been taken out.
 */
static enum err
date_change(struct writer *w, const struct post_row *row, enum compose_wish wish)
{
	struct str text = w->form->values[COMPOSE_PUBLISHED], zone = w->form->values[COMPOSE_ZONE];
	bool waits = row->status == POST_SCHEDULED || row->status == POST_DRAFT;
	int64_t now = domain_now(w->c);
	enum err err = OK;

	if (!differs(w, COMPOSE_PUBLISHED) && (text.n == 0 || !differs(w, COMPOSE_ZONE)))
		return OK;
	if (text.n == 0 && (wish != COMPOSE_PUBLISH || !waits))
		return OK;
	if (text.n == 0) {
		err = compose_moment_text(w->c, now, time_zone_offset(now), &text);
		if (err == OK)
			err = compose_zone_text(w->c, time_zone_offset(now), &zone);
	}
	return err == OK ? published_put(w, text, zone) : err;
}

static enum err
state_change(struct writer *w, const struct post_row *row, enum compose_wish wish)
{
	bool draft = row->status == POST_DRAFT;
	enum err err = date_change(w, row, wish);

	if (err == OK && wish == COMPOSE_PUBLISH && draft)
		err = state_put(w, S("post-status"), S("published"));
	if (err == OK && wish == COMPOSE_DRAFT && !draft)
		err = state_put(w, S("post-status"), S("draft"));
	if (err == OK && differs(w, COMPOSE_VISIBILITY) && w->form->values[COMPOSE_VISIBILITY].n > 0)
		err = state_put(w, S("visibility"), w->form->values[COMPOSE_VISIBILITY]);
	return err;
}

/* The commands; true if there are any. */
static bool
commands_change(const struct writer *w, struct post_update *out)
{
	const struct compose_form *form = w->form;

	if (differs(w, COMPOSE_SLUG))
		out->slug = form->values[COMPOSE_SLUG];
	if (form->channel.p && !str_eq(form->channel, w->stored->channel))
		out->channel = form->channel;
	if (form->targets.p && !str_eq(form->targets, w->stored->targets)) {
		out->syndicate_to = form->targets;
		out->syndicate_anew = true;
	}
	return out->slug.n > 0 || out->channel.p || out->syndicate_anew;
}

enum err
compose_change(struct ctx *c, const struct compose_form *form, const struct post_row *row,
	enum compose_wish wish, struct micropub_request *out, bool *changes)
{
	struct compose_form *stored = ctx_alloc(c, sizeof(*stored));
	struct writer w = {.c = c, .form = form, .stored = stored};
	const struct json *mf2;
	enum err err = stored ? compose_read(c, row, stored) : ERR_MEMORY;

	*out = (struct micropub_request){.action = MICROPUB_UPDATE};
	if (err == OK)
		err = json_parse(c, row->mf2, &mf2);
	if (err != OK)
		return err;
	w.properties = json_find(mf2, S("properties"));
	err = properties_put(&w);
	if (err == OK)
		err = state_change(&w, row, wish);
	if (err == OK)
		err = site_permalink(c, row->slug, &out->url);
	if (err != OK)
		return err;
	out->update.replace = w.out;
	*changes = commands_change(&w, &out->update);
	*changes = *changes || json_len(w.out) > 0;
	return OK;
}
