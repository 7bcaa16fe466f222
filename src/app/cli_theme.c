/*
 * Commands for who makes a theme: begin one, look at the shipped files, find out what is wrong with one's own.
 * None of them needs a running site or its database.
 */
#include "app/cli.h"

#include "text/json.h"
#include "web/theme.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 500 };

/* ---- check ----------------------------------------------------------------------------------- */

static void
put_text(const struct theme_report *report, struct buf *out)
{
	for (size_t i = 0; i < report->n; i++) {
		const struct theme_finding *f = &report->findings[i];

		buf_put(out, f->file);
		if (f->line > 0)
			buf_printf(out, ":%u", f->line);
		buf_printf(out, "%s%s: %.*s\n", f->file.n > 0 ? ": " : "",
			f->error ? "error" : "warning", STR(f->text));
	}
}

static enum err
finding_json(struct ctx *c, const struct theme_finding *f, struct json *list)
{
	struct json *o = NULL;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_str(c, o, S("level"), f->error ? S("error") : S("warning"));
	if (!err)
		err = json_set_str(c, o, S("file"), f->file);
	if (!err)
		err = json_set_int(c, o, S("line"), f->line);
	if (!err)
		err = json_set_str(c, o, S("message"), f->text);
	return err ? err : json_push(c, list, o);
}

static enum err
put_json(struct ctx *c, const struct theme_report *report, struct buf *out)
{
	struct json *list = NULL;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < report->n; i++)
		err = finding_json(c, &report->findings[i], list);
	return err ? err : cli_put_json(c, list, out);
}

/* The directory named, or the site's; without a slash at its end. */
static enum err
theme_dir(struct ctx *c, struct cli *cli, struct str *out)
{
	struct str dir = cli->n_operands > 0 ? cli->operands[0] : str_z(cli->cfg->theme_path);

	if (dir.n == 0) {
		cli->remedy = "Name one, or set theme_path. 'starpunk theme init DIR' makes one.";
		return err_raise(c, ERR_USAGE, "there is no theme to check");
	}
	while (dir.n > 1 && str_ends(dir, S("/")))
		dir.n--;
	return ctx_str(c, dir, out);
}

enum err
cli_theme_check(struct ctx *c, struct cli *cli)
{
	struct theme_report report;
	struct str dir = {0};
	struct buf out;
	enum err err = cli_config(c, cli);

	if (!err)
		err = theme_dir(c, cli, &dir);
	if (!err)
		err = theme_check(c, dir.p, &report);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (cli_flag(cli, S("--json"))) {
		err = put_json(c, &report, &out);
	} else {
		put_text(&report, &out);
		buf_printf(&out, "%.*s: %zu templates, %zu other files, %zu errors\n", STR(dir),
			report.templates, report.statics, report.errors);
	}
	if (!err)
		err = cli_print(c, &out);
	if (err || report.errors == 0)
		return err;
	cli->remedy = "In place of these files the site uses those that it was shipped with.";
	return err_raise(c, ERR_TEMPLATE, "the theme has errors");
}

/* ---- init ------------------------------------------------------------------------------------ */

static const char style[] =
	"/*\n"
	" * What this site adds to the shipped style: pages link it behind style.css, so whatever stands here\n"
	" * wins, and the shipped style may change with the next version without harm to it.\n"
	" */\n";

static const char readme[] =
	"A theme of StarPunk. Set theme_path to this directory, and let the front server know it.\n"
	"\n"
	"static/theme.css      added to the shipped style\n"
	"static/NAME           takes the place of the shipped file of that name, or is one of your own\n"
	"templates/NAME.html   takes the place of the shipped template of that name\n"
	"\n"
	"starpunk theme show                 lists the shipped files\n"
	"starpunk theme show footer.html     prints one; redirect it here and change it\n"
	"starpunk theme check                finds what is wrong\n"
	"systemctl reload starpunk           shows it (or: send HUP to the site)\n"
	"\n"
	"starpunk-theme(7) says what templates may name.\n";

static enum err
make_directory(struct ctx *c, const char *path)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return OK;
	return err_raise(c, ERR_IO, "%s: %s", path, strerror(errno));
}

static enum err
write_file(struct ctx *c, struct str dir, const char *name, const char *text)
{
	size_t n = strlen(text);
	struct str path;
	enum err err = ctx_printf(c, &path, "%.*s/%s", STR(dir), name);
	int fd;

	if (err)
		return err;
	fd = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST)
		return err_raise(c, ERR_EXISTS, "there is a theme in %.*s already", STR(dir));
	if (fd < 0)
		return err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	if (write(fd, text, n) != (ssize_t)n)
		err = err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	if (close(fd) != 0 && !err)
		err = err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	return err;
}

enum err
cli_theme_init(struct ctx *c, struct cli *cli)
{
	struct str dir = cli->operands[0], path;
	enum err err = make_directory(c, dir.p);

	cli->remedy = "Choose a directory that can be made, or one that is empty.";
	for (size_t i = 0; !err && i < 2; i++) {
		err = ctx_printf(c, &path, "%.*s/%s", STR(dir), i == 0 ? "templates" : "static");
		if (!err)
			err = make_directory(c, path.p);
	}
	if (!err)
		err = write_file(c, dir, "README", readme);
	if (!err)
		err = write_file(c, dir, "static/theme.css", style);
	if (!err)
		(void)fprintf(stderr, "Made a theme in %.*s: see README there.\n", STR(dir));
	return err;
}

/* ---- show ------------------------------------------------------------------------------------ */

static const char *const folders[] = {"templates", "static"};

static int
by_name(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return strcmp(x->p, y->p);
}

static enum err
list_folder(struct ctx *c, const char *folder, struct str *names, size_t *n)
{
	const struct dirent *entry;
	struct str path;
	enum err err = ctx_printf(c, &path, "%s/%s", c->cfg->share_path, folder);
	DIR *d = err ? NULL : opendir(path.p);

	if (!err && !d)
		err = err_raise(c, ERR_IO, "%s: %s", path.p, strerror(errno));
	while (!err && *n < NAMES_MAX && (entry = readdir(d)) != NULL)
		if (entry->d_name[0] != '.')
			err = ctx_printf(c, &names[(*n)++], "%s/%s", folder, entry->d_name);
	if (d)
		(void)closedir(d);
	return err;
}

static enum err
show_names(struct ctx *c, struct buf *out)
{
	struct str names[NAMES_MAX];
	size_t n = 0;
	enum err err = list_folder(c, folders[0], names, &n);

	if (!err)
		err = list_folder(c, folders[1], names, &n);
	if (err)
		return err;
	qsort(names, n, sizeof(names[0]), by_name);
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%.*s\n", STR(names[i]));
	return OK;
}

/* The file of a name, with its folder or without; -1: there is none. */
static int
open_shipped(struct ctx *c, struct str name)
{
	struct str path;
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < 2; i++) {
		struct str rest = name;

		if (str_eq(str_cut(&rest, '/'), str_z(folders[i])) && rest.p)
			name = rest;
		if (ctx_printf(c, &path, "%s/%s/%.*s", c->cfg->share_path, folders[i],
				STR(name)) == OK)
			fd = open(path.p, O_RDONLY | O_CLOEXEC);
	}
	return fd;
}

static enum err
show_file(struct ctx *c, struct cli *cli, struct str name, struct buf *out)
{
	bool plain = name.n > 0 && name.p[0] != '/' && str_search(name, S(".."), 0) == name.n;
	int fd = plain ? open_shipped(c, name) : -1;
	char bytes[BUFSIZ];
	ssize_t n;

	if (fd < 0) {
		cli->remedy = "'starpunk theme show' lists the files.";
		return err_raise(c, ERR_USAGE, "there is no shipped file '%.*s'", STR(name));
	}
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		buf_put(out, str_n(bytes, (size_t)n));
	(void)close(fd);
	return n == 0 ? OK : err_raise(c, ERR_IO, "%.*s: %s", STR(name), strerror(errno));
}

enum err
cli_theme_show(struct ctx *c, struct cli *cli)
{
	struct buf out;
	enum err err = cli_config(c, cli);

	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (!err && cli->n_operands > 0)
		err = show_file(c, cli, cli->operands[0], &out);
	else if (!err)
		err = show_names(c, &out);
	return err ? err : cli_print(c, &out);
}
