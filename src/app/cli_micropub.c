/*
 * `starpunk micropub log`: the last calls of Micropub clients, out of the journal that the workers
 * write. It needs no running site and no database.
 */
#include "app/cli.h"

#include "web/calls.h"

enum { CALLS_DEFAULT = 20, CALLS_MAX = 1000, LABEL = 10 };

/* "    client     Quill" */
static void
put_line(struct buf *b, const char *label, struct str value)
{
	if (value.n == 0)
		return;
	buf_printf(b, "    %-*s ", LABEL, label);
	cli_put_shown(b, value);
	buf_putc(b, '\n');
}

static void
put_rows(struct buf *b, const struct view_call *call)
{
	const struct view_member *rows = call->rows.items;

	for (size_t i = 0; i < call->rows.n; i++) {
		const char *label = call->understood ? "understood" : "read";

		buf_printf(b, "    %-*s ", LABEL, i == 0 ? label : "");
		cli_put_shown(b, rows[i].name);
		buf_puts(b, ": ");
		cli_put_shown(b, rows[i].value);
		buf_putc(b, '\n');
	}
	if (call->cut)
		buf_printf(b, "    %-*s (longer than is kept)\n", LABEL, "");
}

static void
put_call(struct buf *b, const struct view_call *call)
{
	cli_put_shown(b, call->time);
	buf_puts(b, "  ");
	cli_put_shown(b, call->method);
	buf_putc(b, ' ');
	cli_put_shown(b, call->endpoint);
	buf_printf(b, "  %lld  ", (long long)call->status);
	cli_put_shown(b, call->duration);
	buf_putc(b, '\n');
	put_line(b, "request", call->request_id);
	put_line(b, "client", call->client);
	put_line(b, "from", call->remote_addr);
	put_line(b, "agent", call->user_agent);
	put_line(b, "sent", call->sent);
	put_rows(b, call);
	put_line(b, "location", call->location);
	put_line(b, "error", call->error);
	put_line(b, "refused", call->message);
	put_line(b, "detail", call->detail);
	put_line(b, "to do", call->suggestion);
}

/* Newest last, as a log is read. */
static enum err
put_text(struct ctx *c, const struct calls *calls, struct buf *b)
{
	struct view_call call;
	enum err err = OK;

	if (calls->n == 0)
		buf_puts(b, "No calls so far.\n");
	for (size_t i = calls->n; !err && i > 0; i--) {
		err = calls_show(c, calls->list[i - 1], &call);
		if (!err)
			put_call(b, &call);
		if (i > 1)
			buf_putc(b, '\n');
	}
	return err;
}

static enum err
put_json(struct ctx *c, const struct calls *calls, struct buf *b)
{
	struct json *list;
	enum err err = json_array(c, &list);

	for (size_t i = calls->n; !err && i > 0; i--)
		err = json_push(c, list, calls->list[i - 1]);
	return err ? err : cli_put_json(c, list, b);
}

enum err
cli_micropub_log(struct ctx *c, struct cli *cli)
{
	struct str id = cli_option(cli, S("--request"));
	size_t limit;
	struct calls calls;
	struct buf out;
	enum err err = cli_limit(c, cli, CALLS_DEFAULT, CALLS_MAX, &limit);

	if (!err)
		err = cli_config(c, cli);
	if (!err)
		err = calls_load(c, id, limit, &calls);
	if (err)
		return err;
	if (id.p && calls.n == 0) {
		cli->remedy = "Only the newest calls are kept; 'starpunk micropub log' lists them.";
		return err_raise(c, ERR_NOT_FOUND, "no call of request %.*s is known", STR(id));
	}
	buf_init(&out, &c->arena, 16 * CLI_TEXT_MAX);
	err = cli_flag(cli, S("--json")) ? put_json(c, &calls, &out) : put_text(c, &calls, &out);
	return err ? err : cli_print(c, &out);
}
