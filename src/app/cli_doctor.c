/*
 * `starpunk doctor`: everything is looked at, whatever fails on the way.
 */
#include "app/cli.h"

#include "app/doctor.h"
#include "base/time.h"

#include <stdio.h>
#include <unistd.h>

enum { PROBLEMS_MAX = 64 * 1024 };

/* ERR_CONFIG: its problems are findings. */
static enum err
configuration_load(struct doctor *d)
{
	struct ctx *c = d->c;
	struct buf problems;
	struct str rest;
	enum err err;

	buf_init(&problems, &c->arena, PROBLEMS_MAX);
	err = config_load(c, d->cli->file, &problems, &d->cli->cfg);
	if (err && err != ERR_CONFIG)
		return err;
	if (!err) {
		c->cfg = d->cfg = d->cli->cfg;
		/* That there is no such zone is found among the places. */
		(void)time_zone_set(d->cfg->timezone);
		doctor_find(d, DOCTOR_CONFIGURATION, DOCTOR_OK, "%s",
			d->cfg->file[0] ? d->cfg->file : "from the environment");
		return OK;
	}
	rest = str_trim(buf_str(&problems));
	if (str_empty(rest))
		doctor_find_error(d, DOCTOR_CONFIGURATION, DOCTOR_ERROR);
	while (!str_empty(rest)) {
		struct str line = str_cut(&rest, '\n');

		doctor_find(d, DOCTOR_CONFIGURATION, DOCTOR_ERROR, "%.*s", STR(line));
	}
	doctor_try(d, "%s config check", doctor_program_word(d));
	err_clear(c);
	return err;
}

static enum err
url_find(struct doctor *d)
{
	struct str given = cli_option(d->cli, S("--url"));
	enum err err = url_parse(d->c, given.p ? given : str_z(d->cfg->site_url), &d->url);

	if (err == ERR_URL && given.p)
		return err_raise(d->c, ERR_USAGE, "--url is not an address: '%.*s'", STR(given));
	return err;
}

static enum err
look(struct doctor *d)
{
	enum err err = url_find(d);

	if (err)
		return err;
	doctor_look(d, DOCTOR_PLACES, DOCTOR_SHORT);
	doctor_executable(d);
	if (cli_settle(d->c, d->cli) != OK)
		doctor_find_error(d, DOCTOR_PLACES, DOCTOR_ERROR);
	err_clear(d->c);
	doctor_files(d);
	doctor_helpers(d);
	doctor_program(d);
	/* Without a database there is no site, and no key is made for it. */
	if (access(d->cfg->database_path, F_OK) == 0) {
		doctor_front(d);
		doctor_limits(d);
		doctor_paths(d);
	}
	doctor_socket(d);
	return OK;
}

static enum err
show(struct ctx *c, struct doctor *d)
{
	struct buf out;
	enum err err = OK;

	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (cli_flag(d->cli, S("--json")))
		err = doctor_json(c, d, &out);
	else
		doctor_text(c, d, isatty(STDOUT_FILENO) == 1, cli_flag(d->cli, S("--all")), &out);
	return err ? err : cli_print(c, &out);
}

/* What was found until then is shown, and the thread that waits left waiting. */
static void
hung(struct doctor *d, struct ctx *c)
{
	if (show(c, d) != OK)
		(void)fprintf(stderr, "starpunk doctor: %s\n", c->err.detail);
	_exit(1);
}

static enum err
examine(struct doctor *d, enum err *refused)
{
	enum err err = doctor_watch_start(d, cli_bar_wanted(d->cli), hung);

	if (err)
		return err;
	*refused = configuration_load(d);
	if (!*refused || *refused == ERR_CONFIG)
		doctor_system(d);
	if (!*refused)
		err = look(d);
	doctor_watch_end(d);
	return err;
}

enum err
cli_doctor(struct ctx *c, struct cli *cli)
{
	struct doctor *d = ctx_calloc(c, 1, sizeof(*d));
	enum err refused = OK, err;

	if (!d)
		return ERR_MEMORY;
	d->c = c;
	d->cli = cli;
	err = examine(d, &refused);
	if (!err && refused && refused != ERR_CONFIG)
		err = refused;
	if (!err)
		err = show(c, d);
	if (err)
		return err;
	cli->unwell = d->count[DOCTOR_ERROR] > 0;
	cli->remedy = "Correct what is listed; 'starpunk config docs' explains every key.";
	return refused ? err_raise(c, refused, "the configuration is refused") : OK;
}
