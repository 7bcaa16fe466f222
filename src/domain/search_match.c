/*
 * What a match is and how good it is.
 *
 * The measure is BM25 over fields: how often a word is there, with less and less gain, more for
 * titles and tags, less in long texts; and rare words count for more than frequent ones. Both "rare"
 * and "long" are meant among the matches at hand. FTS5's own bm25() asks how many posts have each
 * word, and counts them: in a million posts a second a word.
 */
#include "domain/search_priv.h"

#include "base/enc.h"
#include "text/fold.h"

#include <math.h>
#include <stdlib.h>

enum {
	FIELD_END = '\x1f', OFTEN = 1000,
	/* What is searched of a post at most; folding may make eleven bytes of one. */
	LINE_MAX = 16 * 1024, TEXT_MAX = 256 * 1024, TAGS_MAX = 100, FOLDED_MAX = 8 * 1024 * 1024
};

static const double SATURATION = 1.2, LENGTH_SHARE = 0.5;	/* BM25's k1 and b */
static const double WEIGHT[SEARCH_FIELDS] = {
	[SEARCH_TITLE] = 6, [SEARCH_TAGS] = 3, [SEARCH_BODY] = 1,
};

/* ---- the folded text ------------------------------------------------------------------------- */

enum err
search_fold(struct ctx *c, const struct search_source *source, struct str *out)
{
	size_t tags = source->n_tags < TAGS_MAX ? source->n_tags : TAGS_MAX;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, FOLDED_MAX);
	err = fold_words(c, enc_utf8_cut(source->name, LINE_MAX), &b);
	buf_putc(&b, FIELD_END);
	for (size_t i = 0; !err && i < tags; i++)
		err = fold_words(c, source->tags[i], &b);
	buf_putc(&b, FIELD_END);
	if (!err)
		err = fold_words(c, enc_utf8_cut(source->summary, LINE_MAX), &b);
	if (!err)
		err = fold_words(c, enc_utf8_cut(source->text, TEXT_MAX), &b);
	buf_putc(&b, FIELD_END);
	for (size_t i = 0; !err && i < tags; i++)
		err = fold_name(c, SEARCH_MARK_TAG, source->tags[i], &b);
	if (!err)
		err = fold_name(c, SEARCH_MARK_TYPE, source->type, &b);
	return err ? err : buf_end(c, &b, out);
}

/* ---- matching -------------------------------------------------------------------------------- */

static bool
has(struct str text, struct str needle)
{
	return str_search(text, needle, 0) < text.n;
}

static uint16_t
times(struct str text, struct str needle)
{
	uint16_t n = 0;

	/* The space behind a word is the one before the next. */
	for (size_t at = 0; n < OFTEN; n++) {
		at = str_search(text, needle, at);
		if (at >= text.n)
			break;
		at += needle.n - 1;
	}
	return n;
}

static void
fields_of(struct str folded, struct str fields[SEARCH_FIELDS], struct str *marks)
{
	for (size_t i = 0; i < SEARCH_FIELDS; i++)
		fields[i] = str_cut(&folded, FIELD_END);
	*marks = folded;
}

bool
search_match(const struct search_query *q, struct str folded, struct search_hit *out)
{
	struct str fields[SEARCH_FIELDS], marks;

	fields_of(folded, fields, &marks);
	out->length = (uint32_t)folded.n;
	for (size_t i = 0; i < q->n; i++) {
		const struct search_term *term = &q->terms[i];
		bool found = term->exact && has(marks, term->needle);

		for (size_t f = 0; f < SEARCH_FIELDS; f++) {
			out->times[i][f] = term->exact ? 0 : times(fields[f], term->needle);
			found = found || out->times[i][f] > 0;
		}
		if (found == term->excluded)
			return false;
	}
	return true;
}

/* ---- order ----------------------------------------------------------------------------------- */

/* A term's weight: the logarithm of how rarely it stands in the matches' text. */
static void
weigh(const struct search_query *q, const struct search_hit *hits, size_t n,
	double weights[SEARCH_TERMS_MAX], double *length)
{
	double all = 0, found[SEARCH_TERMS_MAX] = {0};

	for (size_t i = 0; i < n; i++) {
		all += hits[i].length;
		for (size_t t = 0; t < q->n; t++)
			for (size_t f = 0; f < SEARCH_FIELDS; f++)
				found[t] += hits[i].times[t][f];
	}
	*length = n > 0 ? all / (double)n : 1;
	for (size_t t = 0; t < q->n; t++)
		weights[t] = found[t] > 0 ? log(1 + all / found[t]) : 0;
}

static double
score(const struct search_query *q, const struct search_hit *hit, const double *weights,
	double length)
{
	double norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * hit->length / length);
	double sum = 0;

	for (size_t t = 0; t < q->n; t++) {
		double much = 0;

		for (size_t f = 0; f < SEARCH_FIELDS; f++)
			much += WEIGHT[f] * hit->times[t][f];
		sum += weights[t] * much * (SATURATION + 1) / (much + norm);
	}
	return sum;
}

/* The newest first. */
static int
by_key(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;

	return x->key == y->key ? 0 : x->key < y->key ? 1 : -1;
}

/* Downwards by score, the newest first among equals. */
static int
by_score(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;

	if (x->score != y->score)
		return x->score < y->score ? 1 : -1;
	return by_key(a, b);
}

void
search_sort(const struct search_query *q, enum search_order order, struct search_hit *hits,
	size_t n)
{
	double weights[SEARCH_TERMS_MAX], length;

	if (n == 0)
		return;
	weigh(q, hits, n, weights, &length);
	for (size_t i = 0; i < n; i++)
		hits[i].score = order == SEARCH_BEST_FIRST
			? score(q, &hits[i], weights, length) : 0;
	qsort(hits, n, sizeof(*hits), by_score);
}
