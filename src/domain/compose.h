/*
 * The owner's composer: from the fields of a form to a post, and from a post back to the form. What
 * a form asks for stands in tables/composer.def; how posts are made and changed is Micropub's to say
 * (domain/micropub.h): what comes out of here is a request like that of any client.
 *
 *	compose_parse -> compose_request (create) or compose_change (update) -> micropub_run
 *	compose_read  -> the form of a post, which shows what compose_change would leave as it is
 *
 * A change touches what the owner has changed and nothing else: properties that no form knows, and
 * values that it cannot show, stay as they were sent.
 */
#ifndef DOMAIN_COMPOSE_H
#define DOMAIN_COMPOSE_H

#include "domain/micropub.h"

enum compose_field {
#define COMPOSE_FIELD(sym, name, shape, label, hint) COMPOSE_##sym,
#include "tables/composer.def"
	COMPOSE__MAX
};

enum compose_type {
#define COMPOSE_TYPE(sym, word, name, h, needed, fields) COMPOSE_TYPE_##sym,
#include "tables/composer.def"
	COMPOSE_TYPE__MAX
};

enum compose_shape {
	COMPOSE_SHAPE_LINE,
	COMPOSE_SHAPE_AREA,
	COMPOSE_SHAPE_CONTENT,
	COMPOSE_SHAPE_LINK,
	COMPOSE_SHAPE_CHOICE,
	COMPOSE_SHAPE_MOMENT,
	COMPOSE_SHAPE_PART,
	COMPOSE_SHAPE_TAGS,
	COMPOSE_SHAPE_PICTURE,
	COMPOSE_SHAPE_FILE,
	COMPOSE_SHAPE_SLUG,
	COMPOSE_SHAPE_ZONE,
	COMPOSE_SHAPE_LANGUAGE
};

/* Rows of the table; all texts are static. */
struct compose_field_info {
	struct str name;
	enum compose_shape shape;
	struct str label;
	struct str hint;	/* may be empty */
};

struct compose_choice {
	enum compose_field field;
	struct str value;
	struct str label;
};

struct compose_type_info {
	struct str word;
	struct str name;
	struct str h;		/* "entry" or "event" */
	size_t needed;		/* of the fields, the first ones, to publish */
	const char *fields;	/* names, separated by spaces */
};

const struct compose_field_info *compose_field_info(enum compose_field f);
const struct compose_type_info *compose_type_info(enum compose_type t);

/* Choices of all fields, n of them, those of a field together. */
const struct compose_choice *compose_choices(size_t *n);

/* The type of that name; a note for names that are none. */
enum compose_type compose_type_find(struct str word);

/* The n-th field of a type, from 0, the common ones last. False beyond. */
bool compose_type_field(enum compose_type t, size_t n, enum compose_field *out);

/* True if the type's posts need the field to be published. */
bool compose_type_needs(enum compose_type t, enum compose_field f);

/* A file of a form: a picture, a film, a recording. */
struct compose_file {
	enum compose_field field;
	struct str url;		/* absolute */
	struct str alt;		/* of a picture; may be empty */
	long position;		/* among those of its field: where the owner wants it */
	bool removed;		/* the owner does not want it any more */
};

enum { COMPOSE_FILES_MAX = 60 };

/* What a form holds. */
struct compose_form {
	enum compose_type type;
	struct str post;	/* slug of the post that is changed; empty: a new one */
	struct str version;	/* of that post when the form was made */
	struct str key;		/* name of this create, for when it comes twice; may be empty */
	bool html;		/* the content is HTML and not Markdown */
	bool kept[COMPOSE__MAX];	/* the post has more than the form can show: it stays */
	struct str values[COMPOSE__MAX];	/* as typed; p NULL: the form does not ask for it */
	struct compose_file files[COMPOSE_FILES_MAX];
	size_t n_files;
	struct str channel;	/* p NULL: not asked for */
	struct str targets;	/* uids of where to copy it, each followed by U+001F; p NULL: as before */
	enum compose_field problem;	/* the field that ERR_COMPOSE is about, or COMPOSE__MAX */
};

/* An empty form of a type, with a key of its own. */
MUST enum err compose_new(struct ctx *c, enum compose_type type, struct compose_form *out);

/* Another key: the same form is to make another post. */
MUST enum err compose_key(struct ctx *c, struct str *out);

/*
 * The form as it was sent. Line ends become LF, files get the places that the owner gave them. What is
 * no field of ours is passed over. ERR_BAD_FORM for more than COMPOSE_FILES_MAX files.
 */
MUST enum err compose_parse(struct ctx *c, const struct pair *fields, size_t n,
	struct compose_form *out);

/* The form of a stored post. */
MUST enum err compose_read(struct ctx *c, const struct post_row *row, struct compose_form *out);

/* What the owner wants to become of it. */
enum compose_wish {
	COMPOSE_SAVE,		/* it stays what it is */
	COMPOSE_PUBLISH,
	COMPOSE_DRAFT
};

/*
 * Looks at what was typed: addresses, dates, choices, and, unless it is for a draft, what the type
 * needs. ERR_COMPOSE with a hint that names the field; form->problem is that field.
 */
MUST enum err compose_check(struct ctx *c, struct compose_form *form, enum compose_wish wish);

/* The request that makes the post. After compose_check(). */
MUST enum err compose_request(struct ctx *c, const struct compose_form *form,
	enum compose_wish wish, struct micropub_request *out);

/*
 * The request that makes of a stored post what the form says; *changes is false, and the request not
 * one to be run, if it is that already. The caller sets a condition. After compose_check().
 */
MUST enum err compose_change(struct ctx *c, const struct compose_form *form,
	const struct post_row *row, enum compose_wish wish, struct micropub_request *out,
	bool *changes);

/* The request that publishes a post that was to come later, or never, at this moment. */
MUST enum err compose_now(struct ctx *c, struct str slug, struct micropub_request *out);

/*
 * What a page would show of the form: *out as if it had been stored, with the slug that it would like.
 * row: the post that it changes; NULL: a new one. After compose_check(); nothing is written.
 */
MUST enum err compose_preview(struct ctx *c, const struct compose_form *form,
	const struct post_row *row, struct post_row *out);

/*
 * Completes a form that was sent, to be shown again: what the type asks for besides, and what the post
 * has besides. stored: the form of the post; NULL: a new one.
 */
void compose_complete(struct compose_form *form, const struct compose_form *stored);

/* True if two forms say the same in a field, its files and parts included. */
bool compose_same(const struct compose_form *a, const struct compose_form *b,
	enum compose_field f);

#endif
