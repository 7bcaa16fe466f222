/*
 * The expression is computed while it is read, by descent through C's levels of precedence: rules
 * are short, and a tree of one would be more code than this. A catalogue may come from anywhere, so
 * depth and length are bounded, and nothing is divided by zero.
 */
#include "text/plural.h"

#include <string.h>

enum { RULE_MAX = 400, DEPTH_MAX = 24, LEVELS = 6, NUMBERS_TRIED = 1000 };

struct reader {
	struct str s;
	size_t at;
	unsigned long long n;
	unsigned depth;
	bool bad;
};

/* Two letters before one: "<=" is not "<". */
static const char *const operators[LEVELS][5] = {
	{"||"}, {"&&"}, {"==", "!="}, {"<=", ">=", "<", ">"}, {"+", "-"}, {"*", "/", "%"}};

static unsigned long long choice(struct reader *r);

static bool
take(struct reader *r, const char *token)
{
	struct str t = str_z(token);

	while (r->at < r->s.n && strchr(" \t", r->s.p[r->at]))
		r->at++;
	if (!str_starts(str_sub(r->s, r->at, r->s.n), t))
		return false;
	r->at += t.n;
	return true;
}

static unsigned long long
number(struct reader *r)
{
	unsigned long long v = 0;
	size_t from = r->at;

	for (; r->at < r->s.n && r->s.p[r->at] >= '0' && r->s.p[r->at] <= '9'; r->at++)
		v = v * 10 + (unsigned long long)(r->s.p[r->at] - '0');
	r->bad = r->bad || r->at == from || r->at - from > 9;
	return v;
}

static unsigned long long
primary(struct reader *r)
{
	unsigned long long v;

	if (++r->depth > DEPTH_MAX)
		r->bad = true;
	if (r->bad)
		return 0;
	if (take(r, "!")) {
		v = !primary(r);
	} else if (take(r, "(")) {
		v = choice(r);
		r->bad = r->bad || !take(r, ")");
	} else if (take(r, "n")) {
		v = r->n;
	} else {
		v = number(r);
	}
	r->depth--;
	return v;
}

static unsigned long long
compute(struct reader *r, const char *op, unsigned long long a, unsigned long long b)
{
	if (strchr("/%", *op) && b == 0) {
		r->bad = true;
		return 0;
	}
	switch (*op) {
	case '|':
		return a || b;
	case '&':
		return a && b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return op[1] ? a <= b : a < b;
	case '>':
		return op[1] ? a >= b : a > b;
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	case '/':
		return a / b;
	default:
		return a % b;
	}
}

static const char *
operator_of(struct reader *r, unsigned level)
{
	for (size_t i = 0; i < 5 && operators[level][i]; i++)
		if (take(r, operators[level][i]))
			return operators[level][i];
	return NULL;
}

static unsigned long long
operation(struct reader *r, unsigned level)
{
	unsigned long long v = level + 1 < LEVELS ? operation(r, level + 1) : primary(r);
	const char *op;

	while (!r->bad && (op = operator_of(r, level))) {
		unsigned long long right =
			level + 1 < LEVELS ? operation(r, level + 1) : primary(r);

		v = compute(r, op, v, right);
	}
	return v;
}

/* Both branches are computed: there is nothing in them that could do harm. */
static unsigned long long
choice(struct reader *r)
{
	unsigned long long v = operation(r, 0), yes, no;

	if (r->bad || !take(r, "?"))
		return v;
	if (++r->depth > DEPTH_MAX)
		r->bad = true;
	yes = r->bad ? 0 : choice(r);
	r->bad = r->bad || !take(r, ":");
	no = r->bad ? 0 : choice(r);
	r->depth--;
	return v ? yes : no;
}

static bool
form_of(struct str rule, unsigned long long n, unsigned long long *out)
{
	struct reader r = {.s = rule, .n = n};

	*out = choice(&r);
	return !r.bad && r.at == rule.n;
}

bool
plural_parse(struct str s, struct plural *out)
{
	struct str forms = str_cut(&s, ';'), rule = str_trim(str_cut(&s, ';')), name;
	unsigned long long n, form;

	name = str_cut(&forms, '=');
	if (!str_eq(str_trim(name), S("nplurals")) ||
		!str_u64(str_trim(forms), PLURAL_FORMS_MAX, &n) || n == 0)
		return false;
	name = str_cut(&rule, '=');
	rule = str_trim(rule);
	if (!str_eq(str_trim(name), S("plural")) || rule.n == 0 || rule.n > RULE_MAX)
		return false;
	for (unsigned i = 0; i < NUMBERS_TRIED; i++)
		if (!form_of(rule, i, &form) || form >= n)
			return false;
	*out = (struct plural){.rule = rule, .forms = (unsigned)n};
	return true;
}

unsigned
plural_form(const struct plural *p, unsigned long long n)
{
	unsigned long long form;

	return form_of(p->rule, n, &form) && form < p->forms ? (unsigned)form : 0;
}
