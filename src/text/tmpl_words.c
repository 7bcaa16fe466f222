/*
 * The texts of a template, before it is parsed: {{_}}Older <b>posts</b>{{/_}} gives way to what the
 * catalogue has for it, which is template source as the original is, or else to itself. White space
 * counts once, so that a sentence may be broken and indented as the template likes.
 *
 * A translation stands on one line. The line ends that the original had follow in a comment, so that
 * what comes behind keeps its line in the file.
 */
#include "text/tmpl_priv.h"

#include "base/buf.h"
#include "text/catalog.h"

struct marks {
	struct ctx *c;
	const char *path;
	struct str s;   /* the source */
	size_t at;      /* behind what is in out */
	struct buf out;
};

static const struct str mark_open = S_INIT("{{_"), mark_close = S_INIT("{{/_}}"),
			tag_close = S_INIT("}}");

static enum err
refuse(struct marks *m, size_t at, const char *what)
{
	size_t line = 1;

	for (size_t i = 0; i < at; i++)
		line += m->s.p[i] == '\n';
	return err_raise(m->c, ERR_TEMPLATE, "%s:%zu: %s", m->path, line, what);
}

/* The name of a text in the catalogue: trimmed, and each run of white space one space. */
static enum err
name_of(struct ctx *c, struct str text, struct str *out)
{
	struct str s = str_trim(text);
	bool gap = false;
	struct buf b;

	buf_init(&b, &c->arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		bool blank = strchr(" \t\r\n", s.p[i]) && s.p[i];

		if (!blank && gap)
			buf_putc(&b, ' ');
		if (!blank)
			buf_putc(&b, s.p[i]);
		gap = blank;
	}
	return buf_end(c, &b, out);
}

static enum err
put_words(struct marks *m, struct str context, struct str text)
{
	const char *found = NULL;
	size_t lines = 0;
	struct str name;
	enum err err;

	if (m->c->words) {
		err = name_of(m->c, text, &name);
		if (err)
			return err;
		found = catalog_find(m->c->words, context, name);
	}
	buf_put(&m->out, found ? str_z(found) : text);
	for (size_t i = 0; found && i < text.n; i++)
		lines += text.p[i] == '\n';
	if (lines > 0)
		buf_puts(&m->out, "{{!");
	for (size_t i = 0; i < lines; i++)
		buf_putc(&m->out, '\n');
	if (lines > 0)
		buf_puts(&m->out, "}}");
	return OK;
}

/* The mark that opens at `at`, or what only looks like one and is left to the parser. */
static enum err
mark_read(struct marks *m, size_t at)
{
	size_t name = at + mark_open.n;
	size_t text = str_search(m->s, tag_close, name);
	size_t end = str_search(m->s, mark_close, text);
	struct str context = str_sub(m->s, name, text);

	buf_put(&m->out, str_sub(m->s, m->at, at));
	m->at = at;
	if (text >= m->s.n || (context.n > 0 && context.p[0] != ' ')) {
		buf_put(&m->out, mark_open);
		m->at = name;
		return OK;
	}
	text += tag_close.n;
	if (end >= m->s.n || str_search(str_sub(m->s, text, end), mark_open, 0) < end - text)
		return refuse(m, at, "the text that begins here does not end: {{/_}} is missing");
	m->at = end + mark_close.n;
	return put_words(m, str_trim(context), str_sub(m->s, text, end));
}

enum err
tmpl_words(struct ctx *c, struct arena *a, const char *path, struct str source, struct str *out)
{
	struct marks m = {.c = c, .path = path, .s = source};
	enum err err = OK;
	size_t at;

	*out = source;
	if (str_search(source, mark_open, 0) >= source.n)
		return OK;
	buf_init(&m.out, a, TMPL_FILE_MAX * 2);
	while (!err && (at = str_search(source, mark_open, m.at)) < source.n)
		err = mark_read(&m, at);
	if (err)
		return err;
	buf_put(&m.out, str_sub(source, m.at, source.n));
	return buf_end(c, &m.out, out);
}
