/*
 * A look at a style sheet. It is no parser: a browser takes any text for a style sheet, and what it does
 * not understand it skips in silence. What is found here are the mistakes that make it skip much, and
 * what a page of this site would ask for in vain.
 */
#include "web/theme.h"

#include "core/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct style {
	struct ctx *c;
	const char *dir;	/* the theme's */
	struct str file, text;
	struct theme_report *report;
	size_t at;
	unsigned line;
	unsigned depth;		/* of braces */
	unsigned opened;	/* line of the outermost open one */
	bool import;		/* an @import that has not ended */
	enum err err;
};

static void
find(struct style *s, bool error, unsigned line, const char *what, struct str about)
{
	if (s->err == OK)
		s->err = theme_find(s->c, s->report, error, s->file, line, "%s%.*s", what,
			STR(about));
}

/* Moves on, and counts the lines on the way. */
static void
move(struct style *s, size_t to)
{
	for (; s->at < to && s->at < s->text.n; s->at++)
		s->line += s->text.p[s->at] == '\n';
}

static bool
is_there(struct style *s, const char *dir, struct str name)
{
	struct str path;

	if (s->err == OK)
		s->err = ctx_printf(s->c, &path, "%s/static/%.*s", dir, STR(name));
	return s->err == OK && access(path.p, R_OK) == 0;
}

/* What a path means, below static; p NULL: it leads elsewhere. */
static struct str
below_static(struct style *s, struct str path)
{
	struct str folder = str_sub(s->file, strlen("static/"), s->file.n), all = {0};

	if (str_starts(path, S("/")))
		return str_starts(path, S("/static/")) ?
			str_sub(path, strlen("/static/"), path.n) : (struct str){0};
	while (folder.n > 0 && folder.p[folder.n - 1] != '/')
		folder.n--;
	if (str_starts(path, S("../")) || s->err != OK)
		return (struct str){0};
	s->err = ctx_printf(s->c, &all, "%.*s%.*s", STR(folder), STR(path));
	return all;
}

/* Where an address of the sheet leads. */
static void
target(struct style *s, struct str url)
{
	size_t end = str_find(url, ':', 0);
	struct str name;

	url = str_trim(url);
	if (str_starts(url, S("//")) || str_starts(url, S("http:")) || str_starts(url, S("https:"))) {
		find(s, false, s->line, "asks another server, which visitors become known to: ", url);
		return;
	}
	if (url.n == 0 || url.p[0] == '#' || end < url.n)
		return;
	name = below_static(s, str_sub(url, 0, strcspn(url.p, "?#\"') \n")));
	if (name.n > 0 && !is_there(s, s->dir, name) && !is_there(s, s->c->cfg->share_path, name))
		find(s, false, s->line, "names a file that is not there: static/", name);
}

static void
skip_comment(struct style *s)
{
	size_t end = str_search(s->text, S("*/"), s->at + 2);

	if (end == s->text.n)
		find(s, true, s->line, "a comment that does not end", S(""));
	move(s, end + 2);
}

/* A text in quotes; its own bytes. */
static struct str
take_text(struct style *s)
{
	char quote = s->text.p[s->at];
	size_t from = s->at + 1, end = from;

	while (end < s->text.n && s->text.p[end] != quote && s->text.p[end] != '\n')
		end += s->text.p[end] == '\\' ? 2 : 1;
	if (end >= s->text.n || s->text.p[end] != quote) {
		find(s, true, s->line, "a text that does not end on its line", S(""));
		end = end < s->text.n ? end : s->text.n;
	}
	move(s, end + 1);
	return str_sub(s->text, from, end);
}

static void
take_url(struct style *s)
{
	size_t end;

	move(s, s->at + strlen("url("));
	while (s->at < s->text.n && strchr(" \t\r\n", s->text.p[s->at]))
		move(s, s->at + 1);
	if (s->at < s->text.n && (s->text.p[s->at] == '"' || s->text.p[s->at] == '\'')) {
		target(s, take_text(s));
		return;
	}
	end = str_find(s->text, ')', s->at);
	target(s, str_sub(s->text, s->at, end));
	move(s, end);
}

static void
take_brace(struct style *s)
{
	if (s->text.p[s->at] == '{') {
		if (s->depth++ == 0)
			s->opened = s->line;
	} else if (s->depth > 0) {
		s->depth--;
	} else {
		find(s, true, s->line, "a closing brace too many", S(""));
	}
	move(s, s->at + 1);
}

static void
step(struct style *s)
{
	struct str rest = str_sub(s->text, s->at, s->text.n);
	char ch = rest.p[0];

	if (str_starts(rest, S("/*"))) {
		skip_comment(s);
	} else if (ch == '"' || ch == '\'') {
		struct str text = take_text(s);

		if (s->import)
			target(s, text);
	} else if (ch == '{' || ch == '}') {
		take_brace(s);
	} else if (str_eqi(str_sub(rest, 0, 4), S("url("))) {
		take_url(s);
	} else if (str_eqi(str_sub(rest, 0, 7), S("@import"))) {
		s->import = true;
		move(s, s->at + 7);
	} else {
		s->import = s->import && ch != ';';
		move(s, s->at + 1);
	}
}

enum err
theme_style_check(struct ctx *c, const char *dir, struct str file, struct str text,
	struct theme_report *out)
{
	struct style s = {.c = c, .dir = dir, .file = file, .text = text, .report = out, .line = 1};

	while (s.err == OK && s.at < text.n)
		step(&s);
	if (s.depth > 0)
		find(&s, true, s.opened, "a brace that is never closed", S(""));
	return s.err;
}
