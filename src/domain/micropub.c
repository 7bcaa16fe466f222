/*
 * Carrying decoded requests out: which scope allows what, by whole words (Micropub checklist
 * section 2), and creating posts.
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

/* "post" is what "create" was called before the standard. */
static bool
may_create(const struct auth_grant *g)
{
	return auth_allows(g, "create") || auth_allows(g, "post");
}

static bool
may_run(const struct auth_grant *g, enum micropub_action a)
{
	if (a == MICROPUB_CREATE)
		return may_create(g) || auth_allows(g, "draft");
	if (a == MICROPUB_UNDELETE && auth_allows(g, "delete"))
		return true;
	return auth_allows(g, micropub_scope(a));
}

bool
micropub_may_read(const struct auth_grant *g)
{
	return may_create(g) || auth_allows(g, "update") || auth_allows(g, "delete") ||
		auth_allows(g, "undelete") || auth_allows(g, "draft");
}

enum err
micropub_run(struct ctx *c, struct db *db, const struct auth_grant *grant,
	struct micropub_request *r, struct str *location)
{
	const char *scope = micropub_scope(r->action);

	if (!may_run(grant, r->action))
		return err_raise_hint(c, ERR_SCOPE, "%s", scope);
	if (r->action != MICROPUB_CREATE)
		return err_raise_hint(c, ERR_MICROPUB_ACTION,
			"this version of the server creates posts and does not %s them", scope);
	r->draft.force_draft = !may_create(grant);
	r->draft.client = grant->session ? (struct str){0} : grant->id;
	return post_create(c, db, &r->draft, location);
}
