/*
 * Changing posts. Everything happens inside the write transaction, Markdown included, unlike in a
 * create: what is made depends on the row, and a row that was read before the lock was taken may be
 * another one's work by now. To build first and look at the version afterwards would spare other
 * writers a few milliseconds and cost a loop; one person's site does not need it.
 */
#include "domain/post_update.h"

#include "core/log.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "store/redirect.h"

/* ---- what all changes have in common --------------------------------------------------------- */

static enum err
condition_check(struct ctx *c, const struct post_target *target, const struct post_row *row)
{
	const struct post_condition *condition = target->condition;
	struct str version;
	enum err err;

	if (!condition)
		return OK;
	err = post_version(c, row, &version);
	if (err == OK && !condition->holds(condition->self, version, post_changed(c, row)))
		return err_raise(c, ERR_PRECONDITION, "post '%.*s' is at %.*s", STR(row->slug),
			STR(version));
	return err;
}

/* ---- update ---------------------------------------------------------------------------------- */

/*
 * The slug that was wished for, or the nearest free one. What was the post's own before becomes its
 * present one again; the slug that it loses is kept for redirects.
 */
static enum err
slug_change(struct ctx *c, struct db *db, struct str wish, struct post_row *row)
{
	struct str slug, old = row->slug;
	enum err err = post_slug_make(c, wish, &slug);

	if (err != OK || slug.n == 0 || str_eq(slug, old))
		return err;
	err = post_slug_free(c, db, slug, row->id, &slug);
	if (err != OK || str_eq(slug, old))
		return err;
	err = redirect_row_delete(c, db, slug);
	if (err == OK)
		err = redirect_row_insert(c, db, old, row->id, domain_now(c));
	row->slug = slug;
	return err;
}

static enum err
commands_apply(struct ctx *c, const struct post_update *update, struct post_row *row)
{
	struct str rest = update->syndicate_to;
	enum err err = OK;

	if (update->channel.p)
		row->channel = update->channel;
	if (update->syndicate_anew)
		row->syndicate_to = (struct str){0};
	while (err == OK && rest.n > 0)
		err = post_uids_add(
			c, row->syndicate_to, str_cut(&rest, '\x1f'), &row->syndicate_to);
	return err;
}

/* All in the row that follows from the properties, made anew. *draft: what it is made of. */
static enum err
row_rebuild(struct ctx *c, const struct post_update *update, struct post_draft *draft,
	struct post_row *row)
{
	const struct json *mf2, *type;
	struct json *properties;
	struct str name;
	enum err err = json_parse(c, row->mf2, &mf2);

	if (err == OK)
		err = post_edit(c, json_find(mf2, S("properties")), update, &properties);
	if (err != OK)
		return err;
	type = json_find(mf2, S("type"));
	name = json_str(json_at(type, 0));
	draft->kind = str_sub(name, 2, name.n);
	draft->properties = properties;
	row->n_tags = 0;
	row->rich = false;
	err = post_check(c, properties);
	if (err == OK)
		err = post_check_change(c, update, properties, row);
	if (err == OK)
		err = post_render(c, draft, row);
	if (err == OK)
		err = post_check_shown(c, properties, row);
	return err == OK ? post_mf2_make(c, type, properties, &row->mf2) : err;
}

static enum err
drafts_check(struct ctx *c, const struct post_target *target, const struct post_row *row)
{
	if (target->drafts_only && row->status != POST_DRAFT)
		return err_raise_hint(c, ERR_SCOPE, "update");
	return OK;
}

static enum err
update_apply(struct ctx *c, struct db *db, const struct post_target *target,
	const struct post_update *update, struct post_row *row)
{
	struct post_draft draft = {.client = target->client};
	enum err err = row_rebuild(c, update, &draft, row);

	if (err == OK)
		err = drafts_check(c, target, row);
	if (err == OK)
		err = commands_apply(c, update, row);
	if (err == OK && update->slug.n > 0)
		err = slug_change(c, db, update->slug, row);
	row->updated = domain_now(c);
	return err == OK ? post_put(c, db, &draft, row) : err;
}

/* Inside the transaction. *was: the slug before. */
static enum err
update_run(struct ctx *c, struct db *db, const struct post_target *target,
	const struct post_update *update, struct post_row *row, struct str *was)
{
	enum err err = post_find_url(c, db, target->url, row);

	if (err != OK)
		return err;
	if (row->deleted != 0)
		return err_raise(c, ERR_MICROPUB_URL, "post '%.*s' is deleted", STR(row->slug));
	*was = row->slug;
	err = drafts_check(c, target, row);
	if (err == OK)
		err = condition_check(c, target, row);
	return err == OK ? update_apply(c, db, target, update, row) : err;
}

enum err
post_update(struct ctx *c, struct db *db, const struct post_target *target,
	const struct post_update *update, struct post_result *out)
{
	struct str was = {0};
	struct post_row row;
	bool moved = false;
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = update_run(c, db, target, update, &row, &was);
	if (err == OK) {
		moved = !str_eq(was, row.slug);
		err = post_result_fill(c, &row, moved, out);
	}
	err = domain_tx_end(c, db, err);
	if (err == OK)
		log_event(c, post_updated, .slug = row.slug, .was = moved ? was : S(""),
			.version = row.version, .client = target->client);
	return err;
}

enum err
post_update_preview(struct ctx *c, const struct post_update *update, struct post_row *row)
{
	struct post_draft draft = {0};

	return row_rebuild(c, update, &draft, row);
}

/* ---- delete and undelete --------------------------------------------------------------------- */

/* Inside the transaction. deleted: when, or 0 to bring it back. *changed: it was not so before. */
static enum err
deleted_set(struct ctx *c, struct db *db, const struct post_target *target, int64_t deleted,
	struct post_row *row, bool *changed)
{
	const struct post_draft draft = {.client = target->client};
	enum err err = post_find_url(c, db, target->url, row);

	*changed = false;
	if (err != OK || (row->deleted != 0) == (deleted != 0))
		return err;
	err = condition_check(c, target, row);
	if (err != OK)
		return err;
	*changed = true;
	row->deleted = deleted;
	return post_put(c, db, &draft, row);
}

static enum err
deleted_change(struct ctx *c, struct db *db, const struct post_target *target, int64_t deleted,
	struct post_result *out)
{
	struct post_row row;
	bool changed;
	enum err err = db_tx_begin(c, db);

	if (err != OK)
		return err;
	err = deleted_set(c, db, target, deleted, &row, &changed);
	if (err == OK)
		err = post_result_fill(c, &row, false, out);
	err = domain_tx_end(c, db, err);
	if (err != OK || !changed)
		return err;
	if (deleted)
		log_event(c, post_deleted, .slug = row.slug, .client = target->client);
	else
		log_event(c, post_restored, .slug = row.slug, .client = target->client);
	return OK;
}

enum err
post_delete(struct ctx *c, struct db *db, const struct post_target *target, struct post_result *out)
{
	return deleted_change(c, db, target, domain_now(c), out);
}

enum err
post_undelete(
	struct ctx *c, struct db *db, const struct post_target *target, struct post_result *out)
{
	return deleted_change(c, db, target, 0, out);
}
