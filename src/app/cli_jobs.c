/*
 * Commands about work that was put off: what the courier has still to do, what it has given up and
 * why, and having it done after all.
 */
#include "app/cli.h"

#include "store/job.h"
#include "text/json.h"

#include <limits.h>

static const char *
job_state(const struct job_row *row)
{
	if (row->due == 0)
		return "given up";
	return row->attempts > 0 ? "failing" : "waiting";
}

static enum err
job_json(struct ctx *c, const struct job_row *row, struct json *list)
{
	struct json *o = NULL;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_int(c, o, S("id"), row->id);
	if (!err)
		err = json_set_str(c, o, S("kind"), row->kind);
	if (!err)
		err = json_set_int(c, o, S("subject"), row->subject);
	if (!err)
		err = json_set_str(c, o, S("state"), str_z(job_state(row)));
	if (!err)
		err = json_set_str(c, o, S("due"), row->due ? cli_moment(c, row->due) : S(""));
	if (!err)
		err = json_set_int(c, o, S("attempts"), row->attempts);
	if (!err)
		err = json_set_str(c, o, S("problem"), row->problem);
	if (!err)
		err = json_set_str(c, o, S("created"), cli_moment(c, row->created));
	return err ? err : json_push(c, list, o);
}

static enum err
list_json(struct ctx *c, const struct job_row *rows, size_t n, struct buf *out)
{
	struct json *list = NULL;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < n; i++)
		err = job_json(c, &rows[i], list);
	return err ? err : cli_put_json(c, list, out);
}

enum err
cli_jobs_list(struct ctx *c, struct cli *cli)
{
	struct job_row *rows = NULL;
	size_t n = 0;
	struct db *db = NULL;
	struct buf out;
	enum err err = cli_db(c, cli, &db);

	if (!err)
		err = job_row_list(c, db, &rows, &n);
	db_close(db);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (cli_flag(cli, S("--json"))) {
		err = list_json(c, rows, n, &out);
		return err ? err : cli_print(c, &out);
	}
	buf_printf(&out, "%-6s %-8s %-8s %-9s %-20s %-8s %s\n", "ID", "KIND", "SUBJECT", "STATE",
		"DUE", "ATTEMPTS", "PROBLEM");
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%-6lld %-8.*s %-8lld %-9s %-20.*s %-8lld %.*s\n",
			(long long)rows[i].id, STR(rows[i].kind), (long long)rows[i].subject,
			job_state(&rows[i]), STR(cli_moment(c, rows[i].due)),
			(long long)rows[i].attempts, STR(rows[i].problem));
	return cli_print(c, &out);
}

enum err
cli_jobs_retry(struct ctx *c, struct cli *cli)
{
	struct str operand = cli->operands[0];
	unsigned long long id = 0;
	struct db *db = NULL;
	enum err err = OK;

	if (!str_u64(operand, LLONG_MAX, &id))
		err = err_raise(c, ERR_USAGE, "'%.*s' is not the id of a job", STR(operand));
	if (!err)
		err = cli_db(c, cli, &db);
	if (!err)
		err = db_tx_begin(c, db);
	if (!err) {
		err = job_row_retry(c, db, (int64_t)id, c->now_us / 1000000);
		if (!err)
			err = db_tx_commit(c, db);
		else
			db_tx_rollback(c, db);
	}
	db_close(db);
	if (err == ERR_NOT_FOUND)
		cli->remedy = "'starpunk jobs list' shows the ids.";
	return err;
}
