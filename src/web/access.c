/*
 * Who may come in: the owner in browsers, the applications that the owner has let in and the tokens made
 * by hand, with what each may do and has done; to be narrowed, held to drafts, revoked, made.
 */
#include "web/access.h"

#include "base/time.h"
#include "domain/scope.h"

enum {
	PROOF_AGE = 900,	/* seconds that the owner's proof may be old where a token is made */
	NAME_MAX_BYTES = 200,
	DAY = 86400
};

/* A token that a form has just made. */
struct made {
	struct str secret, name;
};

/* ---- the page ------------------------------------------------------------------------------ */

enum err
access_date(struct ctx *c, int64_t seconds, const struct view_date **out)
{
	struct view_date *d = ctx_alloc(c, sizeof(*d));

	*out = d;
	return d ? view_date(c, seconds, time_zone_offset(seconds), d) : ERR_MEMORY;
}

/* All scopes of the table, or those of a list. on: ticked. */
static enum err
choices_fill(struct ctx *c, struct str list, bool all, bool on, struct tmpl_list *out)
{
	struct view_choice *choices = ctx_calloc(c, scope_count, sizeof(*choices));
	size_t n = 0;

	if (!choices)
		return ERR_MEMORY;
	for (size_t i = 0; i < scope_count; i++)
		if (all || str_has_word(list, scope_table[i].word))
			choices[n++] = (struct view_choice){
				scope_table[i].word, tr_text(c, scope_table[i].text), on};
	*out = (struct tmpl_list){choices, n};
	return OK;
}

/* "create, update" */
static enum err
scope_text(struct ctx *c, struct str scope, struct str *out)
{
	struct str *words;
	struct buf b;
	size_t n;
	enum err err = scope_words(c, scope, &words, &n);

	if (err)
		return err;
	buf_init(&b, &c->arena, 2 * scope.n + 16);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&b, i ? ", " : "");
		buf_put(&b, words[i]);
	}
	if (n == 0)
		buf_puts(&b, tr(c, "nothing"));
	return buf_end(c, &b, out);
}

static enum err
posts_text(struct ctx *c, int64_t posts, struct str *out)
{
	unsigned long long n = (unsigned long long)posts;

	*out = tr_str(c, "none");
	return n > 0 ? ctx_printf(c, out, tr_n(c, "%llu post", "%llu posts", n), n) : OK;
}

static bool
may_post(struct str scope)
{
	return str_has_word(scope, S("create")) || str_has_word(scope, S("update")) ||
		str_has_word(scope, S("draft"));
}

static struct str
name_of(const struct token_row *row)
{
	return row->name.n > 0 ? row->name : row->client_id.n > 0 ? row->client_id : row->id;
}

static enum err
app_fill(struct ctx *c, const struct token_row *row, struct view_access_app *out)
{
	enum err err = scope_text(c, row->granted, &out->scope);

	out->id = row->id;
	out->name = name_of(row);
	out->client_id = row->client_id;
	out->posting = may_post(row->granted);
	out->drafts = row->drafts;
	if (!err)
		err = choices_fill(c, row->granted, false, true, &out->scopes);
	if (!err)
		err = posts_text(c, row->posts, &out->posts);
	if (!err)
		err = access_date(c, row->created, &out->created);
	if (!err && row->last_used)
		err = access_date(c, row->last_used, &out->used);
	if (!err && row->ends)
		err = access_date(c, row->ends, &out->ends);
	return err;
}

static enum err
former_fill(struct ctx *c, const struct token_row *row, struct view_former_app *out)
{
	out->name = name_of(row);
	out->client_id = row->client_id;
	out->revoked = row->revoked != 0;
	return access_date(c, row->revoked ? row->revoked : row->ends, &out->ended);
}

static enum err
apps_fill(struct ctx *c, struct db *db, struct view_access *out)
{
	int64_t now = c->now_us / 1000000;
	struct view_former_app *former;
	struct view_access_app *apps;
	struct token_row *rows;
	size_t n, n_apps = 0, n_former = 0;
	enum err err = token_row_list(c, db, &rows, &n);

	if (err)
		return err;
	apps = ctx_calloc(c, n + 1, sizeof(*apps));
	former = ctx_calloc(c, n + 1, sizeof(*former));
	if (!apps || !former)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < n; i++) {
		bool over = rows[i].revoked || (rows[i].ends && rows[i].ends <= now);

		if (over)
			err = former_fill(c, &rows[i], &former[n_former++]);
		else
			err = app_fill(c, &rows[i], &apps[n_apps++]);
	}
	out->apps = (struct tmpl_list){apps, n_apps};
	out->has_apps = n_apps > 0;
	out->former = (struct tmpl_list){former, n_former};
	out->has_former = n_former > 0;
	return err;
}

static enum err
page_send(struct ctx *c, struct txn *t, struct str problem, const struct made *made)
{
	const struct view_page page = {.title = tr_str(c, "Access"), .hidden = true};
	struct view_desk desk;
	struct view_access data = {.site = t->site,
		.page = &page,
		.desk = &desk,
		.action = S(ACCESS_PATH),
		.problem = problem,
		.secret = made ? made->secret : S(""),
		.secret_name = made ? made->name : S("")};
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = apps_fill(c, db, &data);
	if (!err)
		err = access_sessions_fill(c, t, db, &data);
	txn_db_release(c, t);
	if (!err)
		err = choices_fill(c, S(""), true, false, &data.scopes);
	if (!err)
		err = desk_fill(c, t, DESK_ACCESS, STATIC_NONE, &desk);
	return err ? err : desk_send(c, t, VIEW_ACCESS, &data);
}

/* ---- forms --------------------------------------------------------------------------------- */

/* The scopes that are ticked, of those there are. */
static enum err
ticked(struct ctx *c, const struct pair *fields, size_t n, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 4096);
	for (size_t i = 0; i < scope_count; i++)
		for (size_t k = 0; k < n; k++) {
			if (!str_eq(fields[k].name, S("scope")) ||
				!str_eq(fields[k].value, scope_table[i].word))
				continue;
			buf_puts(&b, b.n > 0 ? " " : "");
			buf_put(&b, fields[k].value);
			break;
		}
	return buf_end(c, &b, out);
}

/* The page once more, with what is wrong; what was typed is little. */
static enum err
refuse(struct ctx *c, struct txn *t, struct str problem)
{
	t->resp.status = 400;
	return page_send(c, t, problem, NULL);
}

/* When a token ends that is made now. False: not one of the choices. */
static bool
lifetime_read(struct str choice, int64_t now, int64_t *ends)
{
	*ends = 0;
	if (str_eq(choice, S("30d")))
		*ends = now + 30 * DAY;
	else if (str_eq(choice, S("1y")))
		*ends = now + 365 * (int64_t)DAY;
	return *ends || str_eq(choice, S("never"));
}

static enum err
make(struct ctx *c, struct txn *t, struct db *db, const struct pair *fields, size_t n)
{
	struct made made = {.name = str_trim(txn_field(fields, n, S("name")))};
	struct str scope, id;
	int64_t ends;
	enum err err = gate_recent(c, t, PROOF_AGE);

	if (!err)
		err = ticked(c, fields, n, &scope);
	if (err)
		return err;
	if (made.name.n == 0 || made.name.n > NAME_MAX_BYTES)
		return refuse(c, t, tr_str(c, "Say in a few words what the token is for."));
	if (scope.n == 0)
		return refuse(c, t, tr_str(c, "Tick at least one thing that the token may do."));
	if (!lifetime_read(txn_field(fields, n, S("lifetime")), c->now_us / 1000000, &ends))
		return refuse(c, t, tr_str(c, "Choose when the token ends."));
	err = auth_token_create(c, db, made.name, scope, ends, &made.secret, &id);
	return err ? err : page_send(c, t, S(""), &made);
}

static enum err
change(struct ctx *c, struct txn *t, struct db *db, const struct pair *fields, size_t n)
{
	bool drafts = txn_field(fields, n, S("drafts")).n > 0;
	struct str scope;
	enum err err = ticked(c, fields, n, &scope);

	if (!err)
		err = auth_token_change(c, db, txn_field(fields, n, S("id")), scope, drafts);
	if (err == ERR_USAGE) {
		err_clear(c);
		return refuse(c, t, tr_str(c, "Leave it one thing to do, or revoke it."));
	}
	return err ? err : desk_done(c, t, S(ACCESS_PATH), "changed");
}

static enum err
revoke(struct ctx *c, struct txn *t, struct db *db, const struct pair *fields, size_t n)
{
	enum err err = auth_token_revoke(c, db, txn_field(fields, n, S("id")));

	return err ? err : desk_done(c, t, S(ACCESS_PATH), "revoked");
}

static enum err
form_do(struct ctx *c, struct txn *t)
{
	struct pair *fields;
	struct str action;
	struct db *db;
	size_t n;
	enum err err = txn_form_db(c, t, &fields, &n, &db);

	if (err)
		return err;
	action = txn_field(fields, n, S("action"));
	if (str_eq(action, S("make")))
		return make(c, t, db, fields, n);
	if (str_eq(action, S("change")))
		return change(c, t, db, fields, n);
	if (str_eq(action, S("revoke")))
		return revoke(c, t, db, fields, n);
	if (str_eq(action, S("end")))
		return access_session_end(c, t, db, txn_field(fields, n, S("id")));
	if (str_eq(action, S("end-others")))
		return access_sessions_end(c, t, db);
	return err_raise_hint(c, ERR_BAD_REQUEST, "the action is none of this page's");
}

enum err
web_admin_access(struct ctx *c, struct txn *t)
{
	return t->req.method == METHOD_POST ? form_do(c, t) : page_send(c, t, S(""), NULL);
}
