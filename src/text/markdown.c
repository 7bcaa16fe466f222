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
	HTML_MAX = 192 * 1024,	/* bytes that may come of the text */
	TAGS_MAX = 8 * 1024,	/* tags in it */
};

/* EXPLICITLIST is the top bit, which no enumerator can be. */
static const mkd_flag_t flags = (mkd_flag_t)FLAGS | MKD_EXPLICITLIST;

void
markdown_init(void)
{
	mkd_initialize();
}

/* The length of the fence that the line is (three or more ` or ~, at most three blanks before); 0. */
static size_t
fence(struct str line, char *mark)
{
	size_t from = 0;
	size_t n = 0;

	while (from < 3 && from < line.n && line.p[from] == ' ')
		from++;
	*mark = from < line.n ? line.p[from] : '\0';
	if (*mark != '`' && *mark != '~')
		return 0;
	while (from + n < line.n && line.p[from + n] == *mark)
		n++;
	/* "```x```" is code inside a line. */
	if (*mark == '`' && str_find(line, '`', from + n) < line.n)
		return 0;
	return n >= 3 ? n : 0;
}

/*
 * Discount knows a fence only as a block of its own. Blank lines are put around fences that stand
 * directly at a paragraph, so that they are code as everywhere else. Carriage returns go.
 */
static enum err
prepare(struct ctx *c, struct str text, struct str *out)
{
	struct str rest = text;
	struct buf b;
	size_t open = 0;	/* length of the fence that is open; 0 for none */
	char mark = '\0';
	bool blank = true;	/* the line before is blank, or counts as one */

	buf_init(&b, &c->arena, 2 * text.n + 16);
	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		char ch;
		size_t n;
		bool closes;

		while (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		n = fence(line, &ch);
		closes = open > 0 && n >= open && ch == mark && str_trim(line).n == n;
		if (open == 0 && n > 0 && !blank)
			buf_putc(&b, '\n');
		buf_put(&b, line);
		buf_putc(&b, '\n');
		if (closes)
			buf_putc(&b, '\n');
		if (open == 0 && n > 0) {
			open = n;
			mark = ch;
		} else if (closes) {
			open = 0;
		}
		blank = closes || str_trim(line).n == 0;
	}
	return buf_end(c, &b, out);
}

static void
cleanup(void *m)
{
	mkd_cleanup(m);
}

enum err
markdown_html(struct ctx *c, struct str text, struct html *out)
{
	static const struct sanitize_options after = {.max_bytes = HTML_MAX, .max_tags = TAGS_MAX,
		.links = true, .breaks = true};
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
