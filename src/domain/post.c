/*
 * Creating posts and reading them as a visitor may. A post is built before the write transaction
 * begins, so that other writers wait for the insert only and not for Markdown; the slug is chosen
 * inside it, so that two clients can never be given the same one.
 */
#include "domain/post.h"

#include "core/crypto.h"
#include "core/log.h"
#include "domain/media.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "store/auth.h"
#include "store/post_list.h"
#include "store/redirect.h"

enum err
post_mf2_make(struct ctx *c, const struct json *type, const struct json *properties,
	struct str *out)
{
	const struct json *again;
	struct json *mf2;
	enum err err = json_object(c, &mf2);

	if (err == OK)
		err = json_set(c, mf2, S("type"), type);
	if (err == OK)
		err = json_set(c, mf2, S("properties"), properties);
	if (err == OK)
		err = json_write(c, mf2, out);
	if (err != OK)
		return err;
	if (out->n > JSON_MAX_BYTES)
		return err_raise(c, ERR_BODY_TOO_LARGE, "%zu bytes of properties", out->n);
	return json_parse(c, *out, &again);
}

/* What was sent, complete. */
static enum err
draft_mf2(struct ctx *c, const struct post_draft *draft, struct str *out)
{
	struct json *type;
	struct str name;
	enum err err;

	err = ctx_printf(c, &name, "h-%.*s", STR(draft->kind));
	if (err == OK)
		err = json_array(c, &type);
	if (err == OK)
		err = json_push_str(c, type, name);
	return err == OK ? post_mf2_make(c, type, draft->properties, out) : err;
}

enum err
post_build(struct ctx *c, const struct post_draft *draft, struct post_row *row)
{
	enum err err;

	*row = (struct post_row){.client = draft->client,
		.channel = draft->channel,
		.syndicate_to = draft->syndicate_to};
	err = post_check(c, draft->properties);
	if (err == OK)
		err = post_check_state(c, draft, row);
	if (err == OK)
		err = post_render(c, draft, row);
	if (err == OK)
		err = post_check_shown(c, draft->properties, row);
	if (err == OK)
		err = draft_mf2(c, draft, &row->mf2);
	return err;
}

/* The one place at which a post is written; what hangs on it belongs here, behind its row. */
enum err
post_put(struct ctx *c, struct db *db, const struct post_draft *draft, struct post_row *row)
{
	bool new = row->id == 0;
	enum err err = new ? post_row_insert(c, db, row) : post_row_update(c, db, row);

	if (err == OK && !new)
		err = media_links_clear(c, db, row->id);
	if (err == OK)
		err = media_links_put(c, db, row->id, row->mf2);
	if (err == OK && draft->client.n > 0)
		err = token_row_touch(c, db, draft->client, domain_now(c));
	return err;
}

enum err
post_insert(struct ctx *c, struct db *db, const struct post_draft *draft, struct post_row *row)
{
	struct str wish;
	enum err err = post_slug_wish(c, draft, row, &wish);

	if (err != OK)
		return err;
	err = post_slug_free(c, db, wish, 0, &row->slug);
	if (err != OK)
		return err;
	err = site_permalink_path(c, row->slug, &row->uid);
	return err == OK ? post_put(c, db, draft, row) : err;
}

enum err
post_result_fill(struct ctx *c, const struct post_row *row, bool moved, struct post_result *out)
{
	enum err err = site_permalink(c, row->slug, &out->permalink);

	out->moved = moved;
	return err == OK ? post_version(c, row, &out->version) : err;
}

/* Inside the transaction. A create that was here before leaves its post in *row. */
static enum err
store_run(struct ctx *c, struct db *db, const struct post_draft *draft, struct post_retry *retry,
	struct post_row *row, bool *repeated)
{
	struct post_row first;
	enum err err = post_retry_find(c, db, retry, &first, repeated);

	if (err == OK && *repeated)
		*row = first;
	if (err != OK || *repeated)
		return err;
	err = media_put(c, db, draft->files, draft->n_files, draft->client);
	if (err == OK)
		err = post_insert(c, db, draft, row);
	return err == OK ? post_retry_put(c, db, retry, row->id) : err;
}

/*
 * Store its files, insert, note the token's use and what a retry needs, commit; or nothing of it.
 * The commit is the last thing that can fail: who gets an error may send the post again.
 */
static enum err
post_store(struct ctx *c, struct db *db, const struct post_draft *draft, struct post_row *row,
	struct post_result *out, bool *repeated)
{
	struct post_retry retry;
	enum err err = post_retry_make(c, draft, row->mf2, &retry);

	if (err == OK)
		err = media_sync(c, draft->files, draft->n_files);
	if (err == OK)
		err = db_tx_begin(c, db);
	if (err != OK)
		return err;
	err = store_run(c, db, draft, &retry, row, repeated);
	if (err == OK)
		err = post_result_fill(c, row, true, out);
	return media_tx_end(c, db, draft->files, draft->n_files, err);
}

enum err
post_create(struct ctx *c, struct db *db, const struct post_draft *draft, struct post_result *out)
{
	bool repeated = false;
	struct post_row row;
	enum err err = post_build(c, draft, &row);

	if (err != OK)
		return err;
	err = post_store(c, db, draft, &row, out, &repeated);
	if (err == OK && repeated)
		log_event(c, post_repeated, .slug = row.slug, .client = draft->client);
	else if (err == OK)
		log_event(c, post_created, .slug = row.slug, .type = row.type,
			.client = row.client);
	return err;
}

enum err
post_version(struct ctx *c, const struct post_row *row, struct str *out)
{
	return ctx_printf(c, out, "v%lld-%016llx", (long long)row->version,
		(unsigned long long)crypto_digest64(row->uid));
}

int64_t
post_changed(const struct ctx *c, const struct post_row *row)
{
	int64_t changed = row->published <= domain_now(c) ? row->published : 0;

	if (row->updated > 0)
		changed = row->updated;
	return row->deleted > changed ? row->deleted : changed;
}

enum err
post_find_slug(struct ctx *c, struct db *db, struct str slug, struct post_row *out)
{
	int64_t id = 0;
	enum err err = post_row_find(c, db, slug, out);

	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	err = redirect_row_find(c, db, slug, &id);
	if (err != OK)
		return err;
	if (id == 0)
		return err_raise(c, ERR_NOT_FOUND, "post '%.*s'", STR(slug));
	return post_row_find_id(c, db, id, out);
}

enum err
post_find_url(struct ctx *c, struct db *db, struct str url, struct post_row *out)
{
	struct str slug;
	enum err err = site_permalink_parse(c, url, &slug);

	if (err != OK)
		return err;
	err = post_find_slug(c, db, slug, out);
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return err_raise(c, ERR_MICROPUB_URL, "no post '%.*s'", STR(slug));
}

enum err
post_find_public(struct ctx *c, struct db *db, struct str slug, struct post_row *out)
{
	enum err err = post_find_slug(c, db, slug, out);

	if (err != OK)
		return err;
	if (out->status != POST_PUBLISHED || out->visibility == POST_PRIVATE)
		return err_raise(c, ERR_NOT_FOUND, "post '%.*s' is not public", STR(slug));
	if (out->deleted != 0)
		return err_raise(c, ERR_GONE, "post '%.*s' is deleted", STR(slug));
	return OK;
}

enum err
post_find_own(struct ctx *c, struct db *db, struct str slug, struct post_row *out)
{
	enum err err = post_find_slug(c, db, slug, out);

	if (err == OK && out->deleted != 0)
		return err_raise(c, ERR_GONE, "post '%.*s' is deleted", STR(slug));
	return err;
}

/* Inside a transaction. What is due is read again: it may have changed since the look outside. */
static enum err
due_publish(struct ctx *c, struct db *db, struct post_list *due, int64_t *next)
{
	enum err err = post_row_due(c, db, domain_now(c), due, next);

	for (size_t i = 0; err == OK && i < due->n; i++)
		err = post_row_publish(c, db, due->rows[i].id);
	return err;
}

enum err
post_publish_due(struct ctx *c, struct db *db, int64_t *n, int64_t *next)
{
	struct post_list due;
	enum err err = post_row_due(c, db, domain_now(c), &due, next);

	*n = 0;
	if (err != OK || due.n == 0)
		return err;
	err = db_tx_begin(c, db);
	if (err != OK)
		return err;
	err = domain_tx_end(c, db, due_publish(c, db, &due, next));
	if (err != OK)
		return err;
	*n = (int64_t)due.n;
	for (size_t i = 0; i < due.n; i++)
		log_event(c, courier_published, .slug = due.rows[i].slug);
	return OK;
}
