/*
 * A multipart body as a form: the streaming parser with a sink that collects text parts and hands
 * files on. What it keeps is text, so its memory is bounded whatever comes.
 */
#include "http/multipart.h"

#include "base/buf.h"
#include "base/enc.h"

enum part_kind {
	PART_TEXT,
	PART_UNCHOSEN, /* a file control without a filename; a file once there are bytes */
	PART_FILE,
};

struct multipart_fields {
	struct multipart *parser;
	struct multipart_files files;
	struct pair list[MULTIPART_MAX_PARTS];
	bool is_file[MULTIPART_MAX_PARTS];
	size_t n;
	size_t bytes;        /* of all texts */
	enum part_kind kind; /* of the part at hand */
	struct str name;     /* its name and type, kept */
	struct str type;
	struct buf value;
};

/* The part at hand is a file: it gets its pair, and its owner. */
static enum err
file_begin(struct ctx *c, struct multipart_fields *f, const struct multipart_part *part)
{
	f->kind = PART_FILE;
	f->list[f->n] = (struct pair){f->name, S("")};
	f->is_file[f->n] = true;
	return f->files.begin(c, f->files.self, part, f->n++);
}

static enum err
field_begin(struct ctx *c, void *self, const struct multipart_part *part)
{
	struct multipart_fields *f = self;
	enum err err = ctx_str(c, part->name, &f->name);

	if (!err)
		err = ctx_str(c, part->type, &f->type);
	if (err)
		return err;
	f->kind = part->is_file ? PART_UNCHOSEN : PART_TEXT;
	if (!str_empty(part->filename))
		return file_begin(c, f, part);
	buf_init(&f->value, &c->arena, MULTIPART_MAX_TEXT);
	return OK;
}

static enum err
field_data(struct ctx *c, void *self, struct str bytes)
{
	struct multipart_fields *f = self;
	const struct multipart_part unnamed = {.name = f->name, .is_file = true, .type = f->type};
	enum err err = OK;

	if (f->kind == PART_UNCHOSEN)
		err = file_begin(c, f, &unnamed);
	if (err)
		return err;
	if (f->kind == PART_FILE)
		return f->files.data(c, f->files.self, bytes);
	f->bytes += bytes.n;
	if (f->bytes > MULTIPART_MAX_TEXT)
		return err_raise(
			c, ERR_BODY_TOO_LARGE, "text exceeds %d bytes", MULTIPART_MAX_TEXT);
	buf_put(&f->value, bytes);
	return OK;
}

static enum err
field_end(struct ctx *c, void *self)
{
	struct multipart_fields *f = self;
	struct str value;
	enum err err;

	if (f->kind != PART_TEXT)
		return OK;
	err = buf_end(c, &f->value, &value);
	if (err)
		return err;
	if (str_eq(f->name, S("_charset_")))
		return OK;
	if (str_find(value, '\0', 0) < value.n || !enc_utf8_valid(value))
		return err_raise(c, ERR_BAD_ENCODING, "a field's value is not UTF-8");
	f->list[f->n++] = (struct pair){f->name, value};
	return OK;
}

enum err
multipart_fields_new(struct ctx *c, struct str content_type, const struct multipart_files *files,
	struct multipart_fields **out)
{
	struct multipart_fields *f = ctx_alloc(c, sizeof(*f));
	struct multipart_sink sink = {f, field_begin, field_data, field_end};

	if (!f)
		return ERR_MEMORY;
	f->files = *files;
	*out = f;
	return multipart_new(c, content_type, &sink, &f->parser);
}

enum err
multipart_fields_feed(struct ctx *c, struct multipart_fields *f, struct str bytes)
{
	return multipart_feed(c, f->parser, bytes);
}

struct str
multipart_fields_find(const struct multipart_fields *f, struct str name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->is_file[i] && str_eq(f->list[i].name, name))
			return f->list[i].value;
	return (struct str){0};
}

enum err
multipart_fields_end(struct ctx *c, struct multipart_fields *f, struct pair **out, size_t *n)
{
	enum err err = multipart_end(c, f->parser);

	*out = f->list;
	*n = err ? 0 : f->n;
	return err;
}
