/*
 * Files: who may read and write them, and whether there is room for more. It is looked at as the site's
 * user, whom the command has become by then.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/folder.h"
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

enum { MIB = 1024 * 1024, PROBLEMS_MAX = 64 * 1024, MEDIA_MAX = 100000, MEDIA_LONGEST_US = 5 * 1000 * 1000 };

/* ---- configuration ----------------------------------------------------------------------- */

static void
configuration_look(struct doctor *d)
{
	const char *file = d->cfg->file, *group = strchr(doctor_owner(d), ':');
	unsigned mode;
	struct stat st;

	if (file[0] == '\0' || stat(file, &st) != 0)
		return;
	mode = (unsigned)st.st_mode & 07777;
	if (st.st_mode & S_IWOTH)
		doctor_find(d, DOCTOR_CONFIGURATION_FILE, DOCTOR_ERROR, "%s: anybody may write it (mode %04o)",
			file, mode);
	else if (st.st_mode & S_IROTH)
		doctor_find(d, DOCTOR_CONFIGURATION_FILE, DOCTOR_NOTE,
			"%s: anybody may read it (mode %04o); it holds no secret, but mail address and networks",
			file, mode);
	else
		doctor_find(d, DOCTOR_CONFIGURATION_FILE, DOCTOR_OK, "%s", file);
	if (st.st_mode & (S_IWOTH | S_IROTH))
		doctor_try(d, "chown root%s %s && chmod 640 %s", group ? group : "", doctor_word(d, file),
			doctor_word(d, file));
}

/* Makes a directory that is missing, or gives it to the site's user. */
static void
try_directory(struct doctor *d, const char *path)
{
	const char *owner = doctor_owner(d), *word = doctor_word(d, path);
	int user = (int)strcspn(owner, ":");
	struct stat st;

	if (stat(path, &st) != 0)
		doctor_try(d, "install -d -o %.*s -g %s -m 755 %s", user, owner, owner + user + 1, word);
	else if (S_ISDIR(st.st_mode) && faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK, AT_EACCESS) != 0)
		doctor_try(d, "chown %s %s && chmod u+rwx %s", owner, word, word);
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
	while (!str_empty(rest)) {
		struct str line = str_cut(&rest, '\n');

		doctor_find(d, DOCTOR_PLACES, DOCTOR_ERROR, "%.*s", STR(line));
	}
	try_directory(d, cli_parent(d->c, d->cfg->database_path));
	try_directory(d, d->cfg->media_path);
	try_directory(d, d->cfg->runtime_path);
	if (d->cfg->log_file[0] != '\0')
		try_directory(d, cli_parent(d->c, d->cfg->log_file));
	doctor_try(d, "%s config check", doctor_program_word(d));
}

/* ---- secrets ----------------------------------------------------------------------------- */

/* One of the database's files, path with that behind it; true if there is nothing to say. */
static bool
database_file_look(struct doctor *d, const char *database, const char *suffix)
{
	struct str path;
	struct stat st;

	if (ctx_printf(d->c, &path, "%s%s", database, suffix) != OK ||
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
	doctor_try(d, "chown %s %s && chmod 640 %s", doctor_owner(d), doctor_word(d, path.p),
		doctor_word(d, path.p));
	return false;
}

static void
database_files_look(struct doctor *d)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char real[PATH_MAX];
	bool good = true;

	if (access(d->cfg->database_path, F_OK) != 0)
		return;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		good = database_file_look(d, folder_follow(d->cfg->database_path, real), suffixes[i]) && good;
	good = database_file_look(d, d->cfg->database_path, ".lock") && good;
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
	else {
		doctor_find(d, DOCTOR_KEY, DOCTOR_OK, "for the site's user alone");
		return;
	}
	doctor_try(d, "chown %s %s && chmod 600 %s", doctor_owner(d), doctor_word(d, path.p),
		doctor_word(d, path.p));
}

/* ---- media ------------------------------------------------------------------------------- */

struct unreadable {
	size_t seen, n;
	int64_t until_us;	/* monotonic: there may be many, and the disk slow */
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
	while (stream && u->seen < MEDIA_MAX && time_mono_us() < u->until_us && (entry = readdir(stream)) != NULL) {
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
	struct unreadable u = {.until_us = time_mono_us() + MEDIA_LONGEST_US};

	folder_look(&u, AT_FDCWD, d->cfg->media_path, 1);
	if (u.n > 0)
		doctor_find(d, DOCTOR_MEDIA, DOCTOR_WARNING,
			"%zu files or folders in %s may be read by their owner only, such as %s", u.n,
			d->cfg->media_path, u.first);
	if (u.n > 0)
		doctor_try(d, "chmod -R o+rX %s", doctor_word(d, d->cfg->media_path));
}

/* ---- room -------------------------------------------------------------------------------- */

static void
room_look(struct doctor *d, const char *path)
{
	const char *word = doctor_word(d, path);
	struct statvfs fs;
	enum doctor_level level;
	int64_t room;

	if (statvfs(path, &fs) != 0)
		return;
	room = (int64_t)((unsigned long long)fs.f_bavail * fs.f_frsize);
	level = room < CHECKS_LEAST_FREE    ? DOCTOR_ERROR
		: room < CHECKS_LITTLE_FREE ? DOCTOR_WARNING
					    : DOCTOR_OK;
	if (fs.f_flag & ST_RDONLY) {
		doctor_find(d, DOCTOR_DISK, DOCTOR_ERROR, "%s: its file system is mounted read-only", path);
		doctor_try(d, "mount -o remount,rw \"$(findmnt -nro TARGET -T %s)\"; dmesg | tail", word);
	} else if (fs.f_files > 0 && fs.f_favail == 0) {
		doctor_find(d, DOCTOR_DISK, DOCTOR_ERROR, "%s: its file system has no inode left", path);
		doctor_try(d, "df -i %s", word);
	} else {
		doctor_find(d, DOCTOR_DISK, level, "%s: %lld MiB free", path, (long long)(room / MIB));
		if (level != DOCTOR_OK)
			doctor_try(d, "df -h %s; du -xm \"$(findmnt -nro TARGET -T %s)\" | sort -n | tail", word, word);
	}
}

/* Each file system once: it is said by the first directory that lies there. */
static void
rooms_look(struct doctor *d)
{
	const char *const paths[] = {cli_parent(d->c, d->cfg->database_path), d->cfg->media_path,
		d->cfg->log_file[0] != '\0' ? cli_parent(d->c, d->cfg->log_file) : NULL};
	struct stat st[sizeof(paths) / sizeof(paths[0])];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		bool known = false;

		if (!paths[i] || stat(paths[i], &st[n]) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			known = known || st[k].st_dev == st[n].st_dev;
		/* One file system may be mounted twice, and once read-only. */
		if (access(paths[i], W_OK) != 0 && errno == EROFS)
			known = false;
		if (!known) {
			room_look(d, paths[i]);
			n++;
		}
	}
}

static void
wal_look(struct doctor *d)
{
	struct str path;
	struct stat st;

	if (folder_beside(d->c, d->cfg->database_path, "-wal", &path) != OK) {
		err_clear(d->c);
		return;
	}
	if (stat(path.p, &st) != 0)
		return;
	doctor_find(d, DOCTOR_WAL, st.st_size > CHECKS_WAL_LARGE ? DOCTOR_WARNING : DOCTOR_OK, "%s: %lld MiB",
		path.p, (long long)(st.st_size / MIB));
	if (st.st_size > CHECKS_WAL_LARGE)
		doctor_try_openers(d);
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
	if (d->last && d->last->level != DOCTOR_OK)
		doctor_try(d, "%s theme check", doctor_program_word(d));
}

void
doctor_files(struct doctor *d)
{
	doctor_look(d, DOCTOR_CONFIGURATION_FILE, DOCTOR_SHORT);
	configuration_look(d);
	doctor_look(d, DOCTOR_PLACES, DOCTOR_SHORT);
	places_look(d);
	doctor_look(d, DOCTOR_DISK, DOCTOR_SHORT);
	rooms_look(d);
	doctor_look(d, DOCTOR_DATABASE_FILES, DOCTOR_SHORT);
	database_files_look(d);
	doctor_look(d, DOCTOR_KEY, DOCTOR_SHORT);
	key_look(d);
	doctor_look(d, DOCTOR_WAL, DOCTOR_SHORT);
	wal_look(d);
	doctor_look(d, DOCTOR_MEDIA, DOCTOR_LONG);
	media_look(d);
	doctor_look(d, DOCTOR_THEME, DOCTOR_SHORT);
	theme_look(d);
}
