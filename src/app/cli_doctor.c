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
	if (cli_settle(d->c, d->cli) != OK)
		doctor_find_error(d, DOCTOR_PLACES, DOCTOR_ERROR);
	err_clear(d->c);
	doctor_files(d);
	doctor_helpers(d);
	doctor_program(d);
	doctor_service(d);
	/* Without a database there is no site, and no key is made for it. */
	if (access(d->cfg->database_path, F_OK) == 0) {
		doctor_front(d);
		doctor_limits(d);
		doctor_paths(d);
	}
	doctor_socket(d);
	return OK;
}

enum err
cli_doctor(struct ctx *c, struct cli *cli)
{
	struct doctor *d = ctx_calloc(c, 1, sizeof(*d));
	bool json = cli_flag(cli, S("--json"));
	enum err refused, err = OK;
	struct buf out;

	if (!d)
		return ERR_MEMORY;
	d->c = c;
	d->cli = cli;
	refused = configuration_load(d);
	if (refused && refused != ERR_CONFIG)
		return refused;
	doctor_system(d);
	if (!refused)
		err = look(d);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (json)
		err = doctor_json(d, &out);
	else
		doctor_text(d, isatty(STDOUT_FILENO) == 1, &out);
	if (!err)
		err = cli_print(c, &out);
	if (err)
		return err;
	cli->unwell = d->count[DOCTOR_ERROR] > 0;
	cli->remedy = "Correct what is listed; 'starpunk config docs' explains every key.";
	return refused ? err_raise(c, refused, "the configuration is refused") : OK;
}
