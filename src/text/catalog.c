/*
 * The file has two tables of (length, offset), one of the originals, in the order of their bytes,
 * and one of the translations. An original may have a context before it, behind which is a byte 4,
 * and its plural behind it, behind a NUL; its translation is then as many texts as the language has
 * forms. The original that is empty is the catalogue's head.
 */
#include "text/catalog.h"

#include "base/enc.h"
#include "base/mem.h"
#include "text/catalog_priv.h"
#include "text/plural.h"
#include "text/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FILE_MAX = 4 * 1024 * 1024, TEXTS_MAX = 20000, HEAD = 28, TAG_MAX = 35 };

static const uint32_t magic = 0x950412de;

struct catalog {
	struct str bytes; /* behind the struct */
	size_t n;
	size_t ids, translations; /* where the tables begin */
	bool turned;              /* written on a machine of the other byte order */
	struct plural plural;
	char language[TAG_MAX + 1];
};

/* ---- the file ------------------------------------------------------------------------------ */

static uint32_t
word(const struct catalog *k, size_t at)
{
	const unsigned char *p = (const unsigned char *)k->bytes.p + at;

	return k->turned ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
			 : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static struct str
text_at(const struct catalog *k, size_t table, size_t i)
{
	size_t row = table + 8 * i;

	return str_n(k->bytes.p + word(k, row + 4), word(k, row));
}

/* Whether the text lies in the file and ends with a NUL. */
static bool
inside(const struct catalog *k, size_t table, size_t i)
{
	size_t row = table + 8 * i, n = word(k, row), at = word(k, row + 4);

	return n < k->bytes.n && at < k->bytes.n - n && k->bytes.p[at + n] == '\0';
}

/* A table of n rows that lies in the file. */
static bool
table_good(const struct catalog *k, size_t at)
{
	return at >= HEAD && at <= k->bytes.n && k->n <= (k->bytes.n - at) / 8;
}

/* Every form of the translation against the original, or against its plural. */
static bool
forms_fit(const struct catalog *k, struct str id, struct str translation)
{
	struct str plural = id, one = str_cut(&plural, '\0');
	unsigned forms = 0;

	if (!plural.p)
		return translation.n == strlen(translation.p) &&
		       catalog_format_fits(one.p, translation.p);
	while (translation.p) {
		struct str form = str_cut(&translation, '\0');

		if (!catalog_format_fits(plural.p, form.p))
			return false;
		forms++;
	}
	return forms == k->plural.forms;
}

static const char *
text_judge(const struct catalog *k, size_t i)
{
	struct str id, translation;

	if (!inside(k, k->ids, i) || !inside(k, k->translations, i))
		return "a text lies outside";
	id = text_at(k, k->ids, i);
	translation = text_at(k, k->translations, i);
	if (!enc_utf8_valid(id) || !enc_utf8_valid(translation))
		return "a text is not UTF-8";
	if (i > 0 && strcmp(text_at(k, k->ids, i - 1).p, id.p) >= 0)
		return "the texts are not in order";
	if (i > 0 && !forms_fit(k, id, translation))
		return "a translation does not take what its original takes";
	return NULL;
}

/* The line of the catalogue's head that begins with name. */
static struct str
head_line(struct str head, struct str name)
{
	while (head.p) {
		struct str line = str_cut(&head, '\n');

		if (str_starts(line, name))
			return str_trim(str_sub(line, name.n, line.n));
	}
	return S("");
}

static const char *
catalog_judge(struct catalog *k)
{
	struct str head;

	if (k->bytes.n < HEAD)
		return "too short";
	k->turned = word(k, 0) != magic;
	if (word(k, 0) != magic || word(k, 4) >> 16 > 1)
		return "no catalogue";
	k->n = word(k, 8);
	k->ids = word(k, 12);
	k->translations = word(k, 16);
	if (k->n == 0 || k->n > TEXTS_MAX || !table_good(k, k->ids) ||
		!table_good(k, k->translations))
		return "its tables lie outside";
	if (!inside(k, k->ids, 0) || !inside(k, k->translations, 0) || text_at(k, k->ids, 0).n > 0)
		return "it has no head";
	head = text_at(k, k->translations, 0);
	if (!plural_parse(head_line(head, S("Plural-Forms:")), &k->plural))
		return "its Plural-Forms are none";
	for (size_t i = 0; i < k->n; i++) {
		const char *problem = text_judge(k, i);

		if (problem)
			return problem;
	}
	return NULL;
}

enum err
catalog_parse(struct ctx *c, const char *path, struct str bytes, struct catalog **out)
{
	struct catalog *k;
	const char *problem;
	char *copy;

	if (bytes.n > FILE_MAX)
		return err_raise(c, ERR_TEMPLATE, "%s: larger than %d bytes", path, FILE_MAX);
	k = mem_alloc(sizeof(*k) + bytes.n + 1);
	if (!k)
		return err_memory(c);
	copy = (char *)(k + 1);
	if (bytes.n > 0)
		memcpy(copy, bytes.p, bytes.n);
	copy[bytes.n] = '\0';
	*k = (struct catalog){.bytes = str_n(copy, bytes.n)};
	problem = catalog_judge(k);
	if (problem) {
		catalog_free(k);
		return err_raise(c, ERR_TEMPLATE, "%s: %s", path, problem);
	}
	*out = k;
	return OK;
}

void
catalog_free(struct catalog *k)
{
	mem_free(k);
}

/* ---- which file ---------------------------------------------------------------------------- */

/* The tag in small letters; false for what is none. */
static bool
tag_copy(const char *language, char out[TAG_MAX + 1])
{
	size_t n = strlen(language);

	if (n == 0 || n > TAG_MAX)
		return false;
	for (size_t i = 0; i <= n; i++) {
		char ch = language[i];
		char small = ch >= 'A' && ch <= 'Z' ? (char)(ch + ('a' - 'A')) : ch;

		if (i < n && small != '-' && !(small >= 'a' && small <= 'z') &&
			!(small >= '0' && small <= '9'))
			return false;
		out[i] = small;
	}
	return true;
}

/* "zh-hant-tw" -> "zh-hant" -> "zh"; a single letter goes with what it introduces. */
static bool
tag_shorten(char *tag)
{
	char *dash = strrchr(tag, '-');

	if (!dash)
		return false;
	*dash = '\0';
	if (dash - tag >= 2 && dash[-2] == '-')
		dash[-2] = '\0';
	return true;
}

static enum err
file_parse(struct ctx *c, const char *path, int fd, struct catalog **out)
{
	struct str bytes;
	enum err err = text_file_read(c, &c->arena, fd, path, FILE_MAX, &bytes);

	(void)close(fd);
	if (!err)
		err = catalog_parse(c, path, bytes, out);
	return err;
}

enum err
catalog_load(struct ctx *c, const char *dir, const char *language, struct catalog **out)
{
	char tag[TAG_MAX + 1];
	struct str path;
	int fd = -1;
	enum err err = OK;

	*out = NULL;
	if (!tag_copy(language, tag))
		return err_raise(c, ERR_NOT_FOUND, "'%s' names no language", language);
	do {
		if (strcmp(tag, "en") == 0)
			return OK;
		err = ctx_printf(c, &path, "%s/%s/LC_MESSAGES/starpunk.mo", dir, tag);
		if (err)
			return err;
		fd = open(path.p, O_RDONLY | O_CLOEXEC);
	} while (fd < 0 && errno == ENOENT && tag_shorten(tag));
	if (fd < 0)
		return err_raise(c, ERR_NOT_FOUND, "%s: %s", path.p, strerror(errno));
	err = file_parse(c, path.p, fd, out);
	if (!err)
		memcpy((*out)->language, tag, sizeof(tag));
	return err;
}

const char *
catalog_language(const struct catalog *k)
{
	return k->language;
}

/* ---- texts --------------------------------------------------------------------------------- */

/* Compares context, byte 4 and id with the original s as strcmp() does. */
static int
compare(struct str context, struct str id, const char *s)
{
	int d = context.n > 0 ? strncmp(context.p, s, context.n) : 0;

	if (context.n > 0 && d == 0) {
		s += context.n;
		d = '\4' - (unsigned char)*s++;
	}
	if (d == 0)
		d = strncmp(id.p, s, id.n);
	return d == 0 && s[id.n] ? -1 : d;
}

/* The place of an original; k->n for none. */
static size_t
search(const struct catalog *k, struct str context, struct str id)
{
	size_t from = 1, to = k->n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int d = compare(context, id, text_at(k, k->ids, middle).p);

		if (d == 0)
			return middle;
		if (d < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return k->n;
}

const char *
catalog_find(const struct catalog *k, struct str context, struct str id)
{
	size_t i = id.n > 0 ? search(k, context, id) : k->n;

	return i < k->n ? text_at(k, k->translations, i).p : NULL;
}

const char *
catalog_find_form(const struct catalog *k, struct str id, unsigned long long n)
{
	size_t i = id.n > 0 ? search(k, S(""), id) : k->n;
	struct str rest;

	if (i == k->n || text_at(k, k->ids, i).n == id.n)
		return NULL;
	rest = text_at(k, k->translations, i);
	for (unsigned form = plural_form(&k->plural, n); form > 0; form--)
		(void)str_cut(&rest, '\0');
	return rest.p;
}

bool
catalog_each(const struct catalog *k, size_t i, struct str *id, struct str *translation)
{
	if (i >= k->n)
		return false;
	*id = text_at(k, k->ids, i);
	*translation = text_at(k, k->translations, i);
	return true;
}
