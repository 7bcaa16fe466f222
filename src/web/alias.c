/*
 * Old addresses. What nothing else answers is looked up among them, and so is the home page with a
 * query, since that is how some programs address every page. Whatever goes wrong in looking, the answer
 * is the one that there would be without.
 */
#include "domain/alias.h"
#include "web/priv.h"

static bool
may_be_old(const struct txn *t, enum err err)
{
	bool reads = t->req.method == METHOD_GET || t->req.method == METHOD_HEAD;
	bool open = !t->row || t->row->gate == ROUTE_GATE_NONE;

	return err == ERR_NOT_FOUND && reads && open;
}

static enum err
look_up(struct ctx *c, struct txn *t, struct alias_way *out)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = alias_find(c, db, t->req.path, t->req.query, out);
	txn_db_release(c, t);
	return err;
}

static enum err
lead(struct ctx *c, struct txn *t, const struct alias_way *way)
{
	if (way->url.n == 0)
		return err_raise(c, ERR_ADDRESS_GONE, "by a redirect");
	txn_redirect(t, way->status, way->url);
	return OK;
}

enum err
alias_answer(struct ctx *c, struct txn *t, enum err err)
{
	struct err_slot first = c->err;
	struct alias_way way;

	if (!may_be_old(t, err))
		return err;
	err_clear(c);
	if (look_up(c, t, &way) == OK)
		return lead(c, t, &way);
	err_clear(c);
	c->err = first;
	return err;
}

bool
alias_of_home(struct ctx *c, struct txn *t, enum err *err)
{
	struct alias_way way;

	if (t->row->route != ROUTE_HOME || t->req.query.n == 0)
		return false;
	if (look_up(c, t, &way) != OK) {
		err_clear(c);
		return false;
	}
	*err = lead(c, t, &way);
	return true;
}
