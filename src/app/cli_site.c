/*
 * Commands about the site as a whole: running it, making it, checking it.
 */
#include "app/cli.h"

#include "app/supervisor.h"
#include "core/proc.h"
#include "domain/auth.h"
#include "domain/site.h"
#include "store/migrate.h"
#include "text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBLEMS_MAX = 64 * 1024 };

/* ---- serve ------------------------------------------------------------------------------- */

enum err
cli_serve(struct ctx *c, struct cli *cli)
{
	struct str workers = cli_option(cli, S("--workers"));
	unsigned long long n = 0;
	struct buf problems;
	enum err err;

	if (workers.p && (!str_u64(workers, 64, &n) || n == 0))
		return err_raise(c, ERR_USAGE, "--workers takes a number from 1 to 64, not '%.*s'",
			STR(workers));
	err = cli_config(c, cli);
	if (err)
		return err;
	buf_init(&problems, &c->arena, PROBLEMS_MAX);
	err = config_check(c, cli->cfg, &problems);
	if (err)
		return cli_problems(c, cli, err, &problems);
	if (access(cli->cfg->database_path, F_OK) != 0 && errno == ENOENT) {
		cli->remedy = "Make it with 'starpunk init'.";
		return err_raise(c, ERR_DB_SCHEMA, "database_path: there is no database at %s",
			cli->cfg->database_path);
	}
	return supervisor_run(c, cli->file, (int64_t)n, &cli->cfg);
}

/* ---- init -------------------------------------------------------------------------------- */

/* Makes a directory and those above it. */
static enum err
make_directories(struct ctx *c, struct str path, mode_t mode)
{
	struct str copy;
	enum err err = ctx_str(c, path, &copy);

	for (size_t end = 1; !err && end <= path.n; end++) {
		struct str part;

		if (end < path.n && path.p[end] != '/')
			continue;
		err = ctx_str(c, str_sub(copy, 0, end), &part);
		if (!err && mkdir(part.p, mode) != 0 && errno != EEXIST)
			err = err_raise(c, ERR_IO, "%s: %s", part.p, strerror(errno));
	}
	return err;
}

/* Gives a directory to the user that the site will run as, when root makes it. */
static enum err
give_directory(struct ctx *c, const struct config *cfg, const char *path)
{
	uid_t uid = 0;
	gid_t gid = 0;
	enum err err;

	if (cfg->user[0] == '\0' || geteuid() != 0)
		return OK;
	err = proc_user_find(c, cfg->user, &uid, &gid);
	if (!err && chown(path, uid, gid) != 0)
		err = err_raise(c, ERR_IO, "%s: %s", path, strerror(errno));
	return err;
}

static enum err
make_places(struct ctx *c, const struct config *cfg)
{
	const char *database = cli_parent(c, cfg->database_path);
	enum err err = make_directories(c, str_z(database), 0750);

	if (!err)
		err = give_directory(c, cfg, database);
	/* The front server reads these itself. */
	if (!err)
		err = make_directories(c, str_z(cfg->media_path), 0755);
	return err ? err : give_directory(c, cfg, cfg->media_path);
}

/* Writes the commented configuration with that address to a new file. */
static enum err
write_config(struct ctx *c, const char *file, struct str url)
{
	struct buf all, out;
	struct str text;
	size_t at, end;
	enum err err = make_directories(c, str_z(cli_parent(c, file)), 0755);
	int fd;

	if (err)
		return err;
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] == '"' || url.p[i] == '\\' || url.p[i] == '$')
			return err_raise(c, ERR_USAGE, "--url is not an address: '%.*s'", STR(url));
	buf_init(&all, &c->arena, CLI_TEXT_MAX);
	config_docs("conf", &all);
	at = str_search(buf_str(&all), S("\nsite_url = "), 0);
	end = str_find(buf_str(&all), '\n', at + 1);
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	buf_put(&out, str_sub(buf_str(&all), 0, at));
	buf_printf(&out, "\nsite_url = \"%.*s\"", STR(url));
	buf_put(&out, str_sub(buf_str(&all), end, all.n));
	err = buf_end(c, &out, &text);
	if (err)
		return err;
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_raise(c, ERR_IO, "%s: %s", file, strerror(errno));
	if (write(fd, text.p, text.n) != (ssize_t)text.n)
		err = err_raise(c, ERR_IO, "%s: %s", file, strerror(errno));
	if (close(fd) != 0 && !err)
		err = err_raise(c, ERR_IO, "%s: %s", file, strerror(errno));
	if (err)
		(void)unlink(file);
	return err;
}

/*
 * Lets the group of the database's directory, the site's, read a configuration that root has made.
 */
static enum err
share_config(struct ctx *c, const struct config *cfg)
{
	struct stat file, dir;

	if (geteuid() != 0 || cfg->file[0] == '\0')
		return OK;
	if (stat(cfg->file, &file) != 0 || stat(cli_parent(c, cfg->database_path), &dir) != 0)
		return err_raise(c, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	if (file.st_uid != 0 || file.st_gid != 0 || dir.st_gid == 0)
		return OK;
	if (chown(cfg->file, (uid_t)-1, dir.st_gid) != 0)
		return err_raise(c, ERR_IO, "%s: %s", cfg->file, strerror(errno));
	return OK;
}

static struct str
without_slash(struct str url)
{
	return str_ends(url, S("/")) ? str_sub(url, 0, url.n - 1) : url;
}

/* The configuration: an old one must agree with --url, a missing one is written. */
static enum err
init_config(struct ctx *c, struct cli *cli)
{
	struct str url = cli_option(cli, S("--url"));
	bool wrote = false;
	enum err err = OK;

	if (url.p && access(cli->file, F_OK) != 0 && errno == ENOENT) {
		err = write_config(c, cli->file, url);
		wrote = !err;
	}
	if (!err)
		err = cli_config(c, cli);
	if (err && wrote)
		(void)unlink(cli->file);
	if (err)
		return err;
	if (wrote)
		(void)fprintf(stderr, "Wrote %s\n", cli->file);
	if (!url.p || str_eqi(without_slash(url), without_slash(str_z(cli->cfg->site_url))))
		return OK;
	cli->remedy = "Leave --url out, or change site_url in the configuration.";
	return err_raise(c, ERR_CONFIG, "site_url is %s in %s, not %.*s", cli->cfg->site_url,
		cli->cfg->file[0] ? cli->cfg->file : "the environment", STR(url));
}

/* Makes the owner, unless there is one. */
static enum err
init_owner(struct ctx *c, struct cli *cli, struct db *db, struct str *password)
{
	struct str name = cli_option(cli, S("--name")), given = S("");
	struct owner_row row;
	enum err err = owner_row_find(c, db, &row);

	if (err == OK) {
		cli->remedy = "Nothing was changed. 'starpunk user password' sets a new password.";
		return err_raise(c, ERR_EXISTS, "the site at %s has an owner already",
			cli->cfg->database_path);
	}
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	if (cli_flag(cli, S("--password-stdin"))) {
		err = cli_read_line(c, &given);
		if (err)
			return err;
		if (str_empty(given))
			return err_raise(c, ERR_USAGE, "the password on standard input is empty");
	}
	if (!name.p)
		name = site_author(c);
	return auth_owner_create(c, db, name, given, password);
}

enum err
cli_init(struct ctx *c, struct cli *cli)
{
	struct str password = {0};
	struct db *db = NULL;
	struct buf out;
	enum err err = init_config(c, cli);

	if (!err)
		err = make_places(c, cli->cfg);
	if (!err)
		err = share_config(c, cli->cfg);
	if (!err)
		err = cli_settle(c, cli);
	if (!err)
		err = migrate_run(c, true);
	if (!err)
		err = db_open(c, NULL, &db);
	if (!err)
		err = init_owner(c, cli, db, &password);
	db_close(db);
	if (err)
		return err;
	(void)fprintf(stderr, "The site at %s is ready: %s\n", cli->cfg->database_path,
		cli->cfg->site_url);
	if (cli_flag(cli, S("--password-stdin")))
		return OK;
	(void)fprintf(stderr, "The owner's password, shown once:\n");
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	buf_printf(&out, "%.*s\n", STR(password));
	return cli_print(c, &out);
}

/* ---- check ------------------------------------------------------------------------------- */

enum err
cli_check(struct ctx *c, struct cli *cli)
{
	bool json = cli_flag(cli, S("--json"));
	struct json *o = NULL, *database = NULL;
	struct db *db = NULL;
	struct str text;
	struct buf out;
	enum err err = cli_db(c, cli, &db), checked = OK;

	if (!err)
		checked = db_check(c, db);
	db_close(db);
	if (err || (checked && !json))
		return err ? err : checked;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (!json) {
		buf_printf(&out, "database: good\n");
		return cli_print(c, &out);
	}
	err = json_object(c, &o);
	if (!err)
		err = json_object(c, &database);
	if (!err)
		err = json_set_bool(c, database, S("healthy"), checked == OK);
	if (!err && checked)
		err = json_set_str(c, database, S("finding"), str_z(c->err.detail));
	if (!err)
		err = json_set(c, o, S("database"), database);
	if (!err)
		err = json_write(c, o, &text);
	if (err)
		return err;
	buf_printf(&out, "%.*s\n", STR(text));
	err = cli_print(c, &out);
	return err ? err : checked;
}
