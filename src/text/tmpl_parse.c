/*
 * Mustache text to nodes (specification 1.4: tags, standalone lines, set delimiters). Knows nothing
 * of data: names are taken as they stand and given a meaning in tmpl_bind.c.
 */
#include "text/tmpl_priv.h"

struct parser {
	struct ctx *c;
	struct arena *arena;
	struct tmpl_file *file;
	struct str s;                     /* the source */
	size_t at;                        /* next byte to look at */
	size_t line;                      /* of at, from 1 */
	struct str open, close;           /* delimiters */
	size_t room;                      /* nodes allocated */
	uint32_t sections[TMPL_NEST_MAX]; /* open ones */
	size_t depth;
};

/* A tag as it stands in the source. */
struct tag {
	size_t from, to; /* of the whole, delimiters included */
	size_t line;
	char sigil;       /* '\0' for a plain name */
	struct str name;  /* trimmed */
	size_t line_from; /* where the line begins on which it begins */
	size_t line_to;   /* behind the end of the line on which it ends */
	bool standalone;
};

static enum err
refuse(struct parser *p, size_t line, const char *what, struct str name)
{
	return err_raise(
		p->c, ERR_TEMPLATE, "%s:%zu: %s%.*s", p->file->path, line, what, STR(name));
}

static enum err
add(struct parser *p, struct tmpl_node node)
{
	struct tmpl_file *f = p->file;
	struct tmpl_node *bigger;

	if (f->n == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		bigger = arena_calloc(p->arena, p->room, sizeof(*bigger));
		if (!bigger)
			return err_memory(p->c);
		if (f->n > 0)
			memcpy(bigger, f->nodes, f->n * sizeof(*bigger));
		f->nodes = bigger;
	}
	f->nodes[f->n++] = node;
	return OK;
}

static bool
at_line_start(const struct parser *p, size_t at)
{
	return at == 0 || p->s.p[at - 1] == '\n';
}

/* The literal text [from, to), if there is any. */
static enum err
add_text(struct parser *p, size_t from, size_t to, size_t line)
{
	if (from == to)
		return OK;
	return add(p, (struct tmpl_node){.op = TMPL_OP_TEXT,
			      .bol = at_line_start(p, from),
			      .line = (uint32_t)line,
			      .text = str_sub(p->s, from, to)});
}

static size_t
skip_blanks(struct str s, size_t at)
{
	while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t'))
		at++;
	return at;
}

/* Finds out whether the tag is alone on its lines, which then vanish with it. */
static void
measure_line(const struct parser *p, struct tag *t)
{
	size_t end = skip_blanks(p->s, t->to);
	struct str rest = str_sub(p->s, end, p->s.n);

	t->line_from = t->from;
	while (!at_line_start(p, t->line_from))
		t->line_from--;
	if (skip_blanks(p->s, t->line_from) < t->from)
		return;
	if (str_starts(rest, S("\n")))
		t->line_to = end + 1;
	else if (str_starts(rest, S("\r\n")))
		t->line_to = end + 2;
	else if (rest.n == 0)
		t->line_to = end;
	else
		return;
	t->standalone = strchr("!#^/=>", t->sigil) && t->sigil != '\0';
}

static void
count_lines(struct parser *p, size_t to)
{
	for (; p->at < to; p->at++)
		if (p->s.p[p->at] == '\n')
			p->line++;
}

/* Where close stands at or after from, behind the byte wrap unless that is NUL; s.n for nowhere. */
static size_t
find_close(const struct parser *p, size_t from, char wrap)
{
	size_t at = str_search(p->s, p->close, from);

	while (wrap != '\0' && at < p->s.n && (at == from || p->s.p[at - 1] != wrap))
		at = str_search(p->s, p->close, at + 1);
	return at;
}

/* Reads the tag whose opening delimiter is at p->at. */
static enum err
read_tag(struct parser *p, struct tag *t)
{
	size_t body = p->at + p->open.n;
	char sigil = body < p->s.n ? p->s.p[body] : '\0';
	size_t end;
	char wrap;

	*t = (struct tag){.from = p->at, .line = p->line};
	if (sigil != '\0' && strchr("!#^/=>&{", sigil)) {
		t->sigil = sigil;
		body++;
	}
	wrap = sigil == '{' ? '}' : sigil == '=' ? '=' : '\0'; /* {{{x}}}, {{=<% %>=}} */
	end = find_close(p, body, wrap);
	if (end >= p->s.n)
		return refuse(p, t->line, "a tag is not closed: ", p->open);
	t->to = end + p->close.n;
	t->name = str_trim(str_sub(p->s, body, wrap != '\0' ? end - 1 : end));
	measure_line(p, t);
	return OK;
}

/* "<% %>" out of "{{=<% %>=}}". */
static enum err
set_delimiters(struct parser *p, const struct tag *t)
{
	struct str rest = t->name;
	struct str open = str_cut(&rest, ' ');
	struct str close = str_trim(rest);

	if (open.n == 0 || close.n == 0 || str_find(close, ' ', 0) < close.n ||
		str_find(t->name, '=', 0) < t->name.n || str_find(t->name, '\n', 0) < t->name.n)
		return refuse(p, t->line, "these are not two delimiters: ", t->name);
	p->open = open;
	p->close = close;
	return OK;
}

static bool
name_good(struct str name, bool partial)
{
	static const struct str extra = S_INIT("_-");

	for (size_t i = 0; i < name.n; i++) {
		char ch = name.p[i];
		bool word = (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
			    (ch >= 'a' && ch <= 'z') || str_find(extra, ch, 0) < extra.n;

		if (!word && (partial || ch != '.'))
			return false;
	}
	return name.n > 0;
}

static enum err
close_section(struct parser *p, const struct tag *t, struct tmpl_node *end)
{
	struct tmpl_node *start;

	if (p->depth == 0)
		return refuse(p, t->line, "this closes nothing: ", t->name);
	start = &p->file->nodes[p->sections[--p->depth]];
	if (!str_eq(start->name, t->name))
		return err_raise(p->c, ERR_TEMPLATE,
			"%s:%zu: '%.*s' is closed where '%.*s' of line %u is open", p->file->path,
			t->line, STR(t->name), STR(start->name), (unsigned)start->line);
	end->jump = p->sections[p->depth];
	start->jump = (uint32_t)p->file->n;
	return OK;
}

static enum err
open_section(struct parser *p, const struct tag *t)
{
	if (p->depth == TMPL_NEST_MAX)
		return refuse(p, t->line, "sections are nested too deeply: ", t->name);
	p->sections[p->depth++] = (uint32_t)p->file->n;
	return OK;
}

static enum err
add_tag(struct parser *p, const struct tag *t)
{
	struct tmpl_node node = {.line = (uint32_t)t->line,
		.name = t->name,
		.standalone = t->standalone,
		.bol = !t->standalone && at_line_start(p, t->from)};
	enum err e = OK;

	if (t->sigil != '!' && t->sigil != '=' && !name_good(t->name, t->sigil == '>'))
		return refuse(p, t->line, "this is not a name: ", t->name);
	switch (t->sigil) {
	case '!':
	case '=':
		/* Nothing, but it may be what a line begins with. */
		if (t->sigil == '=')
			e = set_delimiters(p, t);
		return e == OK && node.bol ? add(p, node) : e;
	case '#':
	case '^':
		node.op = t->sigil == '#' ? TMPL_OP_SECTION : TMPL_OP_INVERTED;
		e = open_section(p, t);
		break;
	case '/':
		node.op = TMPL_OP_END;
		e = close_section(p, t, &node);
		break;
	case '>':
		node.op = TMPL_OP_PARTIAL;
		if (t->standalone)
			node.text = str_sub(p->s, t->line_from, t->from);
		break;
	case '&':
	case '{':
		node.op = TMPL_OP_RAW;
		break;
	default:
		node.op = TMPL_OP_VAR;
		break;
	}
	return e == OK ? add(p, node) : e;
}

enum err
tmpl_parse(struct ctx *c, struct arena *a, struct str source, struct tmpl_file *f)
{
	struct parser p = {.c = c,
		.arena = a,
		.file = f,
		.s = source,
		.line = 1,
		.open = S_INIT("{{"),
		.close = S_INIT("}}")};
	struct tag t;
	enum err e = OK;

	while (e == OK && p.at < source.n) {
		size_t from = p.at;
		size_t line = p.line;
		size_t hit = str_search(source, p.open, from);

		count_lines(&p, hit);
		if (hit >= source.n) {
			e = add_text(&p, from, source.n, line);
			break;
		}
		e = read_tag(&p, &t);
		if (e == OK)
			e = add_text(&p, from, t.standalone ? t.line_from : t.from, line);
		if (e == OK)
			e = add_tag(&p, &t);
		if (e == OK)
			count_lines(&p, t.standalone ? t.line_to : t.to);
	}
	if (e == OK && p.depth > 0) {
		const struct tmpl_node *open = &f->nodes[p.sections[p.depth - 1]];

		e = refuse(&p, open->line, "this section is not closed: ", open->name);
	}
	return e;
}
