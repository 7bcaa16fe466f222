/*
 * A small multipart body as a form: the streaming parser with a sink that collects text parts.
 */
#include "http/multipart.h"

#include "base/buf.h"
#include "base/enc.h"

struct fields {
	struct pair *list; /* MULTIPART_MAX_PARTS of them */
	size_t n;
	size_t bytes;    /* of all values */
	struct str name; /* of the part at hand */
	bool is_file;
	bool has_filename; /* one that is not empty */
	struct buf value;
};

static enum err
field_begin(struct ctx *c, void *self, const struct multipart_part *part)
{
	struct fields *f = self;

	f->is_file = part->is_file;
	f->has_filename = !str_empty(part->filename);
	buf_init(&f->value, &c->arena, MULTIPART_MAX_TEXT);
	return ctx_str(c, part->name, &f->name);
}

static enum err
file_refuse(struct ctx *c, const struct fields *f)
{
	return err_raise_hint(c, ERR_MEDIA_TYPE,
		"'%.*s' is a file: files are not accepted here yet; send text fields only",
		STR(enc_utf8_cut(f->name, 40)));
}

static enum err
field_data(struct ctx *c, void *self, struct str bytes)
{
	struct fields *f = self;

	if (f->is_file)
		return file_refuse(c, f);
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
	struct fields *f = self;
	struct str value;
	enum err err;

	if (f->is_file)
		return f->has_filename ? file_refuse(c, f) : OK;
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
multipart_fields(
	struct ctx *c, struct str content_type, struct str body, struct pair **out, size_t *n)
{
	struct fields f = {.list = ctx_calloc(c, MULTIPART_MAX_PARTS, sizeof(struct pair))};
	struct multipart_sink sink = {&f, field_begin, field_data, field_end};
	struct multipart *m;
	enum err err;

	*n = 0;
	if (!f.list)
		return ERR_MEMORY;
	err = multipart_new(c, content_type, &sink, &m);
	if (!err)
		err = multipart_feed(c, m, body);
	if (!err)
		err = multipart_end(c, m);
	if (err)
		return err;
	*out = f.list;
	*n = f.n;
	return OK;
}
