/*
 * Checking a theme: the templates by loading them, the other files by looking at each.
 */
#include "web/theme.h"

#include "core/config.h"
#include "text/view.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS_MAX = 4, NEAR = 3, TEXT_MAX = 512 };

struct names {
	struct str list[THEME_FILES_MAX];	/* in their order; a folder's ends in a slash */
	size_t n;
};

struct check {
	struct ctx *c;
	const char *dir;
	struct theme_report *report;
	struct names shipped;			/* templates, without ".html" */
	struct names judged;
	enum err err;
};

enum err
theme_find(struct ctx *c, struct theme_report *report, bool error, struct str file, unsigned line,
	const char *format, ...)
{
	struct theme_finding *f = &report->findings[report->n];
	char text[TEXT_MAX];
	va_list args;
	enum err err;

	report->errors += error;
	if (report->n == THEME_FINDINGS_MAX)
		return OK;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	*f = (struct theme_finding){.error = error, .line = line};
	err = ctx_str(c, file, &f->file);
	if (!err)
		err = ctx_str(c, str_z(text), &f->text);
	report->n += !err;
	return err;
}

static int
by_name(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return strcmp(x->p, y->p);
}

/* What a directory holds; names that begin with a dot are nobody's. *there false: there is none. */
static enum err
list(struct ctx *c, const char *path, struct names *out, bool *there)
{
	const struct dirent *entry;
	DIR *d = opendir(path);
	enum err err = OK;

	out->n = 0;
	*there = d != NULL;
	if (!d)
		return errno == ENOENT ? OK : err_raise(c, ERR_IO, "%s: %s", path, strerror(errno));
	while (!err && out->n < THEME_FILES_MAX && (entry = readdir(d)) != NULL) {
		struct stat st;

		if (entry->d_name[0] == '.')
			continue;
		if (fstatat(dirfd(d), entry->d_name, &st, 0) != 0)
			st.st_mode = S_IFREG; /* opening it will tell */
		err = ctx_printf(c, &out->list[out->n++], "%s%s", entry->d_name,
			S_ISDIR(st.st_mode) ? "/" : "");
	}
	(void)closedir(d);
	qsort(out->list, out->n, sizeof(out->list[0]), by_name);
	return err;
}

static bool
has(const struct names *names, struct str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (str_eq(names->list[i], name))
			return true;
	return false;
}

/* The one that may have been meant; empty for none. */
static struct str
nearest(const struct names *names, struct str name)
{
	struct str best = S("");
	unsigned least = NEAR;

	for (size_t i = 0; i < names->n; i++) {
		unsigned d = str_distance(name, names->list[i]);

		if (d < least) {
			least = d;
			best = names->list[i];
		}
	}
	return best;
}

/* ---- templates ------------------------------------------------------------------------------- */

static void
judged(struct check *k, struct str name)
{
	if (!k->err && k->judged.n < THEME_FILES_MAX)
		k->err = ctx_str(k->c, name, &k->judged.list[k->judged.n++]);
}

static void
used(void *self, struct str name)
{
	struct check *k = self;

	k->report->templates++;
	judged(k, name);
}

/* The place is taken off the problem, if it is in the file that is refused. */
static void
refused(void *self, struct str name, struct str problem)
{
	struct check *k = self;
	unsigned long long line = 0;
	struct str file, place, rest = {0};

	judged(k, name);
	if (!k->err)
		k->err = ctx_printf(k->c, &file, "templates/%.*s.html", STR(name));
	if (!k->err)
		k->err = ctx_printf(k->c, &place, "%s/%.*s:", k->dir, STR(file));
	if (k->err)
		return;
	if (str_starts(problem, place)) {
		rest = str_sub(problem, place.n, problem.n);
		if (str_u64(str_cut(&rest, ':'), UINT32_MAX, &line) && rest.p)
			problem = str_trim(rest);
	}
	k->err = theme_find(k->c, k->report, true, file, (unsigned)line, "%.*s", STR(problem));
}

/* A file that no page looks at. */
static enum err
idle_template(struct check *k, struct str file)
{
	bool html = str_ends(file, S(".html"));
	struct str name = html ? str_sub(file, 0, file.n - 5) : file, path, near;
	enum err err = ctx_printf(k->c, &path, "templates/%.*s", STR(file));

	if (err || (html && has(&k->judged, name)))
		return err;
	if (html && has(&k->shipped, name))
		return theme_find(k->c, k->report, false, path, 0,
			"is not used: what included the shipped file is replaced, too");
	near = nearest(&k->shipped, name);
	if (near.n == 0)
		return theme_find(k->c, k->report, false, path, 0,
			"is not used: no template includes it");
	return theme_find(k->c, k->report, false, path, 0,
		"is not used: no template includes it; did you mean '%.*s.html'?", STR(near));
}

static enum err
shipped_list(struct check *k, const char *path)
{
	bool there;
	enum err err = list(k->c, path, &k->shipped, &there);

	for (size_t i = 0; i < k->shipped.n; i++)
		if (str_ends(k->shipped.list[i], S(".html")))
			k->shipped.list[i].n -= 5;
	return err;
}

static enum err
check_templates(struct check *k, struct names *files)
{
	const struct tmpl_judge judge = {.used = used, .refused = refused, .self = k};
	struct str shipped, own;
	bool there = false;
	enum err err = ctx_printf(k->c, &shipped, "%s/templates", k->c->cfg->share_path);

	if (!err)
		err = ctx_printf(k->c, &own, "%s/templates", k->dir);
	if (!err)
		err = shipped_list(k, shipped.p);
	if (!err)
		err = list(k->c, own.p, files, &there);
	if (!err && there)
		err = tmpl_check(k->c, shipped.p, own.p, view_table, VIEW__MAX, &judge);
	if (!err)
		err = k->err;
	for (size_t i = 0; !err && i < files->n; i++)
		err = idle_template(k, files->list[i]);
	return err;
}

/* ---- static files ---------------------------------------------------------------------------- */

/* The file's text, in c's arena; p NULL, and a finding, if it cannot be had. */
static enum err
read_static(struct check *k, struct str file, struct str *out)
{
	struct stat st = {0};
	struct str path;
	char *text = NULL;
	size_t used = 0;
	ssize_t got = 1;
	enum err err = ctx_printf(k->c, &path, "%s/%.*s", k->dir, STR(file));
	int fd = err ? -1 : open(path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*out = (struct str){0};
	if (err)
		return err;
	if (fd < 0 || fstat(fd, &st) != 0) {
		err = theme_find(k->c, k->report, true, file, 0, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode) || st.st_size > THEME_STYLE_MAX) {
		err = theme_find(k->c, k->report, true, file, 0, "%s", S_ISREG(st.st_mode) ?
			"is larger than 1 MiB" : "is not a file");
	} else {
		text = ctx_alloc(k->c, (size_t)st.st_size + 1);
		err = text ? OK : ERR_MEMORY;
	}
	while (text && got > 0 && used < (size_t)st.st_size) {
		got = read(fd, text + used, (size_t)st.st_size - used);
		used += got > 0 ? (size_t)got : 0;
	}
	if (text)
		text[used] = '\0';
	if (fd >= 0)
		(void)close(fd);
	*out = str_n(text, used);
	return err;
}

static enum err
check_static(struct check *k, struct str file, const struct names *shipped)
{
	struct str name = str_sub(file, strlen("static/"), file.n);
	struct str text, near = nearest(shipped, name);
	enum err err = read_static(k, file, &text);

	if (err || !text.p)
		return err;
	k->report->statics++;
	if (near.n > 0 && !has(shipped, name))
		err = theme_find(k->c, k->report, false, file, 0,
			"takes no shipped file's place; did you mean '%.*s'?", STR(near));
	if (!err && str_ends(name, S(".css")))
		err = theme_style_check(k->c, k->dir, file, text, k->report);
	return err;
}

/* A folder below static, and those in it. */
static enum err
check_folder(struct check *k, struct str folder, unsigned depth, const struct names *shipped)
{
	struct names *files = ctx_alloc(k->c, sizeof(*files));
	struct str path;
	bool there;
	enum err err = files ? ctx_printf(k->c, &path, "%s/%.*s", k->dir, STR(folder)) : ERR_MEMORY;

	if (!err)
		err = list(k->c, path.p, files, &there);
	for (size_t i = 0; !err && i < files->n; i++) {
		struct str file;

		err = ctx_printf(k->c, &file, "%.*s%.*s", STR(folder), STR(files->list[i]));
		if (!err && !str_ends(file, S("/")))
			err = check_static(k, file, shipped);
		else if (!err && depth < FOLDERS_MAX)
			err = check_folder(k, file, depth + 1, shipped);
	}
	return err;
}

static enum err
check_statics(struct check *k, struct names *shipped)
{
	struct str path;
	bool there;
	enum err err = ctx_printf(k->c, &path, "%s/static", k->c->cfg->share_path);

	if (!err)
		err = list(k->c, path.p, shipped, &there);
	return err ? err : check_folder(k, S("static/"), 1, shipped);
}

/* ---- the theme ------------------------------------------------------------------------------- */

/* Of what lies beside templates and static, only what looks like part of a theme is mentioned. */
static enum err
check_top(struct check *k, struct names *files)
{
	bool there = false, any = false;
	enum err err = list(k->c, k->dir, files, &there);

	if (!err && !there)
		return err_raise(k->c, ERR_IO, "%s: there is no such directory", k->dir);
	for (size_t i = 0; !err && i < files->n; i++) {
		struct str name = files->list[i];
		bool known = str_eq(name, S("templates/")) || str_eq(name, S("static/"));

		any = any || known;
		if (known || !(str_ends(name, S("/")) || str_ends(name, S(".html")) ||
				str_ends(name, S(".css"))))
			continue;
		err = theme_find(k->c, k->report, false, name, 0,
			"is not used: a theme's files lie in templates and static");
	}
	if (!err && !any)
		err = theme_find(k->c, k->report, false, S(""), 0,
			"there is neither templates nor static, so nothing is replaced");
	return err;
}

enum err
theme_check(struct ctx *c, const char *dir, struct theme_report *out)
{
	struct check *k = ctx_calloc(c, 1, sizeof(*k));
	struct names *files = ctx_alloc(c, sizeof(*files));
	enum err err = k && files ? OK : ERR_MEMORY;

	*out = (struct theme_report){.n = 0};
	if (err)
		return err;
	k->c = c;
	k->dir = dir;
	k->report = out;
	err = check_top(k, files);
	if (!err)
		err = check_templates(k, files);
	return err ? err : check_statics(k, files);
}
