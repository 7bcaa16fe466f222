/*
 * Commands about the site as a whole: running it and making it.
 */
#include "app/cli.h"

#include "app/supervisor.h"
#include "core/proc.h"
#include "domain/auth.h"
#include "domain/site.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROBLEMS_MAX = 64 * 1024, PLACE_MAX = 8192 };

/* ---- serve ------------------------------------------------------------------------------- */

/* The address is taken: says in which place the other one would have to be set. */
static enum err
listen_problem(struct ctx *c, struct cli *cli)
{
	struct str remedy;
	struct buf origin;

	buf_init(&origin, &c->arena, PLACE_MAX);
	config_origin(cli->cfg, S("listen"), &origin);
	if (ctx_printf(c, &remedy, "'listen' is set by: %.*s\n%s", STR(buf_str(&origin)),
			err_info(ERR_LISTEN)->suggestion) == OK)
		cli->remedy = remedy.p;
	return ERR_LISTEN;
}

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
	err = cli_database_exists(c, cli);
	if (!err)
		err = supervisor_run(c, cli->file, (int64_t)n, &cli->cfg);
	return err == ERR_LISTEN ? listen_problem(c, cli) : err;
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

/* Whether it is not there, or nothing for the site's user; any is some user's where none is configured. */
static bool
is_closed(const struct config *cfg, const char *path, uid_t uid, gid_t gid)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return true;
	if (!cfg->user[0] || st.st_uid == uid || st.st_mode & S_IWOTH)
		return false;
	return st.st_gid != gid || !(st.st_mode & S_IWGRP);
}

/*
 * What root makes, the site's own user could not write to, and who that is root cannot know: it is
 * told the command.
 */
static enum err
refuse_places(struct ctx *c, struct cli *cli, const char *const places[2])
{
	const char *user = cli->cfg->user[0] ? cli->cfg->user : "starpunk";
	const struct group *group;
	bool closed[2];
	struct str remedy;
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	enum err err = proc_user_find(c, user, &uid, &gid);

	if (err && cli->cfg->user[0]) {
		cli->remedy = "The package makes the user 'starpunk', and so does 'systemd-sysusers'; for another one: adduser --system --group NAME";
		return err;
	}
	err_clear(c);
	for (size_t i = 0; i < 2; i++)
		closed[i] = is_closed(cli->cfg, places[i], uid, gid);
	if (!closed[0] && !closed[1])
		return OK;
	group = getgrgid(gid);
	err = ctx_printf(c, &remedy,
		"Make it for the user that the site runs as, then run this again:\n"
		"  install -d -o %s -g %s -m 755%s%s%s%s", user, group ? group->gr_name : user, closed[0] ? " " : "",
		closed[0] ? places[0] : "", closed[1] ? " " : "", closed[1] ? places[1] : "");
	if (err)
		return err;
	cli->remedy = remedy.p;
	return err_raise(c, ERR_IO, "there is no directory %s that %s may write to, and root does not make it",
		places[closed[0] ? 0 : 1], user);
}

static enum err
make_places(struct ctx *c, struct cli *cli)
{
	const char *const places[2] = {
		cli_parent(c, cli->cfg->database_path), cli->cfg->media_path};
	enum err err;

	if (geteuid() == 0 && strcmp(cli->cfg->user, "root") != 0)
		return refuse_places(c, cli, places);
	err = make_directories(c, str_z(places[0]), 0750);
	/* The front server reads these itself. */
	return err ? err : make_directories(c, str_z(places[1]), 0755);
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
		err = make_places(c, cli);
	if (!err)
		err = share_config(c, cli->cfg);
	if (!err)
		err = cli_settle(c, cli);
	if (!err)
		err = cli_no_restore(c, cli);
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
