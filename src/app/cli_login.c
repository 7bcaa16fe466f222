/*
 * Commands about how the owner gets in: password, sessions, second factors. They are the way back
 * for an owner who has lost everything but the machine.
 */
#include "app/cli.h"

#include "domain/auth.h"
#include "domain/factor.h"
#include "domain/session.h"
#include "text/json.h"

/* ---- user password ----------------------------------------------------------------------- */

enum err
cli_user_password(struct ctx *c, struct cli *cli)
{
	bool given = cli_flag(cli, S("--password-stdin"));
	struct str password = {0};
	struct db *db = NULL;
	struct buf out;
	enum err err = OK;

	if (given)
		err = cli_read_line(c, &password);
	else
		err = auth_password_make(c, &password);
	if (!err)
		err = cli_db(c, cli, &db);
	if (!err)
		err = auth_owner_set_password(c, db, password, S(""));
	db_close(db);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		cli->remedy = "Make the owner with 'starpunk init'.";
		err = err_raise(c, ERR_NOT_FOUND, "the site has no owner yet");
	}
	if (err || given)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	buf_printf(&out, "%.*s\n", STR(password));
	return cli_print(c, &out);
}

/* ---- session ----------------------------------------------------------------------------- */

static enum err
session_json(struct ctx *c, const struct session_row *row, struct json *list)
{
	const struct {
		struct str name, value;
	} members[] = {
		{S_INIT("id"), row->id},
		{S_INIT("factors"), row->factors},
		{S_INIT("created"), cli_moment(c, row->created)},
		{S_INIT("last_accessed"), cli_moment(c, row->last_accessed)},
		{S_INIT("proved"), cli_moment(c, row->proved)},
		{S_INIT("expires"), cli_moment(c, row->expires)},
		{S_INIT("remote_addr"), row->remote_addr},
		{S_INIT("user_agent"), row->user_agent},
	};
	struct json *o = NULL;
	enum err err = json_object(c, &o);

	for (size_t i = 0; !err && i < sizeof(members) / sizeof(members[0]); i++)
		err = json_set_str(c, o, members[i].name, members[i].value);
	return err ? err : json_push(c, list, o);
}

static enum err
sessions_json(struct ctx *c, const struct session_row *rows, size_t n, struct buf *out)
{
	struct json *list = NULL;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < n; i++)
		err = session_json(c, &rows[i], list);
	return err ? err : cli_put_json(c, list, out);
}

enum err
cli_session_list(struct ctx *c, struct cli *cli)
{
	struct session_row *rows = NULL;
	size_t n = 0;
	struct db *db = NULL;
	struct buf out;
	enum err err = cli_db(c, cli, &db);

	if (!err)
		err = session_list(c, db, &rows, &n);
	db_close(db);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (cli_flag(cli, S("--json"))) {
		err = sessions_json(c, rows, n, &out);
		return err ? err : cli_print(c, &out);
	}
	buf_printf(&out, "%-11s %-20s %-20s %-17s %-16s %s\n", "ID", "SIGNED IN", "LAST USED",
		"WITH", "FROM", "BROWSER");
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%-11.*s %-20.*s %-20.*s %-17.*s %-16.*s %.*s\n", STR(rows[i].id),
			STR(cli_moment(c, rows[i].created)),
			STR(cli_moment(c, rows[i].last_accessed)), STR(rows[i].factors),
			STR(rows[i].remote_addr), STR(rows[i].user_agent));
	return cli_print(c, &out);
}

enum err
cli_session_revoke(struct ctx *c, struct cli *cli)
{
	bool all = cli_flag(cli, S("--all"));
	struct db *db = NULL;
	int64_t n;
	enum err err = OK;

	if (all == (cli->n_operands > 0))
		err = err_raise(c, ERR_USAGE, "either the ID of a session or --all is needed");
	if (!err)
		err = cli_db(c, cli, &db);
	if (!err)
		err = all ? session_revoke_others(c, db, S(""), &n)
			  : session_revoke(c, db, cli->operands[0]);
	db_close(db);
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	cli->remedy = "'starpunk session list' shows the ids.";
	return err_raise(
		c, ERR_NOT_FOUND, "there is no session '%.*s'", STR(cli->operands[0]));
}

/* ---- factor ------------------------------------------------------------------------------ */

/* One line of the list, or one object of it. */
static enum err
factor_put(struct ctx *c, struct json *list, struct buf *out, struct str id, struct str kind,
	struct str name, int64_t created, int64_t last_used)
{
	struct json *o = NULL;
	enum err err = OK;

	if (!list) {
		buf_printf(out, "%-11.*s %-9.*s %-20.*s %-20.*s %.*s\n", STR(id), STR(kind),
			STR(cli_moment(c, created)), STR(cli_moment(c, last_used)), STR(name));
		return OK;
	}
	err = json_object(c, &o);
	if (!err)
		err = json_set_str(c, o, S("id"), id);
	if (!err)
		err = json_set_str(c, o, S("kind"), kind);
	if (!err)
		err = json_set_str(c, o, S("name"), name);
	if (!err)
		err = json_set_str(c, o, S("created"), created ? cli_moment(c, created) : S(""));
	if (!err)
		err = json_set_str(
			c, o, S("last_used"), last_used ? cli_moment(c, last_used) : S(""));
	return err ? err : json_push(c, list, o);
}

static enum err
factors_put(struct ctx *c, const struct factors *f, struct json *list, struct buf *out)
{
	struct str left;
	enum err err = OK;

	if (f->totp)
		err = factor_put(c, list, out, S("app"), S("app"), S("authenticator app"),
			f->totp_since, 0);
	for (size_t i = 0; !err && i < f->n_passkeys; i++)
		err = factor_put(c, list, out, f->passkeys[i].id, S("passkey"),
			f->passkeys[i].name, f->passkeys[i].created, f->passkeys[i].last_used);
	if (!err && f->codes > 0)
		err = ctx_printf(c, &left, "%lld of %lld recovery codes left",
			(long long)f->codes_unused, (long long)f->codes);
	if (!err && f->codes > 0)
		err = factor_put(c, list, out, S("codes"), S("codes"), left, 0, 0);
	return err;
}

enum err
cli_factor_list(struct ctx *c, struct cli *cli)
{
	bool as_json = cli_flag(cli, S("--json"));
	struct factors f = {0};
	struct json *list = NULL;
	struct db *db = NULL;
	struct buf out;
	enum err err = cli_db(c, cli, &db);

	if (!err)
		err = factor_list(c, db, &f);
	db_close(db);
	if (!err && as_json)
		err = json_array(c, &list);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (!as_json)
		buf_printf(&out, "%-11s %-9s %-20s %-20s %s\n", "ID", "KIND", "ADDED", "LAST USED",
			"NAME");
	err = factors_put(c, &f, list, &out);
	if (!err && as_json)
		err = cli_put_json(c, list, &out);
	return err ? err : cli_print(c, &out);
}

/* Everything that there is; nothing is no mistake. */
static enum err
factors_remove(struct ctx *c, struct db *db)
{
	struct factors f;
	enum err err = factor_list(c, db, &f);

	if (!err && (f.totp || f.totp_begun))
		err = factor_totp_remove(c, db, S(""));
	for (size_t i = 0; !err && i < f.n_passkeys; i++)
		err = factor_passkey_remove(c, db, f.passkeys[i].id, S(""));
	if (!err && f.codes > 0)
		err = factor_codes_remove(c, db, S(""));
	return err;
}

enum err
cli_factor_remove(struct ctx *c, struct cli *cli)
{
	bool all = cli_flag(cli, S("--all"));
	struct str id = all ? S("") : cli->operands[0];
	struct db *db = NULL;
	enum err err = OK;

	if (all == (cli->n_operands > 0))
		err = err_raise(c, ERR_USAGE, "either the ID of a factor or --all is needed");
	if (!err)
		err = cli_db(c, cli, &db);
	if (!err && all)
		err = factors_remove(c, db);
	else if (!err && str_eq(id, S("app")))
		err = factor_totp_remove(c, db, S(""));
	else if (!err && str_eq(id, S("codes")))
		err = factor_codes_remove(c, db, S(""));
	else if (!err)
		err = factor_passkey_remove(c, db, id, S(""));
	db_close(db);
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	cli->remedy = "'starpunk factor list' shows what there is.";
	return err_raise(c, ERR_NOT_FOUND, "there is no '%.*s'", STR(id));
}
