/*
 * Files: who may read and write them, and whether there is room for more. It is looked at as the site's
 * user, whom the command has become by then.
 */
#include "app/doctor.h"

#include "core/key.h"
#include "web/checks.h"
#include "web/theme.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MIB = 1024 * 1024, PROBLEMS_MAX = 64 * 1024, MEDIA_MAX = 100000 };

/* ---- configuration ----------------------------------------------------------------------- */

static void
configuration_look(struct doctor *d)
{
	const char *file = d->cfg->file;
	struct stat st;

	if (file[0] == '\0' || stat(file, &st) != 0)
		return;
	if (st.st_mode & S_IWOTH)
		doctor_find(d, DOCTOR_CONFIGURATION_FILE, DOCTOR_ERROR, "%s: anybody may write it (mode %04o)",
			file, (unsigned)st.st_mode & 07777);
	else if (st.st_mode & S_IROTH)
		doctor_find(d, DOCTOR_CONFIGURATION_FILE, DOCTOR_NOTE,
			"%s: anybody may read it (mode %04o); it holds no secret, but mail address and networks",
			file, (unsigned)st.st_mode & 07777);
	else
		doctor_find(d, DOCTOR_CONFIGURATION_FILE, DOCTOR_OK, "%s", file);
}

static void
places_look(struct doctor *d)
{
	struct buf problems;
	struct str rest;
	enum err err;

	buf_init(&problems, &d->c->arena, PROBLEMS_MAX);
	err = config_check(d->c, d->cfg, &problems);
	err_clear(d->c);
	if (!err) {
		doctor_find(d, DOCTOR_PLACES, DOCTOR_OK, "all there");
		return;
	}
	rest = str_trim(buf_str(&problems));
	while (rest.p) {
		struct str line = str_cut(&rest, '\n');

		doctor_find(d, DOCTOR_PLACES, DOCTOR_ERROR, "%.*s", STR(line));
	}
}

/* ---- secrets ----------------------------------------------------------------------------- */

/* One of the database's files; true if there is nothing to say. */
static bool
database_file_look(struct doctor *d, const char *suffix)
{
	struct str path;
	struct stat st;

	if (ctx_printf(d->c, &path, "%s%s", d->cfg->database_path, suffix) != OK ||
		stat(path.p, &st) != 0) {
		err_clear(d->c);
		return true;
	}
	if (faccessat(AT_FDCWD, path.p, R_OK | W_OK, AT_EACCESS) != 0)
		doctor_find(d, DOCTOR_DATABASE_FILES, DOCTOR_ERROR,
			"%s belongs to user %u, mode %04o: the site's user (%u) may not write it", path.p,
			(unsigned)st.st_uid, (unsigned)st.st_mode & 07777, (unsigned)geteuid());
	else if (st.st_mode & S_IWOTH)
		doctor_find(d, DOCTOR_DATABASE_FILES, DOCTOR_ERROR, "%s: anybody may write it (mode %04o)",
			path.p, (unsigned)st.st_mode & 07777);
	else if (st.st_mode & S_IROTH)
		doctor_find(d, DOCTOR_DATABASE_FILES, DOCTOR_WARNING, "%s: anybody may read it (mode %04o)",
			path.p, (unsigned)st.st_mode & 07777);
	else
		return true;
	return false;
}

static void
database_files_look(struct doctor *d)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
	bool good = true;

	if (access(d->cfg->database_path, F_OK) != 0)
		return;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		good = database_file_look(d, suffixes[i]) && good;
	if (good)
		doctor_find(d, DOCTOR_DATABASE_FILES, DOCTOR_OK, "for the site's user alone");
}

static void
key_look(struct doctor *d)
{
	struct str path;
	struct stat st;

	if (key_path(d->c, &path) != OK) {
		doctor_find_error(d, DOCTOR_KEY, DOCTOR_ERROR);
		return;
	}
	if (stat(path.p, &st) != 0) {
		doctor_find(d, DOCTOR_KEY, errno == ENOENT ? DOCTOR_OK : DOCTOR_ERROR, "%s: %s", path.p,
			errno == ENOENT ? "not made yet" : strerror(errno));
		return;
	}
	if (st.st_mode & 077)
		doctor_find(d, DOCTOR_KEY, DOCTOR_ERROR, "%s: others than the site's user may open it (mode %04o)",
			path.p, (unsigned)st.st_mode & 07777);
	else if (faccessat(AT_FDCWD, path.p, R_OK, AT_EACCESS) != 0)
		doctor_find(d, DOCTOR_KEY, DOCTOR_ERROR, "%s belongs to user %u: the site's user may not read it",
			path.p, (unsigned)st.st_uid);
	else
		doctor_find(d, DOCTOR_KEY, DOCTOR_OK, "for the site's user alone");
}

/* ---- media ------------------------------------------------------------------------------- */

struct unreadable {
	size_t seen, n;
	char first[256];
};

/* Uploads lie in folders of one level; what begins with a dot is nobody's but ours. */
static void
folder_look(struct unreadable *u, int dir, const char *name, int depth)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	if (!stream && fd >= 0)
		(void)close(fd);
	while (stream && u->seen < MEDIA_MAX && (entry = readdir(stream)) != NULL) {
		bool folder;

		if (entry->d_name[0] == '.' ||
			fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		u->seen++;
		folder = S_ISDIR(st.st_mode);
		if (!(st.st_mode & S_IROTH) || (folder && !(st.st_mode & S_IXOTH))) {
			if (u->n++ == 0)
				memcpy(u->first, entry->d_name, strlen(entry->d_name) + 1);
		}
		if (folder && depth > 0)
			folder_look(u, fd, entry->d_name, depth - 1);
	}
	if (stream)
		(void)closedir(stream);
}

static void
media_look(struct doctor *d)
{
	struct unreadable u = {.n = 0};

	folder_look(&u, AT_FDCWD, d->cfg->media_path, 1);
	if (u.n > 0)
		doctor_find(d, DOCTOR_MEDIA, DOCTOR_WARNING,
			"%zu files or folders in %s may be read by their owner only, such as %s", u.n,
			d->cfg->media_path, u.first);
}

/* ---- room -------------------------------------------------------------------------------- */

static void
room_look(struct doctor *d, const char *path)
{
	struct statvfs fs;
	int64_t room;

	if (statvfs(path, &fs) != 0)
		return;
	room = (int64_t)((unsigned long long)fs.f_bavail * fs.f_frsize);
	if (fs.f_flag & ST_RDONLY)
		doctor_find(d, DOCTOR_DISK, DOCTOR_ERROR, "%s: its file system is mounted read-only", path);
	else if (fs.f_files > 0 && fs.f_favail == 0)
		doctor_find(d, DOCTOR_DISK, DOCTOR_ERROR, "%s: its file system has no inode left", path);
	else
		doctor_find(d, DOCTOR_DISK,
			room < CHECKS_LEAST_FREE    ? DOCTOR_ERROR
			: room < CHECKS_LITTLE_FREE ? DOCTOR_WARNING
						    : DOCTOR_OK,
			"%s: %lld MiB free", path, (long long)(room / MIB));
}

static void
wal_look(struct doctor *d)
{
	struct str path;
	struct stat st;

	if (ctx_printf(d->c, &path, "%s-wal", d->cfg->database_path) != OK) {
		err_clear(d->c);
		return;
	}
	if (stat(path.p, &st) != 0)
		return;
	doctor_find(d, DOCTOR_WAL, st.st_size > CHECKS_WAL_LARGE ? DOCTOR_WARNING : DOCTOR_OK, "%s: %lld MiB",
		path.p, (long long)(st.st_size / MIB));
}

static void
theme_look(struct doctor *d)
{
	struct theme_report *report = ctx_calloc(d->c, 1, sizeof(*report));

	if (d->cfg->theme_path[0] == '\0' || access(d->cfg->theme_path, F_OK) != 0)
		return;
	if (!report || theme_check(d->c, d->cfg->theme_path, report) != OK)
		doctor_find_error(d, DOCTOR_THEME, DOCTOR_WARNING);
	else if (report->n > 0)
		doctor_find(d, DOCTOR_THEME, report->errors > 0 ? DOCTOR_WARNING : DOCTOR_NOTE,
			"%zu errors in %s; the first finding: %.*s: %.*s", report->errors, d->cfg->theme_path,
			STR(report->findings[0].file), STR(report->findings[0].text));
	else
		doctor_find(d, DOCTOR_THEME, DOCTOR_OK, "%zu templates, %zu other files",
			report->templates, report->statics);
}

void
doctor_files(struct doctor *d)
{
	const char *home = cli_parent(d->c, d->cfg->database_path);

	configuration_look(d);
	places_look(d);
	database_files_look(d);
	key_look(d);
	media_look(d);
	room_look(d, home);
	if (strcmp(home, d->cfg->media_path) != 0)
		room_look(d, d->cfg->media_path);
	wal_look(d);
	theme_look(d);
}
