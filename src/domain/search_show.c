/*
 * What is shown of a match: the words of the text as they were written, those that were searched for
 * marked. Both engines get the same, because neither is asked.
 */
#include "base/buf.h"
#include "base/enc.h"
#include "domain/search_priv.h"
#include "text/unicode.h"
#include "text/fold.h"

enum {
	SHOWN_MAX = 64 * 1024,	/* bytes of a text that are looked at */
	PIECE_BYTES = 700,	/* of a snippet, however long its words are */
	LEAD_WORDS = 6		/* before the first word that was searched for */
};

/* A word of the text, and where its folded form stands in the folded text. */
struct seen {
	size_t from, to;
	size_t folded;
	unsigned terms;		/* a bit for each term that it is of */
};

struct sight {
	struct str text;	/* one line, in normal form */
	struct str folded;
	struct seen *words;
	size_t n;
};

/* One line, without controls and with single spaces. */
static enum err
line_of(struct ctx *c, struct str text, struct str *out)
{
	struct str made;
	struct buf b;
	enum err err;

	text = enc_utf8_cut(str_trim(text), SHOWN_MAX);
	buf_init(&b, &c->arena, 3 * text.n + 1);
	for (size_t at = 0; at < text.n;) {
		unsigned u = enc_utf8_next(text, &at);
		bool space = u <= ' ' || u == 0x7F;

		if (!space)
			enc_utf8_put(&b, u);
		else if (b.n > 0 && b.p[b.n - 1] != ' ')
			buf_putc(&b, ' ');
	}
	err = buf_end(c, &b, &made);
	return err ? err : unicode_nfc(c, made, out);
}

static enum err
look(struct ctx *c, struct str text, struct sight *out)
{
	struct fold w;
	struct fold_word word;
	struct buf b;
	enum err err = line_of(c, text, &out->text);

	if (err)
		return err;
	buf_init(&b, &c->arena, (FOLD_WORD_MAX + 1) * out->text.n + 2);
	buf_putc(&b, ' ');
	fold_init(&w, out->text);
	while (fold_next(&w, &word)) {
		out->words = ctx_grow(c, out->words, out->n, sizeof(*out->words));
		if (!out->words)
			return ERR_MEMORY;
		out->words[out->n++] = (struct seen){word.from, word.to, b.n, 0};
		buf_put(&b, word.fold);
		buf_putc(&b, ' ');
	}
	return buf_end(c, &b, &out->folded);
}

/* The word that begins there in the folded text. */
static size_t
word_at(const struct sight *s, size_t folded)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->words[middle].folded < folded)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
find(const struct search_query *q, struct sight *s)
{
	for (size_t t = 0; t < q->n; t++) {
		const struct search_term *term = &q->terms[t];
		size_t at = term->excluded || term->exact ? s->folded.n : 0;

		while ((at = str_search(s->folded, term->needle, at)) < s->folded.n) {
			size_t first = word_at(s, at + 1);

			for (size_t i = first; i < first + term->words && i < s->n; i++)
				s->words[i].terms |= 1U << t;
			at += term->needle.n - 1;
		}
	}
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static enum err
push(struct ctx *c, struct search_pieces *out, struct str text, bool marked)
{
	if (text.n == 0)
		return OK;
	out->list = ctx_grow(c, out->list, out->n, sizeof(*out->list));
	if (!out->list)
		return ERR_MEMORY;
	out->list[out->n++] = (struct search_piece){text, marked};
	return OK;
}

/* Words [first, end) as pieces, with what stands between them; the text's ends belong to its ends. */
static enum err
cut(struct ctx *c, const struct sight *s, size_t first, size_t end, struct search_pieces *out)
{
	size_t at = first == 0 ? 0 : s->words[first].from;
	size_t stop = end == s->n ? s->text.n : s->words[end - 1].to;
	enum err err = first == 0 ? OK : push(c, out, S("… "), false);

	for (size_t i = first; !err && i < end; i++) {
		size_t from = s->words[i].from, to;

		if (!s->words[i].terms)
			continue;
		while (i + 1 < end && s->words[i + 1].terms)
			i++;
		to = s->words[i].to;
		err = push(c, out, str_sub(s->text, at, from), false);
		if (!err)
			err = push(c, out, str_sub(s->text, from, to), true);
		at = to;
	}
	if (!err)
		err = push(c, out, str_sub(s->text, at, stop), false);
	return err || end == s->n ? err : push(c, out, S(" …"), false);
}

enum err
search_mark(struct ctx *c, const struct search_query *q, struct str text,
	struct search_pieces *out)
{
	struct sight s = {.n = 0};
	enum err err = look(c, text, &s);

	*out = (struct search_pieces){0};
	if (err)
		return err;
	find(q, &s);
	return cut(c, &s, 0, s.n, out);
}

/* How many terms words from first on show. */
static unsigned
richness(const struct sight *s, size_t first)
{
	unsigned terms = 0, n = 0;

	for (size_t i = first; i < s->n && i < first + SEARCH_SNIPPET_WORDS - LEAD_WORDS; i++)
		terms |= s->words[i].terms;
	for (; terms; terms &= terms - 1)
		n++;
	return n;
}

/* The word at which the part begins that shows most, the first of such parts. */
static size_t
richest(const struct sight *s)
{
	size_t best = 0;
	unsigned most = 0;

	for (size_t i = 0; i < s->n; i++) {
		unsigned n = s->words[i].terms ? richness(s, i) : 0;

		if (n > most) {
			most = n;
			best = i;
		}
	}
	return best;
}

enum err
search_snippet(struct ctx *c, const struct search_query *q, struct str text,
	struct search_pieces *out)
{
	struct sight s = {.n = 0};
	size_t first, end;
	enum err err = look(c, text, &s);

	*out = (struct search_pieces){0};
	if (err)
		return err;
	if (s.n == 0)
		return push(c, out, enc_utf8_cut(s.text, PIECE_BYTES), false);
	find(q, &s);
	first = richest(&s);
	first = first > LEAD_WORDS ? first - LEAD_WORDS : 0;
	end = s.n - first > SEARCH_SNIPPET_WORDS ? first + SEARCH_SNIPPET_WORDS : s.n;
	while (end > first + 1 && s.words[end - 1].to - s.words[first].from > PIECE_BYTES)
		end--;
	if (s.words[end - 1].to - s.words[first].from > PIECE_BYTES)
		return push(c, out, enc_utf8_cut(str_sub(s.text, s.words[first].from, s.text.n),
			PIECE_BYTES), false);
	return cut(c, &s, first, end, out);
}
