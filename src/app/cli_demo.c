/*
 * `starpunk demo`: fills a site with the demonstration of share/demo, so that there is something to look
 * at, and empties it again.
 */
#include "app/cli.h"

#include "domain/demo.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 30 };

/* A line that is drawn over and over, on a terminal. */
static void
draw(void *self, size_t done, size_t all)
{
	static const char full[] = "##############################";
	int filled = (int)(done * BAR / all);

	(void)self;
	(void)fprintf(stderr, "\r[%-*.*s] %zu of %zu%s", BAR, filled, full, done, all,
		done == all ? "\n" : "");
	(void)fflush(stderr);
}

static void
stay_silent(void *self, size_t done, size_t all)
{
	(void)self;
	(void)done;
	(void)all;
}

static enum err
make(struct ctx *c, struct cli *cli, struct db *db, struct buf *out)
{
	struct demo_progress progress = {.step = isatty(STDERR_FILENO) ? draw : stay_silent};
	struct demo_report report;
	enum err err = demo_make(c, db, cli_flag(cli, S("--force")), &progress, &report);

	if (err == ERR_EXISTS)
		cli->remedy = "Nothing was changed. With --force the demonstration stands among your "
			      "posts;\n'starpunk demo --remove' takes it away again, and nothing else.";
	if (err)
		return err;
	buf_printf(out, "%zu posts made, %zu were there already, %zu files.\n", report.made,
		report.kept, report.files);
	if (report.taken > 0)
		buf_printf(out, "%zu left out: their addresses are other posts'.\n", report.taken);
	return OK;
}

enum err
cli_demo(struct ctx *c, struct cli *cli)
{
	struct demo_report report;
	struct db *db = NULL;
	struct buf out;
	enum err err = cli_db(c, cli, &db);

	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (!err && cli_flag(cli, S("--remove"))) {
		err = demo_remove(c, db, &report);
		if (!err)
			buf_printf(&out, "%zu posts and %zu files removed.\n", report.made,
				report.files);
	} else if (!err) {
		err = make(c, cli, db, &out);
	}
	db_close(db);
	return err ? err : cli_print(c, &out);
}
