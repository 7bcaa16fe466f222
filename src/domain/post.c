/*
 * Creating posts and reading them as a visitor may. A post is built before the write transaction
 * begins, so that other writers wait for the insert only and not for Markdown; the slug is chosen
 * inside it, so that two clients can never be given the same one.
 */
#include "domain/post.h"

#include "core/log.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "store/auth.h"

/* {"type":["h-entry"],"properties":{…}}: what was sent, complete. */
static enum err
mf2_make(struct ctx *c, const struct post_draft *draft, struct str *out)
{
	struct json *mf2, *type;
	struct str name;
	enum err err;

	err = ctx_printf(c, &name, "h-%.*s", STR(draft->kind));
	if (err == OK)
		err = json_object(c, &mf2);
	if (err == OK)
		err = json_array(c, &type);
	if (err == OK)
		err = json_push_str(c, type, name);
	if (err == OK)
		err = json_set(c, mf2, S("type"), type);
	if (err == OK)
		err = json_set(c, mf2, S("properties"), draft->properties);
	if (err == OK)
		err = json_write(c, mf2, out);
	if (err == OK && out->n > JSON_MAX_BYTES)
		return err_raise(c, ERR_BODY_TOO_LARGE, "%zu bytes of properties", out->n);
	return err;
}

enum err
post_build(struct ctx *c, const struct post_draft *draft, struct post_row *row)
{
	enum err err;

	*row = (struct post_row){.client = draft->client};
	err = post_check(c, draft->properties);
	if (err == OK)
		err = post_check_state(c, draft, row);
	if (err == OK)
		err = post_render(c, draft, row);
	if (err == OK)
		err = post_check_shown(c, draft->properties, row);
	if (err == OK)
		err = mf2_make(c, draft, &row->mf2);
	return err;
}

enum err
post_insert(struct ctx *c, struct db *db, const struct post_draft *draft, struct post_row *row)
{
	struct str wish;
	enum err err = post_slug_wish(c, draft, row, &wish);

	if (err != OK)
		return err;
	err = post_slug_free(c, db, wish, &row->slug);
	if (err != OK)
		return err;
	err = site_permalink_path(c, row->slug, &row->uid);
	if (err != OK)
		return err;
	return post_row_insert(c, db, row);
}

/*
 * Insert, note the token's use, commit; or nothing of it. The commit is the last thing that can
 * fail: who gets an error may send the post again.
 */
static enum err
post_store(struct ctx *c, struct db *db, const struct post_draft *draft, struct post_row *row,
	struct str *permalink)
{
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = post_insert(c, db, draft, row);
	if (err == OK && draft->client.n > 0)
		err = token_row_touch(c, db, draft->client, domain_now(c));
	if (err == OK)
		err = site_permalink(c, row->slug, permalink);
	return domain_tx_end(c, db, err);
}

enum err
post_create(struct ctx *c, struct db *db, const struct post_draft *draft, struct str *permalink)
{
	struct post_row row;
	enum err err = post_build(c, draft, &row);

	if (err != OK)
		return err;
	err = post_store(c, db, draft, &row, permalink);
	if (err == OK)
		log_event(c, post_created, .slug = row.slug, .type = row.type,
			.client = row.client);
	return err;
}

enum err
post_find_public(struct ctx *c, struct db *db, struct str slug, struct post_row *out)
{
	enum err err = post_row_find(c, db, slug, out);

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
	enum err err = post_row_find(c, db, slug, out);

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
