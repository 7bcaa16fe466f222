/*
 * The words of a text, folded, so that people find what they meant: letters without case and accents
 * ("Café" is "cafe"), the wide and the narrow form, ligatures and what they are made of alike.
 *
 *	letters, digits		go together: "web2"
 *	apostrophes, dots, …	part words: "l'ami" is "l ami", "3.14" is "3 14"
 *	Chinese, Japanese,
 *	Thai and other scripts
 *	written without spaces	each character is a word, so that any part of a text is found
 *	emoji and signs like ©	each is a word
 *
 * Marks that change a letter's sound without making it another one (accents, Arabic vowels) are left
 * out; the vowel signs of Indian scripts stay. What is folded has the small letters and digits of
 * ASCII, characters beyond it, and single spaces, and nothing else.
 */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "base/buf.h"

enum {
	FOLD_WORD_MAX = 96,		/* bytes of a folded word; what is longer is cut */
	FOLD_RULES = 1	/* changes with the rules above: what was folded before is void then */
};

struct fold_word {
	struct str fold;	/* until the next one is asked for */
	size_t from, to;	/* the bytes of the text that it was made of */
};

struct fold {
	struct str text;
	size_t at;
	char fold[FOLD_WORD_MAX];
	size_t n;
};

/* A walk over a text in normal form C (text/unicode.h); malformed bytes part words. */
void fold_init(struct fold *w, struct str text);

/* False: there is no further word. */
bool fold_next(struct fold *w, struct fold_word *out);

/*
 * Appends the words of a text, in normal form or not, with a space before the first and behind each:
 * " cafe au lait "; nothing if there are none.
 */
MUST enum err fold_words(struct ctx *c, struct str text, struct buf *b);

/*
 * Appends a name as one word, " mark+name ", which no text has in it, because it begins with a mark from U+F100
 * on. All of the name counts: "c", "c++" and "c#" are three.
 */
MUST enum err fold_name(struct ctx *c, unsigned mark, struct str name, struct buf *b);

#endif
