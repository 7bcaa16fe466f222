/*
 * Files against rows: what nothing knows is swept away in time, what is missing is told. Only names
 * that we give ourselves are ever removed; whatever else somebody has put below media_path is his.
 */
#include "core/config.h"
#include "core/log.h"
#include "domain/media.h"
#include "domain/media_file.h"
#include "domain/priv.h"
#include "domain/sizes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	UNFINISHED_SECONDS = 3600, /* until an upload in .incoming is given up */
	UNKNOWN_SECONDS = 86400,   /* until a file without a row is */
	ROWS = 100,                /* read at once */
};

struct walk {
	struct db *db;
	int64_t swept;               /* media_sweep() */
	struct media_report *report; /* media_check() */
};

/* Looks at the file `file` of the folder that is open as dir. */
typedef enum err file_look(
	struct ctx *c, struct walk *w, int dir, const char *folder, const char *file);

/* ---- walking ----------------------------------------------------------------------------- */

/* The folders that we make: one for each two digits that a name may begin with, and one more. */
static void
folder_name(unsigned folder, char name[sizeof(MEDIA_INCOMING)])
{
	if (folder == MEDIA_FOLDERS - 1)
		memcpy(name, MEDIA_INCOMING, sizeof(MEDIA_INCOMING));
	else
		(void)snprintf(name, sizeof(MEDIA_INCOMING), "%02x", folder & 0xff);
}

static enum err
fail(struct ctx *c, const char *path)
{
	return err_raise(c, ERR_IO, "%s: %s", path, strerror(errno));
}

/* What has a folder's name and is none has not been made by us. */
static bool
is_not_there(int e)
{
	return e == ENOENT || e == ENOTDIR || e == ELOOP;
}

/* Every file in one folder, if it is there. */
static enum err
walk_folder(struct ctx *c, struct walk *w, int root, const char *folder, file_look *look)
{
	int fd = openat(root, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	enum err err = OK;

	if (!dir) {
		err = fd < 0 && is_not_there(errno) ? OK : fail(c, folder);
		if (fd >= 0)
			(void)close(fd);
		return err;
	}
	while (!err && (e = readdir(dir)))
		if (!str_eq(str_z(e->d_name), S(".")) && !str_eq(str_z(e->d_name), S("..")))
			err = look(c, w, fd, folder, e->d_name);
	(void)closedir(dir);
	return err;
}

/* Every file in our folders from first to last. */
static enum err
walk(struct ctx *c, struct walk *w, unsigned first, unsigned last, file_look *look)
{
	int root = open(c->cfg->media_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char name[sizeof(MEDIA_INCOMING)];
	enum err err = root < 0 ? fail(c, c->cfg->media_path) : OK;

	for (unsigned i = first; !err && i <= last; i++) {
		folder_name(i, name);
		err = walk_folder(c, w, root, name, look);
	}
	if (root >= 0)
		(void)close(root);
	return err;
}

/* The name of a file: folder and file. False: it is too long to be one of ours. */
static bool
name_put(char name[256], const char *folder, const char *file)
{
	int n = snprintf(name, 256, "%s/%s", folder, file);

	return n > 0 && n < 256;
}

/* ---- sweeping ---------------------------------------------------------------------------- */

/* Whether it is a file that we have named and that nothing knows. */
static enum err
is_stray(struct ctx *c, struct walk *w, const char *folder, const char *file, bool *out)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	bool known = true;
	struct str name;
	char text[256];
	enum err err;

	*out = false;
	if (!name_put(text, folder, file))
		return OK;
	name = str_z(text);
	/* The name that a file has until it takes another's place. */
	if (str_ends(name, S("~")))
		name.n--;
	if (!media_name_parse(name, digest))
		return OK;
	err = media_row_known(c, w->db, digest, &known);
	*out = !known || name.n < strlen(text);
	return err;
}

/* Looked at once more while nobody can store it: it may have got its row, and be another file now.
 */
static enum err
sweep_stray(struct ctx *c, struct walk *w, int dir, const char *folder, const char *file)
{
	bool stray = false;
	enum err err = db_tx_begin(c, w->db);

	if (err)
		return err;
	err = is_stray(c, w, folder, file, &stray);
	if (!err && stray && unlinkat(dir, file, 0) == 0)
		w->swept++;
	db_tx_rollback(c, w->db);
	return err;
}

static enum err
sweep_file(struct ctx *c, struct walk *w, int dir, const char *folder, const char *file)
{
	bool incoming = str_eq(str_z(folder), S(MEDIA_INCOMING)), stray = false;
	int64_t age = incoming ? UNFINISHED_SECONDS : UNKNOWN_SECONDS;
	struct stat st;
	enum err err = OK;

	if (fstatat(dir, file, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode) ||
		st.st_ctime > domain_now(c) - age)
		return OK;
	if (incoming && unlinkat(dir, file, 0) == 0)
		w->swept++;
	if (!incoming)
		err = is_stray(c, w, folder, file, &stray);
	return !err && stray ? sweep_stray(c, w, dir, folder, file) : err;
}

enum err
media_sweep(struct ctx *c, struct db *db, unsigned folder, int64_t *n)
{
	struct walk w = {.db = db};
	enum err err = walk(c, &w, folder, folder, sweep_file);

	*n = w.swept;
	if (w.swept > 0)
		log_event(c, media_swept, .files = w.swept);
	return err;
}

/* ---- checking ---------------------------------------------------------------------------- */

const char *
media_problem_name(enum media_problem p)
{
	static const char *const names[] = {
		[MEDIA_MISSING] = "missing",
		[MEDIA_OTHER_SIZE] = "damaged",
		[MEDIA_SIZE_MISSING] = "missing size",
		[MEDIA_UNKNOWN] = "unknown",
	};

	return names[p];
}

static enum err
note(struct ctx *c, struct media_report *r, enum media_problem problem, struct str name)
{
	if (r->n == MEDIA_FINDINGS_MAX)
		return OK;
	r->findings[r->n].problem = problem;
	return ctx_str(c, name, &r->findings[r->n++].name);
}

/* A row while its files are looked at. */
struct row_check {
	struct media_report *report;
	bool good;
};

static enum err
check_size(struct ctx *c, void *self, struct str name)
{
	struct row_check *k = self;
	struct stat st;
	bool there = media_file_stat(c, name, &st);

	if (there && st.st_size > 0)
		return OK;
	k->good = false;
	return note(c, k->report, there ? MEDIA_OTHER_SIZE : MEDIA_SIZE_MISSING, name);
}

static enum err
check_row(struct ctx *c, struct media_report *r, const struct media_row *row)
{
	struct stat st;
	bool there = media_file_stat(c, row->name, &st);
	struct row_check k = {r, there && st.st_size == row->bytes};
	enum err err = OK;

	if (!k.good)
		err = note(c, r, there ? MEDIA_OTHER_SIZE : MEDIA_MISSING, row->name);
	if (!err)
		err = sizes_each(c, row->name, row->type, row->sizes, check_size, &k);
	if (k.good)
		r->files++;
	else
		r->lost++;
	return err;
}

static enum err
check_file(struct ctx *c, struct walk *w, int dir, const char *folder, const char *file)
{
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	bool known = false;
	char name[256];
	enum err err = OK;

	(void)dir;
	if (!name_put(name, folder, file) || str_eq(str_z(folder), S(MEDIA_INCOMING)))
		return OK;
	if (media_name_parse(str_z(name), digest))
		err = media_row_known(c, w->db, digest, &known);
	if (err || known)
		return err;
	w->report->unknown++;
	return note(c, w->report, MEDIA_UNKNOWN, str_z(name));
}

enum err
media_check(struct ctx *c, struct db *db, struct media_report *out)
{
	struct walk w = {.db = db, .report = out};
	struct media_list rows = {.more = true};
	int64_t last = 0;
	enum err err = OK;

	*out = (struct media_report){0};
	while (!err && rows.more) {
		err = media_row_behind(c, db, last, ROWS, &rows);
		for (size_t i = 0; !err && i < rows.n; i++) {
			err = check_row(c, out, &rows.rows[i]);
			last = rows.rows[i].id;
		}
	}
	return err ? err : walk(c, &w, 0, MEDIA_FOLDERS - 1, check_file);
}
