/*
 * Reading what was typed, from left to right: each piece is a command if it is whole, and text if not.
 */
#include "domain/search_query.h"

#include "base/enc.h"
#include "base/time.h"
#include "domain/search_priv.h"
#include "text/unicode.h"
#include "text/fold.h"

enum { PREFIX_MIN = 2, CONTROL_LAST = 0x1F, DELETE = 0x7F, MALFORMED = 0xFFFD };

/* What has been typed up to the next place. */
struct scan {
	struct str text;
	size_t at;
};

/* ---- the text itself ------------------------------------------------------------------------- */

/* The quotation marks that keyboards make of the plain one. */
static bool
is_quote(unsigned u)
{
	return u == '"' || u == 0x201C || u == 0x201D || u == 0x201E || u == 0x201F || u == 0xFF02;
}

/* The space and the colon of Chinese keyboards, and the space that does not break. */
static unsigned
plain_sign(unsigned u)
{
	if (u == 0x3000 || u == 0xA0)
		return ' ';
	return u == 0xFF1A ? ':' : u;
}

/* Valid, composed, without controls, one kind of quotation marks, and not too long. */
static enum err
clean(struct ctx *c, struct str text, struct search_query *q)
{
	struct str made;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, 3 * SEARCH_TEXT_MAX + 16);
	for (size_t at = 0; at < text.n && at < SEARCH_TEXT_MAX;) {
		unsigned u = enc_utf8_next(text, &at);

		if (u <= CONTROL_LAST || u == DELETE || u == MALFORMED)
			u = ' ';
		enc_utf8_put(&b, is_quote(u) ? '"' : plain_sign(u));
		q->cut = at >= SEARCH_TEXT_MAX && at < text.n;
	}
	err = buf_end(c, &b, &made);
	return err ? err : unicode_nfc(c, str_trim(made), &q->text);
}

static bool
is_space(struct str s, size_t at)
{
	return s.p[at] == ' ';
}

/* What stands up to the closing quotation mark, or to the end; s stands behind the opening one. */
static struct str
take_quoted(struct scan *s)
{
	size_t from = s->at, end = str_find(s->text, '"', from);

	s->at = end < s->text.n ? end + 1 : end;
	return str_sub(s->text, from, end);
}

static struct str
take_word(struct scan *s)
{
	size_t from = s->at;

	while (s->at < s->text.n && !is_space(s->text, s->at) && s->text.p[s->at] != '"')
		s->at++;
	return str_sub(s->text, from, s->at);
}

/* ---- terms ----------------------------------------------------------------------------------- */

static void
add(struct search_query *q, const struct search_term *term)
{
	for (size_t i = 0; i < q->n; i++)
		if (str_eq(q->terms[i].needle, term->needle) &&
			q->terms[i].excluded == term->excluded)
			return;
	if (q->n < SEARCH_TERMS_MAX)
		q->terms[q->n++] = *term;
	else
		q->cut = true;
}

/* How many words a needle has, and of how many bytes the last is. */
static size_t
words_of(struct str needle, size_t *last)
{
	size_t n = 0;

	*last = 0;
	for (size_t i = 0; i < needle.n; i++) {
		if (needle.p[i] == ' ')
			continue;
		*last = i > 0 && needle.p[i - 1] == ' ' ? 1 : *last + 1;
		n += *last == 1;
	}
	return n;
}

/* Words that stand one behind the other; begun: the last one may go on. */
static enum err
add_words(struct ctx *c, struct search_query *q, struct str text, bool begun, bool excluded)
{
	struct search_term term = {.excluded = excluded};
	struct buf b;
	size_t last;
	enum err err;

	buf_init(&b, &c->arena, FOLD_WORD_MAX * (text.n + 1) + 3);
	err = fold_words(c, text, &b);
	if (!err)
		err = buf_end(c, &b, &term.needle);
	if (err || term.needle.n == 0)
		return err;
	term.words = words_of(term.needle, &last);
	if (begun && last >= PREFIX_MIN)
		term.needle.n--;
	add(q, &term);
	return OK;
}

static enum err
add_name(struct ctx *c, struct search_query *q, unsigned mark, struct str name, bool excluded)
{
	struct search_term term = {.excluded = excluded, .exact = true, .words = 1};
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, FOLD_WORD_MAX * (name.n + 1) + 8);
	err = fold_name(c, mark, name, &b);
	if (!err)
		err = buf_end(c, &b, &term.needle);
	if (!err)
		add(q, &term);
	return err;
}

/* ---- days ------------------------------------------------------------------------------------ */

/* Takes a number of so many digits off *s, and the separator before it, if one is to be there. */
static bool
number_take(struct str *s, size_t digits, bool separated, int *out)
{
	unsigned long long n;

	if (separated) {
		if (s->n == 0 || s->p[0] != '-')
			return false;
		*s = str_sub(*s, 1, s->n);
	}
	if (s->n < digits || !str_u64(str_sub(*s, 0, digits), 9999, &n))
		return false;
	*s = str_sub(*s, digits, s->n);
	*out = (int)n;
	return true;
}

/* The beginning of a year, a month or a day. */
static bool
day_parse(struct str s, int64_t *out)
{
	struct time_parts p = {.month = 1, .day = 1}, again;

	if (!number_take(&s, 4, false, &p.year))
		return false;
	if (s.n > 0 && !number_take(&s, 2, true, &p.month))
		return false;
	if (s.n > 0 && !number_take(&s, 2, true, &p.day))
		return false;
	if (s.n > 0 || p.year < 1 || p.month < 1 || p.month > 12 || p.day < 1)
		return false;
	*out = time_join(&p, 0);
	time_split(*out, 0, &again);
	return again.day == p.day;
}

/* Narrows the span of time; false: the value is no day. */
static bool
narrow(struct search_query *q, struct str value, bool from)
{
	int64_t at;

	if (!day_parse(value, &at))
		return false;
	if (from && at > q->from)
		q->from = at;
	if (!from && at < q->to)
		q->to = at;
	return true;
}

/* ---- commands -------------------------------------------------------------------------------- */

/*
 * Takes "name:value", if that is what stands there, with a value that is not empty; quoted: it stands
 * in quotation marks.
 */
static bool
take_command(struct scan *s, struct str name, struct str *value, bool *quoted)
{
	struct scan ahead = *s;

	if (!str_eqi(str_sub(s->text, s->at, s->at + name.n), name))
		return false;
	ahead.at += name.n;
	*quoted = ahead.at < s->text.n && s->text.p[ahead.at] == '"';
	if (*quoted) {
		ahead.at++;
		*value = str_trim(take_quoted(&ahead));
	} else {
		*value = take_word(&ahead);
	}
	if (value->n == 0)
		return false;
	*s = ahead;
	return true;
}

/* Takes a command; *taken is false if none stands there, or one that makes no sense. */
static enum err
scan_command(struct ctx *c, struct search_query *q, struct scan *s, bool excluded, bool *taken)
{
	struct scan ahead = *s;
	struct str value;
	bool quoted;

	*taken = true;
	if (take_command(s, S("tag:"), &value, &quoted))
		return add_name(c, q, SEARCH_MARK_TAG, value, excluded);
	if (take_command(s, S("type:"), &value, &quoted))
		return add_name(c, q, SEARCH_MARK_TYPE, value, excluded);
	if (take_command(s, S("after:"), &value, &quoted) && narrow(q, value, !excluded))
		return OK;
	*s = ahead;
	if (take_command(s, S("before:"), &value, &quoted) && narrow(q, value, excluded))
		return OK;
	*s = ahead;
	*taken = false;
	return OK;
}

static enum err
scan_next(struct ctx *c, struct search_query *q, struct scan *s)
{
	bool excluded = false, taken = false;
	struct str word;
	enum err err;

	if (s->text.p[s->at] == '-') {
		excluded = true;
		s->at++;
		if (s->at == s->text.n || is_space(s->text, s->at))
			return OK;
	}
	err = scan_command(c, q, s, excluded, &taken);
	if (err || taken)
		return err;
	if (s->text.p[s->at] == '"') {
		s->at++;
		return add_words(c, q, take_quoted(s), false, excluded);
	}
	word = take_word(s);
	return add_words(c, q, word, str_ends(word, S("*")), excluded);
}

enum err
search_query_parse(struct ctx *c, struct str text, struct search_query *out)
{
	struct scan s = {.at = 0};
	enum err err;

	*out = (struct search_query){.from = INT64_MIN, .to = INT64_MAX};
	err = clean(c, text, out);
	s.text = out->text;
	while (!err && s.at < s.text.n) {
		if (is_space(s.text, s.at))
			s.at++;
		else
			err = scan_next(c, out, &s);
	}
	return err;
}

bool
search_query_empty(const struct search_query *q)
{
	return q->n == 0 && q->from == INT64_MIN && q->to == INT64_MAX;
}

/* ---- for the index --------------------------------------------------------------------------- */

/* A term as FTS5 writes it: in quotation marks, of which no folded word has any. */
static void
put_term(struct buf *b, const struct search_term *term)
{
	buf_putc(b, '"');
	buf_put(b, str_trim(term->needle));
	buf_puts(b, term->needle.p[term->needle.n - 1] == ' ' ? "\"" : "\" *");
}

enum err
search_query_match(struct ctx *c, const struct search_query *q, struct str *out)
{
	struct buf b;
	size_t n = 0;

	buf_init(&b, &c->arena, 1024 * 1024);
	for (size_t i = 0; i < q->n; i++) {
		if (q->terms[i].excluded)
			continue;
		buf_puts(&b, n++ > 0 ? " AND " : "(");
		put_term(&b, &q->terms[i]);
	}
	*out = S("");
	if (n == 0)
		return OK;
	buf_putc(&b, ')');
	/* Words that seem to follow each other may be parted by the end of a title; a post is not to be
	   kept out for that. */
	for (size_t i = 0; i < q->n; i++) {
		if (!q->terms[i].excluded || q->terms[i].words > 1)
			continue;
		buf_puts(&b, " NOT ");
		put_term(&b, &q->terms[i]);
	}
	return buf_end(c, &b, out);
}
