/*
 * Commands about the configuration, and the references that manual pages are made of.
 */
#include "app/cli.h"

#include "core/history.h"
#include "core/log.h"
#include "core/metrics.h"
#include "domain/robots.h"
#include "domain/settings.h"
#include "http/route.h"
#include "web/theme.h"

#include <stdio.h>

enum { PROBLEMS_MAX = 64 * 1024 };

/* For programs: the list of problems, empty if there are none, is the result. */
static enum err
check_json(struct ctx *c, struct cli *cli)
{
	struct buf problems, out;
	enum err err, printed;

	buf_init(&problems, &c->arena, PROBLEMS_MAX);
	err = config_load_json(c, cli->file, &problems, &cli->cfg);
	if (!err)
		err = config_check_json(c, cli->cfg, &problems);
	if (err && err != ERR_CONFIG)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	buf_printf(&out, "[%.*s]\n", STR(buf_str(&problems)));
	err_clear(c);
	printed = problems.failed ? err_memory(c) : cli_print(c, &out);
	if (printed || !err)
		return printed;
	cli->remedy = "Correct what is listed; 'starpunk config docs' explains every key.";
	return err_raise(c, err, "the configuration is refused");
}

enum err
cli_config_check(struct ctx *c, struct cli *cli)
{
	struct buf problems, out;
	enum err err;

	if (cli_flag(cli, S("--json")))
		return check_json(c, cli);
	err = cli_config(c, cli);
	if (err)
		return err;
	buf_init(&problems, &c->arena, PROBLEMS_MAX);
	err = config_check(c, cli->cfg, &problems);
	if (err)
		return cli_problems(c, cli, err, &problems);
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	buf_printf(&out, "%s: good\n", cli->cfg->file[0] ? cli->cfg->file : "configuration");
	return cli_print(c, &out);
}

/* Those settings that the database holds. */
static enum err
changes_load(struct ctx *c, struct db *db, struct config_change *out, size_t *n)
{
	struct site_settings settings;
	enum err err = settings_load(c, db, &settings);

	for (size_t i = 0; !err && i < SETTING__MAX; i++)
		if (settings.stored[i])
			out[(*n)++] = (struct config_change){
				str_z(setting_info((enum setting)i)->key), settings.text[i]};
	return err;
}

/* The same, if there is a database yet. That it cannot be read is told, and no reason to show nothing. */
static void
changes_find(struct ctx *c, struct cli *cli, struct config_change *out, size_t *n)
{
	struct db *db = NULL;
	enum err err;

	*n = 0;
	if (cli_database_exists(c, cli) == OK) {
		err = cli_settle(c, cli);
		if (!err)
			err = db_open(c, NULL, &db);
		if (!err)
			err = changes_load(c, db, out, n);
		db_close(db);
		if (err)
			(void)fprintf(stderr, "starpunk: the database cannot be read, so what was "
					      "changed at /admin/settings is not shown: %s\n",
				c->err.detail);
	}
	err_clear(c);
	cli->remedy = NULL;
}

enum err
cli_config_show(struct ctx *c, struct cli *cli)
{
	struct config_change changes[SETTING__MAX];
	struct buf out;
	size_t n;
	enum err err = cli_config(c, cli);

	if (err)
		return err;
	changes_find(c, cli, changes, &n);
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	config_show(cli->cfg, cli_flag(cli, S("--json")), changes, n, &out);
	return cli_print(c, &out);
}

enum err
cli_config_docs(struct ctx *c, struct cli *cli)
{
	struct buf out;

	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	config_docs(cli_flag(cli, S("--json")) ? "json" : "text", &out);
	return cli_print(c, &out);
}

static void
commands_docs(const char *format, struct buf *out)
{
	if (str_eq(str_z(format), S("bash")))
		cli_help_bash(out);
	else
		cli_help_mdoc(out);
}

static const struct {
	const char *name;
	void (*put)(const char *format, struct buf *out);
	const char *formats;
} tables[] = {
	{"config", config_docs, "mdoc conf text json"},
	{"errors", err_docs, "mdoc json"},
	{"events", log_docs, "mdoc schema"},
	{"metrics", metrics_docs, "mdoc"},
	{"history", history_docs, "mdoc"},
	{"routes", route_docs, "mdoc"},
	{"commands", commands_docs, "mdoc bash"},
	{"doctor", doctor_docs, "mdoc"},
	{"settings", settings_docs, "mdoc"},
	{"views", theme_docs, "mdoc"},
	{"robots", robots_docs, "mdoc"},
};

const char *
cli_docs_table(size_t i)
{
	return i < sizeof(tables) / sizeof(tables[0]) ? tables[i].name : NULL;
}

enum err
cli_docs(struct ctx *c, struct cli *cli)
{
	struct str format = cli->n_operands > 1 ? cli->operands[1] : S("mdoc");
	struct buf out;

	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (!str_eq(cli->operands[0], str_z(tables[i].name)))
			continue;
		if (!str_has_word(str_z(tables[i].formats), format))
			return err_raise(c, ERR_USAGE, "the formats of '%s' are: %s",
				tables[i].name, tables[i].formats);
		tables[i].put(format.p, &out);
		return cli_print(c, &out);
	}
	return err_raise(c, ERR_USAGE,
		"there is no table '%.*s': config, errors, events, metrics, history, routes, commands, "
		"doctor, settings, views, robots",
		STR(cli->operands[0]));
}
