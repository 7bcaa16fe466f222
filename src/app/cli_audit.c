/*
 * `starpunk audit`: the audit trail, as the owner's page shows it.
 */
#include "app/cli.h"

#include "domain/audit.h"
#include "text/json.h"

enum { ROWS_DEFAULT = 50 };

static enum err
row_json(struct ctx *c, const struct audit_row *row, struct json *list)
{
	const struct {
		struct str name, value;
	} texts[] = {{S("time"), cli_moment(c, row->time)}, {S("what"), row->what},
		{S("subject"), row->subject}, {S("detail"), row->detail},
		{S("remote_addr"), row->remote_addr}, {S("user_agent"), row->user_agent},
		{S("request_id"), row->request_id}};
	struct json *o = NULL;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_int(c, o, S("id"), row->id);
	for (size_t i = 0; !err && i < sizeof(texts) / sizeof(texts[0]); i++)
		err = json_set_str(c, o, texts[i].name, texts[i].value);
	return err ? err : json_push(c, list, o);
}

static enum err
put_json(struct ctx *c, const struct audit_row *rows, size_t n, struct buf *out)
{
	struct json *list = NULL;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < n; i++)
		err = row_json(c, &rows[i], list);
	return err ? err : cli_put_json(c, list, out);
}

/* "2026-03-01T09:30:00Z  Token made  k7c2 (create update)  from 192.0.2.1" */
static void
put_row(struct ctx *c, const struct audit_row *row, struct buf *b)
{
	buf_put(b, cli_moment(c, row->time));
	buf_puts(b, "  ");
	cli_put_shown(b, audit_text(c, row->what));
	if (row->subject.n > 0) {
		buf_puts(b, "  ");
		cli_put_shown(b, row->subject);
	}
	if (row->detail.n > 0) {
		buf_puts(b, " (");
		cli_put_shown(b, row->detail);
		buf_putc(b, ')');
	}
	if (row->remote_addr.n > 0) {
		buf_puts(b, "  from ");
		cli_put_shown(b, row->remote_addr);
	}
	buf_putc(b, '\n');
}

enum err
cli_audit(struct ctx *c, struct cli *cli)
{
	struct audit_row *rows = NULL;
	struct db *db = NULL;
	size_t n = 0, limit;
	struct buf out;
	enum err err = cli_limit(c, cli, ROWS_DEFAULT, AUDIT_MOST, &limit);

	if (!err)
		err = cli_db(c, cli, &db);
	if (!err)
		err = audit_row_list(c, db, INT64_MAX, (int64_t)limit, &rows, &n);
	db_close(db);
	if (err)
		return err;
	buf_init(&out, &c->arena, 16 * CLI_TEXT_MAX);
	if (cli_flag(cli, S("--json"))) {
		err = put_json(c, rows, n, &out);
		return err ? err : cli_print(c, &out);
	}
	for (size_t i = 0; i < n; i++)
		put_row(c, &rows[i], &out);
	if (n == 0)
		buf_puts(&out, "Nothing so far.\n");
	return cli_print(c, &out);
}
