/*
 * The look at Markdown before discount reads it. For some characters discount searches the rest of
 * the block, a run of lines that are not blank, for a partner: that is quadratic where partners are
 * missing. Here the length of all those searches is added up, in linear time and rather too high
 * than too low; ordinary text costs a small part of what is allowed. Nesting is counted because
 * discount answers it with recursion.
 */
#include "text/priv.h"

enum {
	COST_MAX = 3 * 1000 * 1000, /* bytes searched; 2 to 4 ns each */
	NEST_MAX = 32,              /* quotes and lists on a line, brackets in a block */
	RUN_MAX = 64,               /* length up to which runs of ` and ~ are told apart */
	STARS_MAX = 256,            /* * or _ in a row */
	CELLS_MAX = 16 * 1024,      /* of a table */
	COPIED_MAX =
		2 * 1024 * 1024, /* bytes of links that stand in one place and are used in many */
};

struct guard {
	struct str s;
	size_t cost;
	const char *problem; /* NULL: none */
};

static bool
is_blank(char ch)
{
	return ch == ' ' || ch == '\t' || ch == '\r';
}

/*
 * Quotes and lists that a line opens inside one another: each '>', and each blank behind what may
 * end a list's marker, as long as there is nothing but these, numbers and check boxes.
 */
static void
guard_line(struct guard *g, struct str line)
{
	size_t nested = 0;

	for (size_t i = 0; i < line.n && strchr(" \t\r>*+-.)0123456789[xX]", line.p[i]); i++)
		nested += line.p[i] == '>' ||
			  (i > 0 && is_blank(line.p[i]) && strchr("*+-.)", line.p[i - 1]));
	if (nested > NEST_MAX)
		g->problem = "quotes or lists are nested too deeply";
}

/* Each '[' looks for its ']'. */
static void
guard_brackets(struct guard *g, struct str b)
{
	size_t open[NEST_MAX];
	size_t depth = 0;
	size_t lost = 0; /* opened beyond NEST_MAX */

	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '[' && depth < NEST_MAX) {
			open[depth++] = i;
		} else if (b.p[i] == '[') {
			lost++;
			g->cost += b.n - i;
		} else if (b.p[i] == ']' && (i == 0 || b.p[i - 1] != '\\')) {
			if (lost > 0) {
				g->problem = "brackets are nested too deeply";
				lost--;
			} else if (depth > 0) {
				depth--;
				g->cost += i - open[depth];
			}
		}
	}
	while (depth > 0)
		g->cost += b.n - open[--depth];
}

/* "](" looks for ')', and every quote on the way for another quote with a ')' behind it. */
static void
guard_targets(struct guard *g, struct str b)
{
	size_t end = b.n;  /* the next ')' that can end a target */
	size_t quotes = 0; /* between here and end */

	for (size_t i = b.n; i-- > 1;) {
		if (b.p[i] == ')' && b.p[i - 1] != '\\') {
			end = i;
			quotes = 0;
		} else if (b.p[i] == '"' || b.p[i] == '\'') {
			quotes++;
		} else if (b.p[i] == '(' && b.p[i - 1] == ']') {
			g->cost += (end - i) + quotes * (b.n - i);
		}
	}
}

/*
 * '<' with something behind it looks for '>', but not for one that is a quote's mark: those have
 * only marks and blanks before them. It takes twice the time of the others.
 */
static void
guard_tags(struct guard *g, struct str b)
{
	bool marks = true; /* nothing else so far on this line */
	size_t open = 0;   /* '<' that have not found theirs */
	size_t begins = 0; /* sum of their places */

	for (size_t i = 0; i < b.n; i++) {
		char ch = b.p[i];

		if (ch == '<' && i + 1 < b.n && b.p[i + 1] != ' ') {
			open++;
			begins += i;
		} else if (ch == '>' && !marks) {
			g->cost += 2 * (open * i - begins);
			open = begins = 0;
		}
		marks = ch == '\n' || (marks && strchr(" \t\r>*+-", ch) != NULL);
	}
	g->cost += 2 * (open * b.n - begins);
}

/* A run of n looks for another of n, and where there is none, for shorter ones. */
static void
guard_runs(struct guard *g, struct str b, char ch)
{
	size_t last[RUN_MAX] = {
		0}; /* where the nearest run of this length behind begins; 0: nowhere */

	for (size_t i = b.n, n; i > 0; i -= n ? n : 1) {
		for (n = 0; n < i && b.p[i - n - 1] == ch; n++)
			continue;
		if (n == 0)
			continue;
		/*
		 * Whether a backslash before it takes one away depends on the place: count the
		 * worse.
		 */
		if (n < RUN_MAX && last[n] > 0 && !(i > n && b.p[i - n - 1] == '\\'))
			g->cost += last[n] - i;
		else
			g->cost += n * (b.n - (i - n));
		if (n < RUN_MAX && !(i > n && b.p[i - n - 1] == '\\'))
			last[n] = i;
	}
}

/* A long run of '*' or '_' goes through all that follow, once for every two of it. */
static void
guard_stars(struct guard *g, struct str b)
{
	size_t runs = 0;

	for (size_t i = b.n, n; i > 0; i -= n ? n : 1) {
		char ch = b.p[i - 1];

		for (n = 0; (ch == '*' || ch == '_') && n < i && b.p[i - n - 1] == ch; n++)
			continue;
		if (n > STARS_MAX)
			g->problem = "too many '*' or '_' in a row";
		if (n > 2)
			g->cost += n * runs;
		runs += n > 0;
	}
}

/* Every row of a table is filled up to the columns of its first. */
static void
guard_table(struct guard *g, struct str b)
{
	size_t rows = 0;
	size_t columns = 0;

	while (b.p) {
		struct str line = str_cut(&b, '\n');
		size_t bars = 0;

		for (size_t i = 0; i < line.n; i++)
			bars += line.p[i] == '|';
		rows += bars > 0;
		columns = bars > columns ? bars : columns;
	}
	if (rows * (columns + 1) > CELLS_MAX)
		g->problem = "a table has too many cells";
}

static void
guard_block(struct guard *g, struct str b)
{
	guard_table(g, b);
	guard_brackets(g, b);
	guard_targets(g, b);
	guard_tags(g, b);
	guard_runs(g, b, '`');
	guard_runs(g, b, '~');
	guard_stars(g, b);
	if (!g->problem && g->cost > COST_MAX)
		g->problem = "too many brackets, quotes or other marks without their partner";
}

/* "[a]: http://…" and "[^1]: …", which discount takes out of the text. */
static bool
is_definition(struct str line)
{
	line = str_trim(line);
	return str_starts(line, S("[")) && str_search(line, S("]:"), 0) < line.n;
}

/*
 * What is behind a definition, blank or indented, goes with it; so the lines before and behind
 * become neighbours, and the block does not end there.
 */
static void
guard_blocks(struct guard *g)
{
	struct str rest = g->s;
	size_t block = 0;     /* where the block at hand begins */
	bool defined = false; /* a definition goes on */

	while (rest.p && !g->problem) {
		struct str line = str_cut(&rest, '\n');
		size_t from = (size_t)(line.p - g->s.p);
		bool blank = str_trim(line).n == 0;

		guard_line(g, line);
		defined = is_definition(line) || (defined && (blank || is_blank(*line.p)));
		if (rest.p && (!blank || defined))
			continue;
		guard_block(g, str_sub(g->s, block, from + line.n));
		block = from + line.n;
	}
}

/* Each use of a definition repeats its URL and its title, which may stand on the next line. */
static void
guard_definitions(struct guard *g)
{
	struct str rest = g->s;
	size_t uses = 0;
	size_t longest = 0;
	size_t before = 0; /* length of the definition on the line before; 0: it was none */

	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		size_t n = line.n + before;

		before = is_definition(line) ? line.n : 0;
		if (n > line.n || before > 0)
			longest = n > longest ? n : longest;
	}
	for (size_t i = 0; i < g->s.n; i++)
		uses += g->s.p[i] == ']';
	if (uses * longest > COPIED_MAX)
		g->problem = "a long link is used too often";
}

enum err
markdown_guard(struct ctx *c, struct str text)
{
	struct guard g = {.s = text};

	guard_blocks(&g);
	guard_definitions(&g);
	if (g.problem)
		return err_raise_hint(c, ERR_CONTENT_TOO_COMPLEX, "%s", g.problem);
	return OK;
}
