/*
 * `starpunk reindex`: makes anew what searches look at. The work is the courier's, done here without
 * its pauses, in small pieces: the site is read and written between them, and what is left when the
 * command is stopped is done by the courier.
 */
#include "app/cli.h"

#include "base/time.h"
#include "domain/search_index.h"
#include "text/json.h"

enum { PIECE_US = 20 * 1000, WORK_MAX = 64 * 1024 * 1024 };

/* ---- what is said ------------------------------------------------------------------------ */

static enum err
show_result(struct ctx *c, const struct cli *cli, const struct search_report *r, int64_t us)
{
	const char *engine = r->has_index ? "fts5" : "like";
	struct json *o = NULL;
	struct buf out;
	enum err err;

	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (!cli_flag(cli, S("--json"))) {
		buf_printf(&out, "done in %.1f s, engine %s\n", (double)us / 1e6, engine);
		return cli_print(c, &out);
	}
	err = json_object(c, &o);
	if (!err)
		err = json_set_str(c, o, S("engine"), str_z(engine));
	if (!err)
		err = json_set_int(c, o, S("duration_ms"), us / 1000);
	if (!err)
		err = cli_put_json(c, o, &out);
	return err ? err : cli_print(c, &out);
}

/* ---- the work ---------------------------------------------------------------------------- */

/* All of it, with a context of its own that is emptied after each piece. */
static enum err
work(struct ctx *c, struct db *db, bool shown, struct search_report *report)
{
	struct ctx piece;
	bool left = true;
	enum err err;

	ctx_init(&piece, WORK_MAX);
	piece.cfg = c->cfg;
	piece.log = c->log;
	err = search_rebuild(&piece, db);
	while (!err && left) {
		ctx_reset(&piece);
		err = search_upkeep(&piece, db, PIECE_US, &left);
		if (!err)
			err = db_checkpoint_long(&piece, db);
		if (!err)
			err = search_report(&piece, db, report);
		if (!err && shown)
			cli_bar(report->done, report->newest);
	}
	if (shown)
		cli_bar_end();
	c->err = piece.err;
	ctx_fini(&piece);
	return err;
}

enum err
cli_reindex(struct ctx *c, struct cli *cli)
{
	bool shown = cli_bar_wanted(cli);
	int64_t start = time_mono_us();
	struct search_report report;
	struct db *db = NULL;
	enum err err = cli_db(c, cli, &db);

	if (!err)
		err = work(c, db, shown, &report);
	db_close(db);
	return err ? err : show_result(c, cli, &report, time_mono_us() - start);
}
