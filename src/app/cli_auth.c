/*
 * Commands about access tokens. Secrets are printed once, alone on standard output, and nowhere else.
 */
#include "app/cli.h"

#include "base/time.h"
#include "domain/auth.h"
#include "text/json.h"

static const int64_t longest = (int64_t)100 * 365 * 86400;	/* seconds a token may live */

static const struct str scopes[] = {
#define SCOPE(word, whose, doc) S_INIT(word),
#include "tables/scopes.def"
#undef SCOPE
};

/* ---- token create ------------------------------------------------------------------------ */

/*
 * All words must be in the table: a misspelt scope would grant nothing, and nobody would see why.
 */
static enum err
check_scope(struct ctx *c, struct str scope)
{
	struct str rest = str_trim(scope), word;
	struct buf known;

	if (str_empty(rest))
		return err_raise(c, ERR_USAGE, "--scope names no scope");
	while (rest.p) {
		bool found = false;

		word = str_cut(&rest, ' ');
		for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
			found = found || str_eq(scopes[i], word);
		if (found || str_empty(word))
			continue;
		buf_init(&known, &c->arena, 1024);
		for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
			buf_printf(&known, " %.*s", STR(scopes[i]));
		return err_raise(c, ERR_USAGE, "there is no scope '%.*s'; the known ones are%.*s",
			STR(word), STR(buf_str(&known)));
	}
	return OK;
}

/* "30d", "12h", "10m", "90s" from now, as seconds since 1970; 0 for "0" or "never". */
static enum err
parse_expires(struct ctx *c, struct str s, int64_t *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	unsigned long long n = 0, most;

	*out = 0;
	if (!s.p || str_eq(s, S("0")) || str_eq(s, S("never")))
		return OK;
	for (size_t i = 0; s.n > 1 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (s.p[s.n - 1] != units[i].unit)
			continue;
		most = (unsigned long long)(longest / units[i].seconds);
		if (!str_u64(str_sub(s, 0, s.n - 1), most, &n) || n == 0)
			break;
		*out = c->now_us / 1000000 + (int64_t)n * units[i].seconds;
		return OK;
	}
	return err_raise(c, ERR_USAGE, "--expires takes a time such as 30d or 12h, not '%.*s'", STR(s));
}

enum err
cli_token_create(struct ctx *c, struct cli *cli)
{
	struct str scope = cli_option(cli, S("--scope")), name = cli_option(cli, S("--name"));
	struct str secret = {0}, id = {0};
	int64_t expires = 0;
	struct db *db = NULL;
	struct buf out;
	enum err err = check_scope(c, scope);

	if (!err)
		err = parse_expires(c, cli_option(cli, S("--expires")), &expires);
	if (!err)
		err = cli_db(c, cli, &db);
	if (!err)
		err = auth_token_create(c, db, name.p ? name : S(""), scope, expires, &secret, &id);
	db_close(db);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	buf_printf(&out, "%.*s\n", STR(secret));
	return cli_print(c, &out);
}

/* ---- token list -------------------------------------------------------------------------- */

static const char *
token_state(const struct ctx *c, const struct token_row *row)
{
	if (row->revoked)
		return "revoked";
	return row->ends && row->ends <= c->now_us / 1000000 ? "expired" : "valid";
}

struct str
cli_moment(struct ctx *c, int64_t seconds)
{
	struct str s = S("-");
	struct buf b;

	if (seconds == 0)
		return s;
	buf_init(&b, &c->arena, 64);
	time_rfc3339(&b, seconds, 0);
	return buf_str(&b);
}

static enum err
token_json(struct ctx *c, const struct token_row *row, struct json *list)
{
	const struct {
		struct str name, value;
	} members[] = {
		{S_INIT("id"), row->id},
		{S_INIT("name"), row->name},
		{S_INIT("client_id"), row->client_id},
		{S_INIT("scope"), row->granted},
		{S_INIT("state"), str_z(token_state(c, row))},
		{S_INIT("created"), cli_moment(c, row->created)},
		{S_INIT("expires"), row->ends ? cli_moment(c, row->ends) : S("")},
		{S_INIT("last_used"), row->last_used ? cli_moment(c, row->last_used) : S("")},
	};
	struct json *o = NULL;
	enum err err = json_object(c, &o);

	for (size_t i = 0; !err && i < sizeof(members) / sizeof(members[0]); i++)
		err = json_set_str(c, o, members[i].name, members[i].value);
	if (!err)
		err = json_set_bool(c, o, S("drafts"), row->drafts);
	if (!err)
		err = json_set_int(c, o, S("posts"), row->posts);
	return err ? err : json_push(c, list, o);
}

static enum err
list_json(struct ctx *c, const struct token_row *rows, size_t n, struct buf *out)
{
	struct json *list = NULL;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < n; i++)
		err = token_json(c, &rows[i], list);
	return err ? err : cli_put_json(c, list, out);
}

enum err
cli_token_list(struct ctx *c, struct cli *cli)
{
	struct token_row *rows = NULL;
	size_t n = 0;
	struct db *db = NULL;
	struct buf out;
	enum err err = cli_db(c, cli, &db);

	if (!err)
		err = token_row_list(c, db, &rows, &n);
	db_close(db);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (cli_flag(cli, S("--json"))) {
		err = list_json(c, rows, n, &out);
		return err ? err : cli_print(c, &out);
	}
	buf_printf(&out, "%-16s %-8s %-20s %-20s %-24s %s\n", "ID", "STATE", "CREATED", "EXPIRES",
		"SCOPE", "NAME");
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%-16.*s %-8s %-20.*s %-20.*s %-24.*s %.*s\n", STR(rows[i].id),
			token_state(c, &rows[i]), STR(cli_moment(c, rows[i].created)),
			STR(cli_moment(c, rows[i].ends)), STR(rows[i].granted), STR(rows[i].name));
	return cli_print(c, &out);
}

enum err
cli_token_revoke(struct ctx *c, struct cli *cli)
{
	struct db *db = NULL;
	enum err err = cli_db(c, cli, &db);

	if (!err)
		err = auth_token_revoke(c, db, cli->operands[0]);
	db_close(db);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		cli->remedy = "'starpunk token list' shows the ids.";
		return err_raise(c, ERR_NOT_FOUND, "there is no token '%.*s'",
			STR(cli->operands[0]));
	}
	return err;
}
