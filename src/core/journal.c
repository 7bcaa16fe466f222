/*
 * Writing to a file that other processes write to, rename and begin anew. The descriptor we have
 * may be of the file's past: before an entry is written the file of that name is looked up, and
 * afterwards ours must still have a name, which it lost only if two renamings went by in between.
 */
#include "core/journal.h"

#include "base/mem.h"
#include "core/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TRIES = 8,                       /* files of the past in a row: there is no such storm */
	LOAD_MAX = 2 * JOURNAL_FILE_MAX, /* bytes read of one file */
	FLAGS = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
};

struct journal {
	pthread_mutex_t mutex; /* one thread of the process at a time */
	int fd;                /* -1: not open */
	char *path, *old;      /* the file, and PATH.1 */
};

enum err
journal_new(struct ctx *c, const char *path, struct journal **out)
{
	size_t n = strlen(path) + sizeof(".1");
	struct journal *j = mem_alloc(sizeof(*j));

	*out = j;
	if (!j)
		return err_memory(c);
	j->fd = -1;
	(void)pthread_mutex_init(&j->mutex, NULL);
	j->path = mem_alloc(n);
	j->old = mem_alloc(n);
	if (!j->path || !j->old) {
		journal_free(j);
		*out = NULL;
		return err_memory(c);
	}
	(void)snprintf(j->path, n, "%s", path);
	(void)snprintf(j->old, n, "%s.1", path);
	return OK;
}

static void
file_close(struct journal *j)
{
	if (j->fd >= 0)
		(void)close(j->fd);
	j->fd = -1;
}

void
journal_free(struct journal *j)
{
	if (!j)
		return;
	file_close(j);
	(void)pthread_mutex_destroy(&j->mutex);
	mem_free(j->path);
	mem_free(j->old);
	mem_free(j);
}

/* ---- writing ----------------------------------------------------------------------------- */

/* True if our descriptor is of the file that has the journal's name now. */
static bool
is_current(const struct journal *j, struct stat *ours)
{
	struct stat named;

	return j->fd >= 0 && fstat(j->fd, ours) == 0 && lstat(j->path, &named) == 0 &&
	       ours->st_ino == named.st_ino && ours->st_dev == named.st_dev;
}

static bool
file_open(struct journal *j, struct stat *ours)
{
	file_close(j);
	j->fd = open(j->path, O_RDWR | O_APPEND | O_CREAT | FLAGS, 0600);
	return j->fd >= 0 && fstat(j->fd, ours) == 0 && S_ISREG(ours->st_mode);
}

/*
 * Renames the full file, unless somebody else is doing it: whoever holds the lock of a file that
 * has the name is the only one to take the name from it. What goes on being written to it meanwhile
 * is in the older file then.
 */
static void
rotate(const struct journal *j)
{
	struct stat ours;

	if (flock(j->fd, LOCK_EX | LOCK_NB) != 0)
		return;
	if (is_current(j, &ours) && ours.st_size >= JOURNAL_FILE_MAX)
		(void)rename(j->path, j->old);
	(void)flock(j->fd, LOCK_UN);
}

/* Makes our descriptor one of a file with room; false: there is none to be had. */
static bool
file_ready(struct journal *j, struct stat *ours)
{
	for (int i = 0; i < TRIES; i++) {
		if (!is_current(j, ours) && !file_open(j, ours))
			return false;
		if (ours->st_size < JOURNAL_FILE_MAX)
			return true;
		rotate(j);
	}
	/* Another one is at it, or the directory is read-only: there are limits to either. */
	return ours->st_size < LOAD_MAX - JOURNAL_ENTRY_MAX;
}

/*
 * An entry before ours may have been left without its end: then ours begins with a newline. One that
 * is just being written can look like that, too: then an empty line comes between the two.
 */
static bool
is_torn(const struct journal *j, const struct stat *ours)
{
	char last = '\n';

	return ours->st_size > 0 && pread(j->fd, &last, 1, ours->st_size - 1) == 1 && last != '\n';
}

static bool
entry_write(struct journal *j, struct str line)
{
	struct stat ours;

	for (int i = 0; i < TRIES; i++) {
		size_t extra;
		ssize_t done;

		if (!file_ready(j, &ours))
			return false;
		extra = is_torn(j, &ours) ? 1 : 0;
		do
			done = write(j->fd, line.p - extra, line.n + extra);
		while (done < 0 && errno == EINTR);
		if (done < 0 || (size_t)done != line.n + extra)
			return false;
		if (fstat(j->fd, &ours) == 0 && ours.st_nlink > 0)
			return true;
	}
	return false;
}

void
journal_put(struct ctx *c, struct journal *j, struct journal_entry *e)
{
	struct str line = journal_entry_end(e);
	bool written;

	if (!j)
		return;
	(void)pthread_mutex_lock(&j->mutex);
	written = entry_write(j, line);
	(void)pthread_mutex_unlock(&j->mutex);
	if (!written)
		metrics_add(c->metrics, COUNTER_JOURNAL_DROPPED, 1);
}

/* ---- reading ----------------------------------------------------------------------------- */

/* Opens a file for reading; *fd -1: there is none. */
static enum err
load_open(struct ctx *c, const char *path, int *fd, struct stat *st)
{
	*st = (struct stat){0};
	*fd = open(path, O_RDONLY | FLAGS);
	if (*fd < 0)
		return errno == ENOENT ? OK : err_raise(c, ERR_IO, "%s: %s", path, strerror(errno));
	if (fstat(*fd, st) != 0 || !S_ISREG(st->st_mode))
		return err_raise(c, ERR_IO, "%s is not a file", path);
	return OK;
}

/* The last LOAD_MAX bytes of a file. */
static enum err
load_text(struct ctx *c, int fd, const struct stat *st, struct str *out)
{
	size_t size = st->st_size < LOAD_MAX ? (size_t)st->st_size : LOAD_MAX;
	off_t from = st->st_size - (off_t)size;
	char *p = ctx_alloc(c, size + 1);
	size_t n = 0;
	ssize_t got;

	if (!p)
		return ERR_MEMORY;
	do {
		got = pread(fd, p + n, size - n, from + (off_t)n);
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	*out = str_n(p, n);
	return got < 0 ? err_raise(c, ERR_IO, "reading a journal: %s", strerror(errno)) : OK;
}

/* Both files of one moment; *moved: the newer one was renamed before the older was opened. */
static enum err
load(struct ctx *c, const char *path, const char *old, struct journal_view *out, bool *moved)
{
	struct stat newer, older;
	int newer_fd, older_fd = -1;
	enum err err = load_open(c, path, &newer_fd, &newer);

	if (!err)
		err = load_open(c, old, &older_fd, &older);
	*moved = !err && newer_fd >= 0 && older_fd >= 0 && newer.st_ino == older.st_ino &&
		 newer.st_dev == older.st_dev;
	if (!err && newer_fd >= 0)
		err = load_text(c, newer_fd, &newer, &out->newer);
	if (!err && older_fd >= 0)
		err = load_text(c, older_fd, &older, &out->older);
	if (newer_fd >= 0)
		(void)close(newer_fd);
	if (older_fd >= 0)
		(void)close(older_fd);
	return err;
}

enum err
journal_load(struct ctx *c, const char *path, struct journal_view *out)
{
	struct str old;
	bool moved;
	enum err err = ctx_printf(c, &old, "%s.1", path);

	if (err)
		return err;
	for (int i = 0; i < TRIES; i++) {
		*out = (struct journal_view){.newer = {0}};
		err = load(c, path, old.p, out, &moved);
		if (err || !moved)
			return err;
	}
	/* The same file twice, then: once is enough. */
	out->older = (struct str){0};
	return OK;
}

/* Takes the last whole line off a text: what stands behind it is still being written. */
static bool
line_take(struct str *text, struct str *line)
{
	size_t end = text->n, start;

	while (end > 0 && text->p[end - 1] != '\n')
		end--;
	if (end == 0)
		return false;
	start = end - 1;
	while (start > 0 && text->p[start - 1] != '\n')
		start--;
	*line = str_sub(*text, start, end - 1);
	*text = str_sub(*text, 0, start);
	return true;
}

bool
journal_next(struct journal_view *v, struct str *entry)
{
	while (line_take(&v->newer, entry) || line_take(&v->older, entry))
		if (str_starts(*entry, S("{")) && str_ends(*entry, S("}")))
			return true;
	return false;
}
