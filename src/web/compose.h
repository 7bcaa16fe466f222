/*
 * The composer's page: what its handlers fill, and the view that is made of it.
 */
#ifndef WEB_COMPOSE_H
#define WEB_COMPOSE_H

#include "domain/compose.h"
#include "web/priv.h"

struct compose_page {
	struct compose_form form;	/* what it shows */
	const struct post_row *row;	/* the post that is changed; NULL: a new one */
	const struct compose_form *theirs;	/* the post as it is by now, if that is another one */
	enum err problem;		/* why nothing was saved; OK: nothing was tried */
	struct str detail;		/* what in the form that is about; may be empty */
	bool unsaved;			/* it was sent, and is shown again */
	const struct view_entry *preview;	/* may be NULL */
	struct str shared;		/* query of what was shared, "&url=…"; may be empty */
};

/* Shows the page, with the status of its problem. */
MUST enum err compose_send(struct ctx *c, struct txn *t, struct compose_page *page);

/* A path of ours that ends in a slug: "/admin/compose?post=rain". */
MUST enum err slug_path(struct ctx *c, const char *before, struct str slug, struct str *out);

#endif
