/*
 * Slugs: the last part of a permalink, made of what the author wrote. A slug is one path segment
 * that survives being typed, mailed and logged: no punctuation, no controls, no marks of direction.
 * Letters of scripts other than Latin are kept, so that a post in Chinese has a name too;
 * permalinks percent-encode them.
 */
#include "base/enc.h"
#include "base/time.h"
#include "domain/priv.h"

enum { TEXT_WORDS = 8, TEXT_BYTES = 60, NAME_BYTES = 80, NUMBER_MAX = 1 << 30 };

/* U+00C0 to U+017F in plain letters; German readings where languages differ. */
static const char latin[][3] = {
	"a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
	"d", "n", "o", "o", "o", "o", "oe", "-", "o", "u", "u", "u", "ue", "y", "th", "ss",
	"a", "a", "a", "a", "ae", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
	"d", "n", "o", "o", "o", "o", "oe", "-", "o", "u", "u", "u", "ue", "y", "th", "y",
	"a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d",
	"d", "d", "e", "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g",
	"g", "g", "g", "g", "h", "h", "h", "h", "i", "i", "i", "i", "i", "i", "i", "i",
	"i", "i", "ij", "ij", "j", "j", "k", "k", "k", "l", "l", "l", "l", "l", "l", "l",
	"l", "l", "l", "n", "n", "n", "n", "n", "n", "n", "ng", "ng", "o", "o", "o", "o",
	"o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s",
	"s", "s", "t", "t", "t", "t", "t", "t", "u", "u", "u", "u", "u", "u", "u", "u",
	"u", "u", "u", "u", "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "s",
};
_Static_assert(sizeof(latin) / sizeof(latin[0]) == 0x180 - 0xC0, "one entry a letter");

/* Latin letters beyond: Vietnamese, Romanian, the capital sharp s. */
static const struct reading {
	unsigned first, last;
	const char *text;
} readings[] = {
	{0x1A0, 0x1A1, "o"}, {0x1AF, 0x1B0, "u"}, {0x218, 0x219, "s"}, {0x21A, 0x21B, "t"},
	{0x1E9E, 0x1E9E, "ss"}, {0x1EA0, 0x1EB7, "a"}, {0x1EB8, 0x1EC7, "e"},
	{0x1EC8, 0x1ECB, "i"}, {0x1ECC, 0x1EE3, "o"}, {0x1EE4, 0x1EF1, "u"},
	{0x1EF2, 0x1EF9, "y"},
	/* Marks that sit on a letter or steer the text, and apostrophes: they separate nothing. */
	{'\'', '\'', ""}, {0xAD, 0xAD, ""}, {0x2BC, 0x2BC, ""}, {0x300, 0x36F, ""},
	{0x200B, 0x200F, ""}, {0x2018, 0x2019, ""}, {0x202A, 0x202E, ""}, {0x2060, 0x206F, ""},
	{0xFE00, 0xFE0F, ""},
};

/* Letters, digits and vowel signs that are kept; delta makes capitals small. */
static const struct script {
	unsigned first, last, delta;
} scripts[] = {
	/* Latin, Greek, Cyrillic */
	{0x180, 0x2AF, 0},
	{0x388, 0x390, 0}, {0x391, 0x3A9, 32}, {0x3AA, 0x3F5, 0},
	{0x400, 0x40F, 80}, {0x410, 0x42F, 32}, {0x430, 0x481, 0}, {0x48A, 0x52F, 0},
	/* Armenian and the scripts that have no capitals */
	{0x531, 0x556, 48}, {0x561, 0x587, 0},
	{0x5D0, 0x5EA, 0}, {0x620, 0x669, 0}, {0x66E, 0x6D3, 0}, {0x6EE, 0x6FC, 0},
	{0x710, 0x7FF, 0}, {0x8A0, 0x963, 0}, {0x966, 0xDF3, 0}, {0xE01, 0xE4E, 0},
	{0xE50, 0xE59, 0}, {0xE80, 0xF00, 0}, {0xF20, 0xF33, 0}, {0xF40, 0x1049, 0},
	{0x1050, 0x135F, 0}, {0x1380, 0x17D3, 0}, {0x17E0, 0x17E9, 0}, {0x1820, 0x1FBC, 0},
	{0x1FC2, 0x1FFC, 0}, {0x2C00, 0x2DFF, 0},
	{0x3005, 0x3007, 0}, {0x3041, 0x3096, 0}, {0x30A1, 0x30FA, 0}, {0x30FC, 0x30FE, 0},
	{0x3105, 0x318E, 0}, {0x31A0, 0x31FF, 0}, {0x3400, 0x4DBF, 0}, {0x4E00, 0xA4CF, 0},
	{0xA500, 0xABFF, 0}, {0xAC00, 0xD7A3, 0}, {0xF900, 0xFDFB, 0}, {0xFE70, 0xFEFC, 0},
	{0xFF10, 0xFF19, 0}, {0xFF21, 0xFF3A, 32}, {0xFF41, 0xFF5A, 0}, {0xFF66, 0xFFDC, 0},
	{0x10000, 0x1CFFF, 0}, {0x1E000, 0x1EFFF, 0}, {0x20000, 0x323AF, 0},
};

/* How a character above ASCII, or an apostrophe, is written in plain letters; NULL if it is not. */
static const char *
reading_of(unsigned ch)
{
	if (ch >= 0xC0 && ch < 0x180)
		return latin[ch - 0xC0];
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++)
		if (ch >= readings[i].first && ch <= readings[i].last)
			return readings[i].text;
	return NULL;
}

/* The small letter of a script that is kept; 0 for what is no letter. */
static unsigned
letter_of(unsigned ch)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (ch >= scripts[i].first && ch <= scripts[i].last)
			return ch + scripts[i].delta;
	return 0;
}

static void
slug_put(struct buf *b, unsigned ch)
{
	const char *reading = reading_of(ch);
	unsigned letter = 0;

	if (reading && strcmp(reading, "-") != 0) {
		buf_puts(b, reading);
		return;
	}
	if (ch >= 'A' && ch <= 'Z')
		letter = ch + ('a' - 'A');
	else if ((ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9'))
		letter = ch;
	else if (!reading && ch >= 0x80)
		letter = letter_of(ch);
	if (letter)
		enc_utf8_put(b, letter);
	else if (b->n > 0 && b->p[b->n - 1] != '-')
		buf_putc(b, '-');
}

/* At most max bytes of a slug, without a hyphen at its end. */
static struct str
slug_cut(struct str slug, size_t max)
{
	slug = enc_utf8_cut(slug, max);
	while (str_ends(slug, S("-")))
		slug.n--;
	return slug;
}

/* At most so many words and bytes; a word is cut only if it is the first. */
static struct str
slug_words(struct str slug, size_t words, size_t max)
{
	size_t end = 0;

	for (size_t i = 0; i < words && end < slug.n; i++) {
		size_t next = str_find(slug, '-', end + (i > 0));

		if (next > max)
			break;
		end = next;
	}
	return end > 0 ? str_sub(slug, 0, end) : slug_cut(slug, max);
}

enum err
post_slug_make(struct ctx *c, struct str text, struct str *out)
{
	struct str slug;
	struct buf b;
	enum err err;

	/* One character adds at most four bytes to what is still below the limit. */
	buf_init(&b, &c->arena, POST_SLUG_MAX + 8);
	for (size_t at = 0; at < text.n && b.n <= POST_SLUG_MAX;)
		slug_put(&b, enc_utf8_next(text, &at));
	err = buf_end(c, &b, &slug);
	if (err != OK)
		return err;
	*out = slug_cut(slug, POST_SLUG_MAX);
	return OK;
}

static enum err
slug_of_time(struct ctx *c, const struct post_row *row, struct str *out)
{
	struct time_parts p;

	time_split(row->published, row->published_zone, &p);
	return ctx_printf(c, out, "%04d%02d%02d-%02d%02d%02d", p.year, p.month, p.day, p.hour,
		p.minute, p.second);
}

/* The slug of text, cut to so many words and bytes. */
static enum err
slug_of_text(struct ctx *c, struct str text, size_t words, size_t max, struct str *out)
{
	enum err err = post_slug_make(c, text, out);

	if (err == OK)
		*out = slug_words(*out, words, max);
	return err;
}

enum err
post_slug_wish(struct ctx *c, const struct post_draft *draft, const struct post_row *row,
	struct str *out)
{
	enum err err = post_slug_make(c, draft->slug, out);

	if (err == OK && out->n == 0)
		err = slug_of_text(c, row->name, NAME_BYTES, NAME_BYTES, out);
	if (err == OK && out->n == 0)
		err = slug_of_text(c, row->text, TEXT_WORDS, TEXT_BYTES, out);
	if (err == OK && out->n == 0)
		err = slug_of_text(c, row->summary, TEXT_WORDS, TEXT_BYTES, out);
	if (err == OK && out->n == 0)
		err = slug_of_time(c, row, out);
	return err;
}

/* The wish with a number behind it, shortened where there is no room for both. */
static enum err
slug_numbered(struct ctx *c, struct str wish, int number, struct str *out)
{
	struct str tail;
	enum err err = ctx_printf(c, &tail, "-%d", number);

	if (err != OK)
		return err;
	wish = slug_cut(wish, POST_SLUG_MAX - tail.n);
	return ctx_printf(c, out, "%.*s%.*s", STR(wish), STR(tail));
}

static enum err
number_taken(struct ctx *c, struct db *db, struct str wish, int number, int64_t id, bool *taken)
{
	struct str slug;
	enum err err = slug_numbered(c, wish, number, &slug);

	return err == OK ? post_row_slug_taken(c, db, slug, id, taken) : err;
}

/*
 * Numbers are given in order and never given back, so the first free one is found by doubling and
 * then halving: the ten-thousandth "rain" costs thirty look-ups and not ten thousand.
 */
enum err
post_slug_free(struct ctx *c, struct db *db, struct str wish, int64_t id, struct str *out)
{
	int last = 1, next = 2;
	bool taken;
	enum err err = post_row_slug_taken(c, db, wish, id, &taken);

	*out = wish;
	if (err != OK || !taken)
		return err;
	for (;; next *= 2) {
		err = number_taken(c, db, wish, next, id, &taken);
		if (err != OK)
			return err;
		if (!taken)
			break;
		if (next >= NUMBER_MAX)
			return err_raise(c, ERR_DB_CONSTRAINT, "no free slug for '%.*s'",
				STR(wish));
		last = next;
	}
	while (next - last > 1) {
		int middle = last + (next - last) / 2;

		err = number_taken(c, db, wish, middle, id, &taken);
		if (err != OK)
			return err;
		if (taken)
			last = middle;
		else
			next = middle;
	}
	return slug_numbered(c, wish, next, out);
}
