/*
 * Creates that come again because their answer was lost on the way. The client may name a create by
 * an Idempotency-Key; one that does not is known by what it sends, for a while. Either name is
 * hashed together with the token, so that no client meets another one's posts, and is looked up and
 * written in the transaction that makes the post: of two retries at once, one makes it.
 */
#include "core/config.h"
#include "core/crypto.h"
#include "domain/priv.h"

static const char separator = '\0'; /* in no text of a request */

/* A digest of texts, each with its end marked. */
static enum err
digest(struct ctx *c, const struct str *texts, size_t n, unsigned char out[CRYPTO_SHA256_BYTES])
{
	struct str all;
	struct buf b;
	size_t cap = n;
	enum err err;

	for (size_t i = 0; i < n; i++)
		cap += texts[i].n;
	buf_init(&b, &c->arena, cap);
	for (size_t i = 0; i < n; i++) {
		buf_put(&b, texts[i]);
		buf_putc(&b, separator);
	}
	err = buf_end(c, &b, &all);
	if (err == OK)
		crypto_sha256(all, out);
	return err;
}

enum err
post_retry_make(
	struct ctx *c, const struct post_draft *draft, struct str mf2, struct post_retry *out)
{
	const struct str content[] = {mf2, draft->slug, draft->channel, draft->syndicate_to,
		draft->force_draft ? S("draft") : S("")};
	struct str name[] = {S("key"), draft->client, draft->retry_key};
	int64_t window = c->cfg->micropub_retry_window / 1000000;
	enum err err;

	*out = (struct post_retry){.kept = draft->retry_key.n > 0 || window > 0,
		.keyed = draft->retry_key.n > 0};
	if (!out->kept)
		return OK;
	err = digest(c, content, sizeof(content) / sizeof(content[0]), out->row.content);
	if (draft->retry_key.n == 0) {
		name[0] = S("content");
		name[2] = str_n((const char *)out->row.content, sizeof(out->row.content));
	}
	if (err == OK)
		err = digest(c, name, sizeof(name) / sizeof(name[0]), out->row.key);
	out->row.expires = domain_now(c) + (draft->retry_key.n > 0 ? POST_RETRY_KEPT : window);
	return err;
}

enum err
post_retry_find(
	struct ctx *c, struct db *db, struct post_retry *retry, struct post_row *first, bool *found)
{
	struct retry_row stored = retry->row;
	enum err err;

	*found = false;
	if (!retry->kept)
		return OK;
	err = retry_row_find(c, db, domain_now(c), &stored, found);
	if (err != OK || !*found)
		return err;
	err = post_row_find_id(c, db, stored.post_id, first);
	if (err != OK)
		return err;
	/* Who has a key means that create; the same words again may be a second thought. */
	*found = retry->keyed || first->deleted == 0;
	if (*found && !crypto_equal(stored.content, retry->row.content, sizeof(stored.content)))
		return err_raise(c, ERR_RETRY_KEY, "the key made post '%.*s'", STR(first->slug));
	return OK;
}

enum err
post_retry_put(struct ctx *c, struct db *db, struct post_retry *retry, int64_t post_id)
{
	retry->row.post_id = post_id;
	return retry->kept ? retry_row_put(c, db, &retry->row) : OK;
}

enum err
post_retries_clean(struct ctx *c, struct db *db, int64_t *n)
{
	enum err err = db_tx_begin(c, db);

	return err == OK ? domain_tx_end(c, db, retry_row_clean(c, db, domain_now(c), n)) : err;
}
