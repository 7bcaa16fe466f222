/*
 * Forms of the composer: the table, a form's life from its fields to the check of what was typed.
 */
#include "domain/compose.h"

#include "base/enc.h"
#include "base/time.h"
#include "domain/compose_priv.h"
#include "domain/priv.h"
#include "text/words.h"

static const struct compose_field_info fields[COMPOSE__MAX] = {
#define COMPOSE_FIELD(sym, name, shape, label, hint) \
	[COMPOSE_##sym] = {S_INIT(name), COMPOSE_SHAPE_##shape, S_INIT(label), S_INIT(hint)},
#include "tables/composer.def"
};

static const struct compose_choice choices[] = {
#define COMPOSE_CHOICE(sym, value, label) {COMPOSE_##sym, S_INIT(value), S_INIT(label)},
#include "tables/composer.def"
};

static const struct compose_type_info types[COMPOSE_TYPE__MAX] = {
#define COMPOSE_TYPE(sym, word, name, h, needed, fields) \
	[COMPOSE_TYPE_##sym] = {S_INIT(word), S_INIT(name), S_INIT(h), needed, fields " " COMPOSE_COMMON},
#include "tables/composer.def"
};

const struct compose_field_info *
compose_field_info(enum compose_field f)
{
	return &fields[f];
}

const struct compose_type_info *
compose_type_info(enum compose_type t)
{
	return &types[t];
}

const struct compose_choice *
compose_choices(size_t *n)
{
	*n = sizeof(choices) / sizeof(choices[0]);
	return choices;
}

enum compose_type
compose_type_find(struct str word)
{
	for (size_t i = 0; i < COMPOSE_TYPE__MAX; i++)
		if (str_eq(types[i].word, word))
			return (enum compose_type)i;
	return COMPOSE_TYPE_NOTE;
}

static enum compose_field
field_find(struct str name)
{
	size_t i = 0;

	while (i < COMPOSE__MAX && !str_eq(fields[i].name, name))
		i++;
	return (enum compose_field)i;
}

bool
compose_type_field(enum compose_type t, size_t n, enum compose_field *out)
{
	struct str rest = str_z(types[t].fields), name = {0};

	for (size_t i = 0; i <= n; i++) {
		if (!rest.p)
			return false;
		name = str_cut(&rest, ' ');
	}
	*out = field_find(name);
	return true;
}

bool
compose_type_needs(enum compose_type t, enum compose_field f)
{
	enum compose_field each;

	for (size_t i = 0; i < types[t].needed && compose_type_field(t, i, &each); i++)
		if (each == f)
			return true;
	return false;
}

bool
compose_is_file(enum compose_field f)
{
	return fields[f].shape == COMPOSE_SHAPE_PICTURE || fields[f].shape == COMPOSE_SHAPE_FILE;
}

struct str
compose_property(enum compose_field f)
{
	return str_sub(fields[f].name, 0, str_find(fields[f].name, '.', 0));
}

/* ---- a new form, a form as sent -------------------------------------------------------------- */

enum err
compose_key(struct ctx *c, struct str *out)
{
	enum { CHARS = 24 };
	char text[CHARS];

	auth_random_text(text, sizeof(text));
	return ctx_str(c, str_n(text, sizeof(text)), out);
}

void
compose_ask(struct compose_form *form)
{
	enum compose_field f;

	for (size_t i = 0; compose_type_field(form->type, i, &f); i++)
		if (!form->values[f].p && !form->kept[f])
			form->values[f] = S("");
}

static bool
has_file(const struct compose_form *form, enum compose_field f)
{
	for (size_t i = 0; i < form->n_files; i++)
		if (form->files[i].field == f)
			return true;
	return false;
}

/* What the post has of a field that the form did not ask for. */
static void
field_complete(struct compose_form *form, const struct compose_form *stored, enum compose_field f)
{
	form->kept[f] = stored->kept[f];
	if (form->values[f].p)
		return;
	form->values[f] = stored->values[f];
	for (size_t i = 0; i < stored->n_files; i++)
		if (stored->files[i].field == f && form->n_files < COMPOSE_FILES_MAX)
			form->files[form->n_files++] = stored->files[i];
}

void
compose_complete(struct compose_form *form, const struct compose_form *stored)
{
	for (size_t f = 0; stored && f < COMPOSE__MAX; f++)
		field_complete(form, stored, (enum compose_field)f);
	if (stored && !form->channel.p)
		form->channel = stored->channel;
	if (stored && !form->targets.p)
		form->targets = stored->targets;
	compose_ask(form);
}

enum err
compose_new(struct ctx *c, enum compose_type type, struct compose_form *out)
{
	*out = (struct compose_form){.type = type, .channel = S(""), .targets = S(""),
		.problem = COMPOSE__MAX};
	compose_ask(out);
	return compose_key(c, &out->key);
}

enum err
compose_lines(struct ctx *c, struct str text, struct str *out)
{
	struct buf b;

	*out = text;
	if (str_find(text, '\r', 0) == text.n)
		return OK;
	buf_init(&b, &c->arena, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		bool pair = text.p[i] == '\r' && i + 1 < text.n && text.p[i + 1] == '\n';

		if (!pair)
			buf_putc(&b, text.p[i] == '\r' ? '\n' : text.p[i]);
	}
	return buf_end(c, &b, out);
}

/* A file of the form, or one that has just come with it. An empty URL only says that files may come. */
static enum err
file_add(struct ctx *c, struct compose_form *form, enum compose_field f, struct str url)
{
	struct compose_file *file = &form->files[form->n_files];
	long position = 1;

	form->values[f] = S("");
	if (url.n == 0)
		return OK;
	if (form->n_files == COMPOSE_FILES_MAX)
		return tr_raise(c, ERR_BAD_FORM, "more than %d files", COMPOSE_FILES_MAX);
	for (size_t i = 0; i < form->n_files; i++)
		position += form->files[i].field == f;
	*file = (struct compose_file){.field = f, .url = url, .position = position};
	form->n_files++;
	return OK;
}

/* What a form says of the file before it: "photo.alt", "photo.position", "photo.remove". */
static enum err
file_say(struct ctx *c, struct compose_form *form, struct str what, struct str value)
{
	struct compose_file *file = &form->files[form->n_files - 1];
	unsigned long long position;

	if (str_eq(what, S("alt")))
		return compose_lines(c, str_trim(value), &file->alt);
	if (str_eq(what, S("remove")))
		file->removed = true;
	if (str_eq(what, S("position")) && str_u64(value, COMPOSE_FILES_MAX, &position))
		file->position = (long)position;
	return OK;
}

/* True if the field has to do with files; then it has been dealt with. */
static enum err
file_field(struct ctx *c, struct compose_form *form, const struct pair *field, bool *taken)
{
	size_t dot = str_find(field->name, '.', 0);
	struct str what = str_sub(field->name, dot + 1, field->name.n);
	enum compose_field f = field_find(str_sub(field->name, 0, dot));

	*taken = f != COMPOSE__MAX && compose_is_file(f);
	if (!*taken)
		return OK;
	if (what.n == 0 || str_eq(what, S("new")))
		return file_add(c, form, f, field->value);
	if (form->n_files == 0 || form->files[form->n_files - 1].field != f)
		return OK;
	return file_say(c, form, what, field->value);
}

/* What belongs to the form as a whole. True: it has been dealt with. */
static enum err
form_field(struct ctx *c, struct compose_form *form, const struct pair *field, bool *taken)
{
	struct str name = field->name, value = field->value;

	*taken = true;
	if (str_eq(name, S("type")))
		form->type = compose_type_find(value);
	else if (str_eq(name, S("post")))
		form->post = value;
	else if (str_eq(name, S("version")))
		form->version = value;
	else if (str_eq(name, S("key")))
		form->key = value;
	else if (str_eq(name, S("format")))
		form->html = str_eq(value, S("html"));
	else if (str_eq(name, S("mp-channel")))
		form->channel = config_name_find(c->cfg->channels, value).p ? value : S("");
	else if (str_eq(name, S("mp-syndicate-to")) && !form->targets.p)
		form->targets = S("");
	else
		*taken = false;
	if (str_eq(name, S("mp-syndicate-to")) && config_name_find(c->cfg->syndicate_to, value).p)
		return post_uids_add(c, form->targets, value, &form->targets);
	return OK;
}

static enum err
value_field(struct ctx *c, struct compose_form *form, const struct pair *field)
{
	enum compose_field f = field_find(field->name);
	struct str value = field->value;

	if (f == COMPOSE__MAX || form->values[f].p)
		return OK;
	if (fields[f].shape != COMPOSE_SHAPE_AREA && fields[f].shape != COMPOSE_SHAPE_CONTENT)
		value = str_trim(value);
	if (!value.p)
		value = S("");
	return compose_lines(c, value, &form->values[f]);
}

/*
 * Where a file goes: one that the owner moved stands before the one that had its new place if it came
 * from behind, else behind it.
 */
static long
place_of(const struct compose_file *file, long before)
{
	long wish = file->position, side = wish < before ? -1 : wish > before ? 1 : 0;

	return 2 * wish + side;
}

/* In the order that the owner gave them; few enough to be sorted by insertion. */
static void
files_sort(struct compose_form *form)
{
	long places[COMPOSE_FILES_MAX], before[COMPOSE__MAX] = {0};
	size_t n = 0;

	for (size_t i = 0; i < form->n_files; i++) {
		struct compose_file file = form->files[i];
		long place = place_of(&file, ++before[file.field]);
		size_t at = n;

		if (file.removed)
			continue;
		for (; at > 0 && places[at - 1] > place; at--) {
			places[at] = places[at - 1];
			form->files[at] = form->files[at - 1];
		}
		places[at] = place;
		form->files[at] = file;
		n++;
	}
	form->n_files = n;
}

enum err
compose_parse(struct ctx *c, const struct pair *sent, size_t n, struct compose_form *out)
{
	enum err err = OK;
	bool taken;

	*out = (struct compose_form){.type = COMPOSE_TYPE_NOTE, .problem = COMPOSE__MAX};
	for (size_t i = 0; err == OK && i < n; i++) {
		err = form_field(c, out, &sent[i], &taken);
		if (err == OK && !taken)
			err = file_field(c, out, &sent[i], &taken);
		if (err == OK && !taken)
			err = value_field(c, out, &sent[i]);
	}
	files_sort(out);
	return err;
}

/* ---- the check ------------------------------------------------------------------------------- */

static enum err
refuse(struct ctx *c, struct compose_form *form, enum compose_field f, const char *what)
{
	enum err err = err_raise_hint(c, ERR_COMPOSE, "%.*s: %s", STR(fields[f].label), what);

	form->problem = f;
	tr_hint(c, err, tr(c, "%.*s: %s"), STR(tr_text(c, fields[f].label)), tr(c, what));
	return err;
}

static bool
choice_valid(enum compose_field f, struct str value)
{
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++)
		if (choices[i].field == f && str_eq(choices[i].value, value))
			return true;
	return false;
}

bool
compose_moment(struct ctx *c, struct str text, struct str zone, int64_t *seconds, int *offset)
{
	struct str whole;

	/* A date alone is midnight, and takes no zone. */
	if (text.n == sizeof("2026-03-01") - 1)
		return time_rfc3339_parse(text, seconds, offset);
	if (ctx_printf(c, &whole, "%.*s%.*s", STR(text), STR(zone)) != OK)
		return false;
	return time_rfc3339_parse(whole, seconds, offset);
}

static enum err
value_check(struct ctx *c, struct compose_form *form, enum compose_field f)
{
	struct str value = form->values[f];
	bool part = fields[f].shape == COMPOSE_SHAPE_PART;
	bool link = part ? str_ends(fields[f].name, S(".url")) : fields[f].shape == COMPOSE_SHAPE_LINK;
	int64_t seconds;
	int offset;

	if (value.n == 0)
		return OK;
	if (link && !post_url_valid(value))
		return refuse(c, form, f, N_("needs an address that begins with https:// or http://"));
	if (fields[f].shape == COMPOSE_SHAPE_CHOICE && !choice_valid(f, value))
		return refuse(c, form, f, N_("is not one of what there is to choose from"));
	if (fields[f].shape == COMPOSE_SHAPE_ZONE &&
	    !compose_moment(c, S("2026-03-01T09:30"), value, &seconds, &offset))
		return refuse(c, form, f, N_("is not a time zone like +01:00"));
	if (fields[f].shape == COMPOSE_SHAPE_LANGUAGE && !str_is_language(value))
		return refuse(c, form, f, N_("is not a language tag like de or pt-BR"));
	if (fields[f].shape == COMPOSE_SHAPE_MOMENT &&
	    !compose_moment(c, value, (struct str){0}, &seconds, &offset))
		return refuse(c, form, f, N_("is not a date and time like 2026-03-01T09:30"));
	return OK;
}

/* What a new post of the type cannot do without. One that is there may be what it is. */
static enum err
needs_check(struct ctx *c, struct compose_form *form)
{
	enum compose_field f;

	for (size_t i = 0; i < types[form->type].needed; i++) {
		if (!compose_type_field(form->type, i, &f) || has_file(form, f))
			continue;
		if (compose_is_file(f))
			return refuse(c, form, f, N_("add one"));
		if (str_trim(form->values[f]).n == 0)
			return refuse(c, form, f, N_("is missing"));
	}
	return OK;
}

enum err
compose_check(struct ctx *c, struct compose_form *form, enum compose_wish wish)
{
	enum err err = OK;

	for (size_t i = 0; err == OK && i < COMPOSE__MAX; i++)
		err = value_check(c, form, (enum compose_field)i);
	if (err == OK && form->post.n == 0 && wish == COMPOSE_PUBLISH)
		err = needs_check(c, form);
	return err;
}
