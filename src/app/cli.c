/*
 * Running a command: parse, load what it needs, call it, say what went wrong, clean up.
 */
#include "app/cli.h"

#include "app/child.h"
#include "base/enc.h"
#include "base/time.h"
#include "core/crypto.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/log_line.h"
#include "core/proc.h"
#include "domain/backup.h"
#include "text/json.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	ARENA_MAX = 64 * 1024 * 1024,
	PROBLEMS_MAX = 64 * 1024,
	LINE_MAX_BYTES = 4096,
	ACCOUNT_BYTES = 16 * 1024,
	LINE_COLUMNS = 80,
	HELP_COLUMN = 18
};

/* ---- help -------------------------------------------------------------------------------- */

static const char about[] =
	"StarPunk: one person's website on the open protocols of the IndieWeb.\n\n";

/* A text in lines that fit a terminal; the first begins at this column, the others are indented. */
static void
put_text(struct buf *out, const char *text, size_t column, size_t indent)
{
	struct str rest = str_z(text);
	bool first = true;

	while (!str_empty(rest)) {
		struct str word = str_cut(&rest, ' ');

		if (!first && column + 1 + word.n > LINE_COLUMNS) {
			buf_printf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (!first) {
			buf_putc(out, ' ');
			column++;
		}
		buf_put(out, word);
		column += word.n;
		first = false;
	}
	buf_putc(out, '\n');
}

static bool
is_of_family(const struct cli_command *command, struct str family)
{
	struct str rest = str_z(command->words);

	return str_empty(family) || str_eq(str_cut(&rest, ' '), family);
}

void
cli_help(const struct cli_command *command, struct str family, struct buf *out)
{
	char name[LINE_COLUMNS];

	if (command) {
		(void)snprintf(name, sizeof(name), "Usage: starpunk [--config FILE] %s ", command->words);
		buf_puts(out, name);
		put_text(out, command->arguments, strlen(name), strlen("Usage: "));
		buf_putc(out, '\n');
		put_text(out, command->doc, 0, 0);
		return;
	}
	if (str_empty(family))
		buf_puts(out, about);
	buf_puts(out, "Usage: starpunk [--config FILE] COMMAND\n\n");
	for (size_t i = 0; (command = cli_command(i)) != NULL; i++) {
		if (!is_of_family(command, family))
			continue;
		buf_printf(out, "  %-15s ", command->words);
		put_text(out, command->doc, HELP_COLUMN, HELP_COLUMN);
	}
	buf_printf(out, "\nConfiguration: %s\n", config_default_file());
	buf_puts(out, "starpunk COMMAND --help shows a command's arguments.\n");
}

void
cli_help_mdoc(struct buf *out)
{
	const struct cli_command *command;

	buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; (command = cli_command(i)) != NULL; i++) {
		struct str rest = str_z(command->arguments);

		buf_printf(out, ".It Cm %s", command->words);
		while (rest.n > 0) {
			bool optional = rest.p[0] == '[';
			size_t end = str_find(rest, optional ? ']' : ' ', 0);
			struct str part = str_sub(rest, optional, end);
			struct str value = part;
			struct str name = str_cut(&value, ' ');

			rest = str_sub(rest, part.n + (optional ? 3U : 1U), rest.n);
			buf_puts(out, optional ? " Oo " : " ");
			if (str_starts(name, S("--")))
				buf_printf(out, "Fl -%.*s", STR(str_sub(name, 2, name.n)));
			else
				buf_printf(out, "Ar %.*s", STR(name));
			if (value.p)
				buf_printf(out, " Ar %.*s", STR(value));
			buf_puts(out, optional ? " Oc" : "");
		}
		buf_printf(out, "\n%s.\n", command->doc);
	}
	buf_puts(out, ".El\n");
}

/* ---- for the commands -------------------------------------------------------------------- */

enum err
cli_put_json(struct ctx *c, const struct json *v, struct buf *b)
{
	struct str text;
	enum err err = json_write(c, v, &text);

	if (!err)
		buf_printf(b, "%.*s\n", STR(text));
	return err;
}

void
cli_put_shown(struct buf *b, struct str s)
{
	for (size_t at = 0; at < s.n;) {
		unsigned character = enc_utf8_next(s, &at);

		if (character == '\n')
			buf_puts(b, "\\n");
		else if (log_line_unsafe(character))
			buf_printf(b, "\\u%04x", character);
		else
			enc_utf8_put(b, character);
	}
}

enum err
cli_limit(struct ctx *c, const struct cli *cli, size_t usual, size_t most, size_t *out)
{
	struct str limit = cli_option(cli, S("--limit"));
	unsigned long long n = usual;

	if (limit.p && (!str_u64(limit, most, &n) || n == 0))
		return err_raise(c, ERR_USAGE, "--limit takes a number from 1 to %zu, not '%.*s'",
			most, STR(limit));
	*out = (size_t)n;
	return OK;
}

enum err
cli_print(struct ctx *c, struct buf *b)
{
	struct str s;
	enum err err = buf_end(c, b, &s);

	if (err)
		return err;
	if (fwrite(s.p, 1, s.n, stdout) != s.n || fflush(stdout) != 0)
		return err_raise(c, ERR_IO, "standard output: %s", strerror(errno));
	return OK;
}

enum err
cli_read_line(struct ctx *c, struct str *out)
{
	char line[LINE_MAX_BYTES];
	struct str s;

	if (!fgets(line, sizeof(line), stdin))
		return err_raise(c, ERR_USAGE, "nothing to read on standard input");
	s = str_z(line);
	if (s.n == sizeof(line) - 1)
		return err_raise(c, ERR_USAGE, "the line on standard input is too long");
	while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
		s.n--;
	return ctx_str(c, s, out);
}

enum err
cli_problems(struct ctx *c, struct cli *cli, enum err err, const struct buf *problems)
{
	if (err != ERR_CONFIG || problems->n == 0)
		return err;
	(void)fprintf(stderr, "%.*s", STR(buf_str(problems)));
	cli->remedy = "Correct what is listed above; 'starpunk config docs' explains every key.";
	err_clear(c);
	return err_raise(c, ERR_CONFIG, "the configuration is refused");
}

enum err
cli_config(struct ctx *c, struct cli *cli)
{
	struct buf problems;
	enum err err;

	buf_init(&problems, &c->arena, PROBLEMS_MAX);
	err = config_load(c, cli->file, &problems, &cli->cfg);
	if (err)
		return cli_problems(c, cli, err, &problems);
	c->cfg = cli->cfg;
	if (time_zone_set(cli->cfg->timezone))
		return OK;
	err = config_check(c, cli->cfg, &problems);
	return err ? cli_problems(c, cli, err, &problems) :
		err_raise(c, ERR_CONFIG, "timezone: '%s' cannot be set", cli->cfg->timezone);
}

/* The name of a file's owner; "" for root, for nobody known, and for no such file. */
static enum err
owner_name(struct ctx *c, const char *path, struct str *out)
{
	struct passwd entry, *found = NULL;
	struct stat st;
	char *texts;

	*out = S("");
	if (stat(path, &st) != 0 || st.st_uid == 0)
		return OK;
	texts = ctx_alloc(c, ACCOUNT_BYTES);
	if (!texts)
		return ERR_MEMORY;
	if (getpwuid_r(st.st_uid, &entry, texts, ACCOUNT_BYTES, &found) == 0 && found)
		*out = str_z(found->pw_name);
	return OK;
}

enum err
cli_no_restore(struct ctx *c, struct cli *cli)
{
	if (!backup_restore_pending(c))
		return OK;
	cli->remedy = "Run the same 'starpunk restore' again: it finishes what was begun.";
	return err_raise(c, ERR_DB_SCHEMA, "a restore of %s was interrupted, and it is between two sites",
		cli->cfg->database_path);
}

enum err
cli_database_exists(struct ctx *c, struct cli *cli)
{
	enum err err = cli_no_restore(c, cli);

	if (err)
		return err;
	if (access(cli->cfg->database_path, F_OK) == 0 || errno != ENOENT)
		return OK;
	cli->remedy = "If there was a site, is its disk mounted? Bring it back with 'starpunk restore', or make a new one with 'starpunk init'.";
	return err_raise(c, ERR_DB_MISSING, "database_path: there is no database at %s",
		cli->cfg->database_path);
}

/* Becomes user, or who owns a path or its directory. */
static enum err
become(struct ctx *c, struct str user, const char *path)
{
	enum err err = OK;

	if (str_empty(user))
		err = owner_name(c, path, &user);
	if (!err && str_empty(user))
		err = owner_name(c, cli_parent(c, path), &user);
	return err ? err : proc_drop_privileges(c, user.p);
}

enum err
cli_settle(struct ctx *c, struct cli *cli)
{
	enum err err = become(c, str_z(cli->cfg->user), cli->cfg->database_path);

	if (err)
		return err;
	if (cli->cfg->log_file[0] && log_open(c, cli->cfg, &c->log) == OK)
		return OK;
	err_clear(c);
	return log_open_fd(c, STDERR_FILENO, LOG_LEVEL_WARNING, false, &c->log);
}

enum err
cli_settle_alone(struct ctx *c, struct cli *cli, const char *path)
{
	enum err err = config_defaults(c, &cli->cfg);

	if (err)
		return err;
	c->cfg = cli->cfg;
	err = become(c, S(""), path);
	return err ? err : log_open_fd(c, STDERR_FILENO, LOG_LEVEL_WARNING, false, &c->log);
}

const char *
cli_parent(struct ctx *c, const char *path)
{
	struct str parent;

	/* The root directory when there is no memory to name another. */
	return folder_parent(c, path, &parent) == OK ? parent.p : "/";
}

enum err
cli_db(struct ctx *c, struct cli *cli, struct db **out)
{
	enum err err = cli_config(c, cli);

	if (!err)
		err = cli_database_exists(c, cli);
	if (!err)
		err = cli_settle(c, cli);
	if (err)
		return err;
	if (segment_attach(c, cli->cfg->runtime_path, true, &cli->segment) != OK) {
		/* No site is running, or not one whose pages we could call outdated. */
		err_clear(c);
		cli->segment = NULL;
	}
	return db_open(c, cli->segment, out);
}

/* ---- main -------------------------------------------------------------------------------- */

/* What happened, and what to do about it: the command's own remedy, or that of the error's row. */
static void
complain(const struct ctx *c, const struct cli *cli, enum err err)
{
	const struct err_info *info = err_info(err);
	size_t steps = sizeof(info->steps) / sizeof(info->steps[0]);

	(void)fprintf(stderr, "starpunk: %s\n", c->err.detail[0] ? c->err.detail : info->message);
	if (cli->remedy) {
		(void)fprintf(stderr, "%s\n", cli->remedy);
	} else if (err == ERR_USAGE) {
		(void)fprintf(stderr, "See 'starpunk %s%s--help'.\n",
			cli->command ? cli->command->words : "", cli->command ? " " : "");
	} else {
		(void)fprintf(stderr, "%s\n", info->message);
		for (size_t i = 0; i < steps && info->steps[i]; i++)
			(void)fprintf(stderr, "  - %s\n", info->steps[i]);
	}
}

static enum err
run(struct ctx *c, struct cli *cli, int argc, char **argv)
{
	struct buf out;
	enum err err = cli_parse(c, cli, argc, argv);

	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (cli->help)
		cli_help(cli->command, cli->family, &out);
	else if (cli->version)
		buf_puts(&out, "starpunk " SP_VERSION "\n");
	if (cli->help || cli->version)
		return cli_print(c, &out);
	err = crypto_init(c);
	return err ? err : cli->command->run(c, cli);
}

int
cli_main(int argc, char **argv)
{
	struct cli cli = {0};
	struct ctx c;
	enum err err;

	ctx_init(&c, ARENA_MAX);
	c.now_us = time_now_us();
	c.start_us = time_mono_us();
	err = proc_open_std_fds(&c);
	if (!err)
		err = run(&c, &cli, argc > 0 ? argc - 1 : 0, argv + 1);
	if (err)
		complain(&c, &cli, err);
	segment_close(cli.segment);
	log_close(c.log);
	config_free(cli.cfg);
	ctx_fini(&c);
	return !err && cli.unwell ? 1 : child_exit_status(err);
}
