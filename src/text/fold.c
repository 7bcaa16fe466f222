/*
 * Folding by libunistring, character by character, so that each word knows where in the text it
 * stands. ASCII, most of what is written, needs none of it.
 */
#include "text/fold.h"

#include "base/enc.h"
#include "text/unicode.h"

#include <unicase.h>
#include <uninorm.h>
#include <unictype.h>
#include <unistr.h>

enum {
	FOLDED_MAX = 32,	/* characters that one becomes: at most 18 (U+FDFA) */
	NAME_SIGNS = 0xF000	/* of names: stands for a sign of ASCII, none of which is in a word */
};

enum kind {
	PARTS,	/* is not of a word */
	JOINS,	/* is of a word, with its neighbours */
	ALONE,	/* is a word */
	DROPS	/* is not seen, wherever it stands */
};

/* Scripts that are written without spaces; Hangul is not one of them. */
static bool
is_unspaced(ucs4_t u)
{
	static const struct {
		ucs4_t from, to;
	} ranges[] = {
		{0x0E00, 0x0EFF},	/* Thai, Lao */
		{0x1000, 0x109F},	/* Myanmar */
		{0x1780, 0x17FF},	/* Khmer */
		{0x2E80, 0x30FF},	/* radicals, Hiragana, Katakana */
		{0x3400, 0x9FFF},	/* Chinese characters */
		{0xF900, 0xFAFF},
		{0xFF66, 0xFF9F},	/* narrow Katakana */
		{0x20000, 0x3FFFF},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (u >= ranges[i].from && u <= ranges[i].to)
			return true;
	return false;
}

/* A mark that is written on a letter and does not make it another one. */
static bool
is_accent(ucs4_t u)
{
	return uc_is_general_category_withtable(u, UC_CATEGORY_MASK_M) && uc_combining_class(u) != 0;
}

static enum kind
kind_of(ucs4_t u)
{
	if (u < 0x80)
		return (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z')
			? JOINS : PARTS;
	if (u == 0xFFFD) /* what was malformed */
		return PARTS;
	if (uc_is_property_default_ignorable_code_point(u) || is_accent(u))
		return DROPS;
	if (uc_is_general_category_withtable(u, UC_CATEGORY_MASK_So))
		return ALONE;
	if (!uc_is_general_category_withtable(
		    u, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N | UC_CATEGORY_MASK_M))
		return PARTS;
	return is_unspaced(u) && !uc_is_general_category_withtable(u, UC_CATEGORY_MASK_N)
		? ALONE : JOINS;
}

/* Letters that have no parts for Unicode but are typed without their strokes; NULL: not one. */
static const char *
plain_of(ucs4_t u)
{
	switch (u) {
	case 0x00DF: return "ss";	/* ß */
	case 0x00E6: return "ae";	/* æ */
	case 0x00F0: return "d";	/* ð */
	case 0x00F8: return "o";	/* ø */
	case 0x00FE: return "th";	/* þ */
	case 0x0111: return "d";	/* đ */
	case 0x0127: return "h";	/* ħ */
	case 0x0131: return "i";	/* ı */
	case 0x0142: return "l";	/* ł */
	case 0x0153: return "oe";	/* œ */
	case 0x0167: return "t";	/* ŧ */
	case 0x03C2: return "σ";	/* ς, at the end of words */
	default: return NULL;
	}
}

/* Appends while there is room: what is cut is cut between characters. */
static void
put(struct fold *w, const char *p, size_t n)
{
	if (n > FOLD_WORD_MAX - w->n)
		return;
	memcpy(w->fold + w->n, p, n);
	w->n += n;
}

static void
put_character(struct fold *w, ucs4_t u)
{
	const char *plain = plain_of(u);
	uint8_t room[6];
	int n;

	if (plain) {
		put(w, plain, strlen(plain));
		return;
	}
	n = u8_uctomb(room, u, sizeof(room));
	if (n > 0)
		put(w, (const char *)room, (size_t)n);
}

static void
fold_character(struct fold *w, ucs4_t u)
{
	ucs4_t made[FOLDED_MAX];
	size_t n = FOLDED_MAX;

	if (u < 0x80) {
		char ch = (char)(u >= 'A' && u <= 'Z' ? u - 'A' + 'a' : u);

		put(w, &ch, 1);
		return;
	}
	/* Syllables of Hangul are made of letters; nobody types, or looks for, half of one. Kana keep
	   their dots, which make them others. */
	if ((u >= 0xAC00 && u <= 0xD7A3) || (u >= 0x3040 && u <= 0x30FF) ||
		u32_normalize(UNINORM_NFKD, &u, 1, made, &n) != made) {
		put_character(w, u);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		enum kind kind = kind_of(made[i]);

		if (kind == JOINS || kind == ALONE)
			put_character(w, uc_tolower(made[i]));
	}
}

void
fold_init(struct fold *w, struct str text)
{
	w->text = text;
	w->at = 0;
	w->n = 0;
}

bool
fold_next(struct fold *w, struct fold_word *out)
{
	bool alone = false;

	w->n = 0;
	while (w->at < w->text.n) {
		size_t from = w->at, to = from;
		ucs4_t u = enc_utf8_next(w->text, &to);
		enum kind kind = kind_of(u);

		if (w->n > 0 && (kind == PARTS || kind == ALONE || (alone && kind != DROPS)))
			break;
		w->at = to;
		if (kind == PARTS || (kind == DROPS && w->n == 0))
			continue;
		if (w->n == 0)
			out->from = from;
		if (kind != DROPS)
			fold_character(w, u);
		alone = kind == ALONE;
		out->to = to;
	}
	out->fold = str_n(w->fold, w->n);
	return w->n > 0;
}

static enum err
normal(struct ctx *c, struct str *text)
{
	size_t i = 0;

	while (i < text->n && (unsigned char)text->p[i] < 0x80)
		i++;
	return i < text->n && enc_utf8_valid(*text) ? unicode_nfc(c, *text, text) : OK;
}

enum err
fold_words(struct ctx *c, struct str text, struct buf *b)
{
	bool first = true;
	struct fold w;
	struct fold_word word;
	enum err err = normal(c, &text);

	if (err)
		return err;
	fold_init(&w, text);
	while (fold_next(&w, &word)) {
		if (first)
			buf_putc(b, ' ');
		first = false;
		buf_put(b, word.fold);
		buf_putc(b, ' ');
	}
	return OK;
}

enum err
fold_name(struct ctx *c, unsigned mark, struct str name, struct buf *b)
{
	struct fold w;
	enum err err;

	name = str_trim(name);
	err = normal(c, &name);
	if (err)
		return err;
	buf_putc(b, ' ');
	enc_utf8_put(b, mark);
	for (size_t at = 0; at < name.n;) {
		ucs4_t u = enc_utf8_next(name, &at);
		enum kind kind = kind_of(u);

		fold_init(&w, name);
		if (kind == JOINS || kind == ALONE) {
			fold_character(&w, u);
			buf_put(b, str_n(w.fold, w.n));
		} else if (kind == PARTS) {
			enc_utf8_put(b, NAME_SIGNS + (u < 0x80 ? u : ' '));
		}
	}
	buf_putc(b, ' ');
	return OK;
}
