/*
 * Carrying decoded requests out: which scope allows what, by whole words, and which of post's verbs
 * an action is.
 */
#include "domain/micropub.h"

#include "domain/priv.h"

const char *
micropub_scope(enum micropub_action a)
{
	switch (a) {
	case MICROPUB_UPDATE:
		return "update";
	case MICROPUB_DELETE:
		return "delete";
	case MICROPUB_UNDELETE:
		return "undelete";
	case MICROPUB_CREATE:
		break;
	}
	return "create";
}

bool
micropub_may_create(const struct auth_grant *g)
{
	return auth_allows(g, "create") || auth_allows(g, "post");
}

/* "draft" lets drafts be made and changed; that it stays at drafts is seen to further down. */
static bool
may_run(const struct auth_grant *g, enum micropub_action a)
{
	if (a == MICROPUB_CREATE)
		return micropub_may_create(g) || auth_allows(g, "draft");
	if (a == MICROPUB_UPDATE && auth_allows(g, "draft"))
		return true;
	if (a == MICROPUB_UNDELETE && auth_allows(g, "delete"))
		return true;
	return auth_allows(g, micropub_scope(a));
}

bool
micropub_may_read(const struct auth_grant *g)
{
	return micropub_may_create(g) || auth_allows(g, "update") || auth_allows(g, "delete") ||
		auth_allows(g, "undelete") || auth_allows(g, "draft");
}

enum err
micropub_run(struct ctx *c, struct db *db, const struct auth_grant *grant,
	struct micropub_request *r, struct post_result *out)
{
	const char *scope = micropub_scope(r->action);
	struct str client = grant->session ? (struct str){0} : grant->id;
	struct post_target target = {.url = r->url,
		.client = client,
		.drafts_only = grant->drafts || !auth_allows(grant, "update"),
		.condition = r->condition};

	*out = (struct post_result){0};
	if (!may_run(grant, r->action))
		return err_raise_hint(c, ERR_SCOPE, "%s", scope);
	switch (r->action) {
	case MICROPUB_UPDATE:
		return post_update(c, db, &target, &r->update, out);
	case MICROPUB_DELETE:
		return post_delete(c, db, &target, out);
	case MICROPUB_UNDELETE:
		return post_undelete(c, db, &target, out);
	case MICROPUB_CREATE:
		break;
	}
	r->draft.force_draft = grant->drafts || !micropub_may_create(grant);
	r->draft.client = client;
	return post_create(c, db, &r->draft, out);
}
