/*
 * multipart/form-data: the first line is the Content-Type, the rest the body. Fed whole and fed in
 * small pieces it must come to the same end: same error, same parts, same bytes.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "http/form.h"
#include "http/multipart.h"

#include <assert.h>

struct seen {
	struct buf text;
	bool open;
	unsigned parts;
};

static enum err
seen_begin(struct ctx *c, void *self, const struct multipart_part *part)
{
	struct seen *s = self;

	(void)c;
	assert(!s->open);
	assert(part->name.n <= FORM_MAX_NAME);
	assert(str_find(part->filename, '/', 0) == part->filename.n);
	s->open = true;
	s->parts++;
	buf_put(&s->text, part->name);
	buf_putc(&s->text, part->is_file ? '/' : '=');
	buf_put(&s->text, part->filename);
	buf_put(&s->text, part->type);
	return OK;
}

static enum err
seen_data(struct ctx *c, void *self, struct str bytes)
{
	struct seen *s = self;

	(void)c;
	assert(s->open && bytes.n > 0);
	buf_put(&s->text, bytes);
	return OK;
}

static enum err
seen_end(struct ctx *c, void *self)
{
	struct seen *s = self;

	(void)c;
	assert(s->open);
	s->open = false;
	buf_putc(&s->text, '|');
	return OK;
}

static enum err
feed(struct ctx *c, struct str type, struct str body, size_t piece, struct seen *s)
{
	struct multipart_sink sink = {s, seen_begin, seen_data, seen_end};
	struct multipart *m;
	enum err err;

	*s = (struct seen){0};
	buf_init(&s->text, &c->arena, 1 << 20);
	err_clear(c);
	err = multipart_new(c, type, &sink, &m);
	for (size_t at = 0; !err && at < body.n; at += piece)
		err = multipart_feed(c, m, str_sub(body, at, at + piece));
	if (!err)
		err = multipart_end(c, m);
	assert(err || !s->open);
	assert(s->parts <= MULTIPART_MAX_PARTS);
	return err;
}

static enum err
form_begin(struct ctx *c, void *self, const struct multipart_part *part, size_t field)
{
	size_t *files = self;

	(void)c;
	assert(part->is_file && field < MULTIPART_MAX_PARTS);
	++*files;
	return OK;
}

static enum err
form_data(struct ctx *c, void *self, struct str bytes)
{
	size_t *files = self;

	(void)c;
	assert(*files > 0 && bytes.n > 0);
	return OK;
}

static enum err
form(struct ctx *c, struct str type, struct str body, size_t piece, size_t *n)
{
	size_t seen = 0;
	struct multipart_files files = {&seen, form_begin, form_data};
	struct multipart_fields *f;
	struct pair *pairs;
	enum err err;

	*n = 0;
	err_clear(c);
	err = multipart_fields_new(c, type, &files, &f);
	for (size_t at = 0; !err && at < body.n; at += piece)
		err = multipart_fields_feed(c, f, str_sub(body, at, at + piece));
	if (!err)
		err = multipart_fields_end(c, f, &pairs, n);
	assert(err || seen <= *n);
	return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = str_n((const char *)data, size);
	struct str type = str_cut(&body, '\n');
	struct seen whole, pieces;
	size_t n, n_pieces;
	struct ctx c;
	enum err err, form_err;

	ctx_init(&c, 16 << 20);
	err = feed(&c, type, body, size + 1, &whole);
	for (size_t piece = 1; piece <= 3; piece++) {
		assert(feed(&c, type, body, piece, &pieces) == err);
		assert(str_eq(buf_str(&whole.text), buf_str(&pieces.text)));
	}
	form_err = form(&c, type, body, size + 1, &n);
	assert(form(&c, type, body, 2, &n_pieces) == form_err && n == n_pieces);
	assert(form_err || (err == OK && n <= whole.parts));
	ctx_fini(&c);
	return 0;
}
