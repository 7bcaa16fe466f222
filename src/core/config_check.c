/*
 * Looking at the world that a configuration names: are the directories there, may the site's user
 * use them, does the socket's path fit into an address? Values themselves were checked at loading.
 *
 * Access is judged for the user that the site will run as: when root asks and `user` is set, from
 * owner, group and mode; otherwise by the kernel. Nothing is created or changed.
 */
#include "core/priv.h"

#include "base/time.h"
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { GROUPS_MAX = 64 };

/* Longest path that a Unix socket's address holds beside its NUL. */
enum { SOCKET_PATH_MAX = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1 };

struct check {
	struct ctx *c;
	const struct config_loaded *in;
	struct config_report report;
	bool as_other;		/* judge for uid and groups, not for ourselves */
	uid_t uid;
	gid_t groups[GROUPS_MAX];
	int n_groups;
};

static void problem(struct check *k, enum config_key key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void
problem(struct check *k, enum config_key key, const char *fmt, ...)
{
	const struct config_value *value = &k->in->values[key];
	struct config_place at = {k->in->cfg.file[0] ? k->in->cfg.file : NULL, value->line};
	char text[512];
	va_list ap;

	if (value->origin == CONFIG_ORIGIN_ENVIRONMENT)
		at = (struct config_place){0};
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	config_report_add(&k->report, at, str_z(config_row(key)->name), "%s", text);
}

/* ---- access ------------------------------------------------------------------------------ */

static bool
in_group(const struct check *k, gid_t gid)
{
	for (int i = 0; i < k->n_groups; i++)
		if (k->groups[i] == gid)
			return true;
	return false;
}

/* mode out of R_OK, W_OK, X_OK, which have the values of one class's permission bits. */
static bool
accessible(const struct check *k, const char *path, const struct stat *st, int mode)
{
	unsigned bits = st->st_mode & 7;

	if (!k->as_other)
		return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
	if (st->st_uid == k->uid)
		bits = st->st_mode >> 6 & 7;
	else if (in_group(k, st->st_gid))
		bits = st->st_mode >> 3 & 7;
	return (bits & (unsigned)mode) == (unsigned)mode;
}

static void
check_directory(
	struct check *k, enum config_key key, const char *path, int mode, const char *remedy)
{
	struct stat st;

	if (stat(path, &st) != 0)
		problem(k, key, "%s: %s; %s", path, strerror(errno), remedy);
	else if (!S_ISDIR(st.st_mode))
		problem(k, key, "%s: not a directory; %s", path, remedy);
	else if (!accessible(k, path, &st, mode))
		problem(k, key, "%s: the site's user may not %s there; correct its owner or mode",
			path, mode & W_OK ? "write" : "read");
}

/* The directory that path lies in. */
static const char *
directory_of(struct check *k, const char *path)
{
	struct str s = str_z(path);

	while (s.n > 1 && s.p[s.n - 1] != '/')
		s.n--;
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return arena_str(&k->c->arena, s).p;
}

static void
check_parent(struct check *k, enum config_key key, const char *path, int mode, const char *remedy)
{
	const char *directory = directory_of(k, path);

	if (directory)
		check_directory(k, key, directory, mode, remedy);
	else
		problem(k, key, "out of memory");
}

/* ---- the parts --------------------------------------------------------------------------- */

/* Who the site will be; without such a user everything is judged for ourselves. */
static void
check_user(struct check *k)
{
	const char *user = k->in->cfg.user;
	gid_t gid = 0;

	if (user[0] == '\0')
		return;
	if (proc_user_find(k->c, user, &k->uid, &gid) != OK) {
		err_clear(k->c);
		problem(k, CONFIG_KEY_user, "no user '%s'; create it with adduser --system", user);
		return;
	}
	if (geteuid() != 0 || k->uid == 0)
		return;
	k->as_other = true;
	k->n_groups = GROUPS_MAX;
	if (getgrouplist(user, gid, k->groups, &k->n_groups) < 0)
		k->n_groups = GROUPS_MAX;
}

static void
check_listen(struct check *k)
{
	const struct config *cfg = &k->in->cfg;
	gid_t gid = 0;

	if (cfg->listen_group[0] != '\0' && proc_group_find(k->c, cfg->listen_group, &gid) != OK) {
		err_clear(k->c);
		problem(k, CONFIG_KEY_listen_group, "no group '%s'; name the front server's",
			cfg->listen_group);
	}
	if (cfg->listen[0] != '/')
		return;
	if (strlen(cfg->listen) > SOCKET_PATH_MAX)
		problem(k, CONFIG_KEY_listen,
			"%s: longer than a socket's path may be (%d bytes); choose a shorter one",
			cfg->listen, SOCKET_PATH_MAX);
	else
		check_parent(
			k, CONFIG_KEY_listen, cfg->listen, W_OK | X_OK, "create the directory");
}

static void
check_paths(struct check *k)
{
	static const char create[] = "create it for the site's user";
	static const char shipped[] = "install StarPunk, or set share_path to its share directory";
	const struct config *cfg = &k->in->cfg;
	const char *templates = arena_printf(&k->c->arena, "%s/templates", cfg->share_path).p;

	check_parent(k, CONFIG_KEY_database_path, cfg->database_path, R_OK | W_OK | X_OK, create);
	check_directory(k, CONFIG_KEY_media_path, cfg->media_path, R_OK | W_OK | X_OK, create);
	check_directory(k, CONFIG_KEY_runtime_path, cfg->runtime_path, R_OK | W_OK | X_OK, create);
	if (templates)
		check_directory(k, CONFIG_KEY_share_path, templates, R_OK | X_OK, shipped);
	else
		problem(k, CONFIG_KEY_share_path, "out of memory");
	if (cfg->theme_path[0] != '\0')
		check_directory(k, CONFIG_KEY_theme_path, cfg->theme_path, R_OK | X_OK,
			"create it, or leave theme_path empty");
	if (cfg->log_file[0] != '\0')
		check_parent(k, CONFIG_KEY_log_file, cfg->log_file, W_OK | X_OK, create);
}

/* The one beside the program is not looked for: it came with it. */
static void
check_helper(struct check *k, enum config_key key, const char *path, const char *name)
{
	struct stat st;

	if (path[0] == '\0')
		return;
	if (stat(path, &st) != 0)
		problem(k, key, "%s: %s; name %s, or leave the setting empty", path,
			strerror(errno), name);
	else if (!S_ISREG(st.st_mode) || !accessible(k, path, &st, X_OK))
		problem(k, key,
			"%s: the site's user may not run it; correct its owner or mode", path);
}

/* An existing database must be ours to write, not only its directory. */
static void
check_database(struct check *k)
{
	const char *path = k->in->cfg.database_path;
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	if (!S_ISREG(st.st_mode))
		problem(k, CONFIG_KEY_database_path,
			"%s: not a file; name the database file itself", path);
	else if (!accessible(k, path, &st, R_OK | W_OK))
		problem(k, CONFIG_KEY_database_path,
			"%s: the site's user may not write it; correct its owner or mode", path);
}

static enum err
check(struct ctx *c, const struct config *cfg, struct config_report report)
{
	struct check k = {.c = c,
		.in = (const struct config_loaded *)(const void *)cfg,
		.report = report};

	check_user(&k);
	check_listen(&k);
	check_paths(&k);
	check_database(&k);
	check_helper(&k, CONFIG_KEY_media_helper, cfg->media_helper, "starpunk-media");
	check_helper(&k, CONFIG_KEY_fetch_helper, cfg->fetch_helper, "starpunk-fetch");
	if (!time_zone_exists(cfg->timezone))
		problem(&k, CONFIG_KEY_timezone,
			"no time zone '%s' here; look into /usr/share/zoneinfo, or install tzdata",
			cfg->timezone);
	if (k.report.n > 0)
		return err_raise(c, ERR_CONFIG, "%u problems around the configuration", k.report.n);
	return OK;
}

enum err
config_check(struct ctx *c, const struct config *cfg, struct buf *problems)
{
	return check(c, cfg, (struct config_report){.out = problems});
}

enum err
config_check_json(struct ctx *c, const struct config *cfg, struct buf *problems)
{
	return check(c, cfg, (struct config_report){.out = problems, .json = true});
}
