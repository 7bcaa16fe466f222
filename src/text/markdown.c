/*
 * Markdown by discount 2.2.7, made fit for text that others send: the input is looked at before
 * (markdown_guard.c) and the output sanitised after. The dialect: fenced code, tables, footnotes,
 * strikethrough; raw HTML shows as text; no typographic replacement and no superscripts, since they
 * would change what was typed; bare URLs become links and single line ends line breaks, both made
 * by the sanitizer's writer, where text is known to be text.
 */
#include "text/markdown.h"

#include "text/priv.h"

#include <mkdio.h>

enum {
	FLAGS = MKD_FENCEDCODE | MKD_EXTRA_FOOTNOTE | MKD_NOHEADER | MKD_NOSTYLE | MKD_NO_EXT |
		MKD_NODIVQUOTE | MKD_NOALPHALIST | MKD_TABSTOP | MKD_NOHTML | MKD_NOPANTS |
		MKD_NOSUPERSCRIPT | MKD_NODLIST | MKD_NODLDISCOUNT,
	HTML_MAX = 160 * 1024, /* bytes that may come of the text */
	TAGS_MAX = 14 * 1024,  /* tags in it */
};

/* EXPLICITLIST is the top bit, which no enumerator can be. */
static const mkd_flag_t flags = (mkd_flag_t)FLAGS | MKD_EXPLICITLIST;

void
markdown_init(void)
{
	mkd_initialize();
}

/* ---- fences -------------------------------------------------------------------------------- */

/* A line of three or more ` or ~ with at most three blanks before. */
struct fence {
	char mark;
	size_t indent;
	size_t n;        /* marks; 0: it is none */
	struct str info; /* what follows them */
};

static struct fence
fence_read(struct str line)
{
	struct fence f = {0};
	size_t at;

	while (f.indent < 3 && f.indent < line.n && line.p[f.indent] == ' ')
		f.indent++;
	f.mark = f.indent < line.n ? line.p[f.indent] : '\0';
	if (f.mark != '`' && f.mark != '~')
		return f;
	for (at = f.indent; at < line.n && line.p[at] == f.mark; at++)
		f.n++;
	f.info = str_trim(str_sub(line, at, line.n));
	/* "```x```" is code inside a line. */
	if (f.n < 3 || (f.mark == '`' && str_find(f.info, '`', 0) < f.info.n))
		f.n = 0;
	return f;
}

static struct str
next_line(struct str *rest)
{
	struct str line = str_cut(rest, '\n');

	while (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/*
 * Where the lines that f opens end, its closing line or the end of the text; the longest fence in
 * them.
 */
static size_t
fence_lines(struct str rest, const struct fence *f, size_t *longest)
{
	size_t lines = 0;

	*longest = 0;
	while (rest.p) {
		struct fence each = fence_read(next_line(&rest));

		if (each.n >= f->n && each.mark == f->mark && each.info.n == 0)
			break;
		if (each.n > *longest)
			*longest = each.n;
		lines++;
	}
	return lines;
}

static void
put_marks(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_putc(b, '`');
}

/* The language out of "```c": letters, digits and what names of languages are made of. */
static void
put_language(struct buf *b, struct str info)
{
	size_t n = 0;

	while (n < info.n && n < 30 &&
		((info.p[n] >= '0' && info.p[n] <= '9') || (info.p[n] >= 'a' && info.p[n] <= 'z') ||
			(info.p[n] >= 'A' && info.p[n] <= 'Z') || strchr("+#-_.", info.p[n])))
		n++;
	if (n == 0 || n < str_find(info, ' ', 0))
		return;
	buf_puts(b, "language-");
	buf_put(b, str_sub(info, 0, n));
}

/* Writes the block that f opens in a form that discount is sure to read, and moves *rest past it.
 */
static void
put_fenced(struct buf *b, const struct fence *f, struct str *rest)
{
	size_t longest;
	size_t lines = fence_lines(*rest, f, &longest);
	size_t marks = (longest > f->n ? longest : f->n) + 1;

	buf_putc(b, '\n');
	for (size_t i = 0; i < lines; i++) {
		struct str line = next_line(rest);
		size_t from = 0;

		if (i == 0) {
			put_marks(b, marks);
			put_language(b, f->info);
			buf_putc(b, '\n');
		}
		while (from < f->indent && from < line.n && line.p[from] == ' ')
			from++;
		buf_put(b, str_sub(line, from, line.n));
		buf_putc(b, '\n');
	}
	if (lines > 0)
		put_marks(b, marks);
	buf_puts(b, "\n\n");
	if (rest->p)
		(void)next_line(rest);
}

/*
 * Discount knows a fence only as a block of its own, with a partner, with something inside that
 * does not look like a fence itself. So all of them are written anew. Carriage returns go.
 */
static enum err
prepare(struct ctx *c, struct str text, struct str *out)
{
	struct str rest = text;
	struct buf b;

	/*
	 * A fence of three that is not closed may grow to a line of marks before and behind each
	 * line.
	 */
	buf_init(&b, &c->arena, 4 * text.n + 256);
	while (rest.p) {
		struct str line = next_line(&rest);
		struct fence f = fence_read(line);

		if (f.n > 0) {
			put_fenced(&b, &f, &rest);
			continue;
		}
		buf_put(&b, line);
		buf_putc(&b, '\n');
	}
	return buf_end(c, &b, out);
}

/* ---- rendering ----------------------------------------------------------------------------- */

static void
cleanup(void *m)
{
	mkd_cleanup(m);
}

enum err
markdown_html(struct ctx *c, struct str text, struct html *out)
{
	static const struct sanitize_options after = {
		.max_bytes = HTML_MAX, .max_tags = TAGS_MAX, .links = true, .breaks = true};
	struct str raw;
	MMIOT *m;
	char *html = NULL;
	int n;
	enum err e;

	if (text.n > MARKDOWN_MAX_BYTES)
		return err_raise(c, ERR_CONTENT_TOO_LARGE, "%zu bytes of Markdown", text.n);
	e = prepare(c, text, &raw);
	if (e == OK)
		e = markdown_guard(c, raw);
	if (e != OK)
		return e;
	m = mkd_string(raw.p, (int)raw.n, flags);
	if (!m)
		return err_memory(c);
	e = ctx_defer(c, cleanup, m);
	if (e != OK)
		return e;
	if (!mkd_compile(m, flags) || (n = mkd_document(m, &html)) < 0)
		return err_memory(c);
	return sanitize_with(c, str_n(html, (size_t)n), &after, out);
}
