/*
 * Which files a post shows. Their names have a shape that nothing else has, and no escape in JSON
 * touches it: it is enough to look for it in the text of the post's microformats2, wherever and
 * however deep the post mentions one.
 */
#include "domain/media.h"
#include "domain/media_file.h"

enum { NAME_MAX_BYTES = 80, LINKS_MAX = 1000 };

/* The files that a text has named so far. */
struct links {
	unsigned char digests[LINKS_MAX][CRYPTO_DIGEST_BYTES];
	size_t n;
};

/* What may be a name at the start of text. */
static struct str
name_at(struct str text)
{
	size_t n = 0;

	while (n < text.n && n < NAME_MAX_BYTES &&
		((text.p[n] >= 'a' && text.p[n] <= 'z') || (text.p[n] >= '0' && text.p[n] <= '9') ||
			text.p[n] == '/' || text.p[n] == '.' || text.p[n] == '-'))
		n++;
	/* "…/photo.jpg." at the end of a sentence */
	while (n > 0 && text.p[n - 1] == '.')
		n--;
	return str_n(text.p, n);
}

/* False for what is known: however often a text names one file, others have their place. */
static bool
is_first(struct links *l, const unsigned char digest[CRYPTO_DIGEST_BYTES])
{
	for (size_t i = 0; i < l->n; i++)
		if (memcmp(l->digests[i], digest, CRYPTO_DIGEST_BYTES) == 0)
			return false;
	memcpy(l->digests[l->n++], digest, CRYPTO_DIGEST_BYTES);
	return true;
}

enum err
media_links_clear(struct ctx *c, struct db *db, int64_t post_id)
{
	return media_row_unlink_post(c, db, post_id);
}

enum err
media_links_put(struct ctx *c, struct db *db, int64_t post_id, struct str mf2)
{
	const struct str mark = S("/media/");
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	size_t at = str_search(mf2, mark, 0);
	struct links *links = NULL;
	enum err err = OK;

	if (at < mf2.n) {
		links = ctx_alloc(c, sizeof(*links));
		err = links ? OK : ERR_MEMORY;
	}
	while (!err && at < mf2.n && links->n < LINKS_MAX) {
		at += mark.n;
		if (media_name_parse(name_at(str_sub(mf2, at, mf2.n)), digest) &&
			is_first(links, digest))
			err = media_row_link(c, db, post_id, digest);
		at = str_search(mf2, mark, at);
	}
	return err;
}
