/*
 * What the front server is to serve by itself. A request that it passes on to the program instead is
 * answered as any with a pass is, which gives it away.
 */
#include "app/doctor.h"

#include "base/enc.h"
#include "core/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RANDOM_BYTES = 16 };

/* True if it is an answer of the front server's own with 200; else it is told what is wrong. */
static bool
served(struct doctor *d, enum doctor_check check, const char *path, const struct doctor_answer *a)
{
	if (a->seen)
		doctor_find(d, check, DOCTOR_ERROR, "%s is passed on to the program", path);
	else if (a->problem != FETCH_OK)
		doctor_find(d, check, DOCTOR_ERROR, "%s: no answer (%.*s)", path, STR(a->detail));
	else if (a->status != 200)
		doctor_find(d, check, DOCTOR_ERROR, "%s is answered with %d", path, a->status);
	else
		return true;
	return false;
}

/* As much of a file as an answer is kept of; n 0: it cannot be read. */
static struct str
file_begin(struct ctx *c, const char *folder, const char *name)
{
	char *p = ctx_alloc(c, FETCH_MAX_BYTES);
	struct str path;
	ssize_t n = 0;
	int fd = -1;

	if (p && folder[0] != '\0' && ctx_printf(c, &path, "%s%s", folder, name) == OK)
		fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, p, FETCH_MAX_BYTES);
		(void)close(fd);
	}
	return str_n(p, n > 0 ? (size_t)n : 0);
}

static void
static_look(struct doctor *d)
{
	static const char path[] = "/static/style.css";
	struct str file = file_begin(d->c, d->cfg->theme_path, path);
	struct doctor_answer a;

	doctor_look(d, DOCTOR_STATIC, DOCTOR_LONG);
	if (str_empty(file))
		file = file_begin(d->c, d->cfg->share_path, path);
	if (doctor_ask(d, "GET", path, 0, &a) != OK) {
		doctor_find_error(d, DOCTOR_STATIC, DOCTOR_ERROR);
		return;
	}
	if (!served(d, DOCTOR_STATIC, path, &a))
		return;
	if (!str_starts(a.type, S("text/css")))
		doctor_find(d, DOCTOR_STATIC, DOCTOR_ERROR,
			"%s comes as '%.*s', which browsers do not take for a style sheet", path, STR(a.type));
	else if (!str_eq(a.body, file))
		doctor_find(d, DOCTOR_STATIC, DOCTOR_WARNING,
			"%s is another file than that of share_path (%s) or theme_path", path,
			d->cfg->share_path);
	else
		doctor_find(d, DOCTOR_STATIC, DOCTOR_OK, "served by the front server");
}

/* ---- media ------------------------------------------------------------------------------- */

/* A file that is there for the time of one request. */
static enum err
probe_make(struct doctor *d, struct str *name, struct str *file)
{
	unsigned char random[RANDOM_BYTES];
	char digits[2 * RANDOM_BYTES + 1];
	struct ctx *c = d->c;
	enum err err;
	int fd;

	crypto_random(random, sizeof(random));
	enc_hex(random, sizeof(random), digits);
	err = ctx_printf(c, name, "/media/doctor-%s", digits);
	if (!err)
		err = ctx_printf(c, file, "%s/doctor-%s", d->cfg->media_path, digits);
	if (err)
		return err;
	fd = open(file->p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_raise(c, ERR_IO, "%s: %s", file->p, strerror(errno));
	/* The mode of uploads, whatever the umask. */
	if (fchmod(fd, 0644) != 0 || write(fd, file->p, file->n) != (ssize_t)file->n) {
		err = err_raise(c, ERR_IO, "%s: %s", file->p, strerror(errno));
		(void)unlink(file->p);
	}
	(void)close(fd);
	return err;
}

static void
media_judge(struct doctor *d, const char *path, struct str content, const struct doctor_answer *a)
{
	if (!served(d, DOCTOR_MEDIA, path, a))
		return;
	if (!str_eq(a->body, content))
		doctor_find(d, DOCTOR_MEDIA, DOCTOR_ERROR, "%s is not what lies in %s", path,
			d->cfg->media_path);
	else
		doctor_find(d, DOCTOR_MEDIA, DOCTOR_OK, "served by the front server");
}

static void
media_look(struct doctor *d)
{
	struct doctor_answer a;
	struct str name, file;
	enum err err;

	doctor_look(d, DOCTOR_MEDIA, DOCTOR_LONG);
	err = probe_make(d, &name, &file);

	if (err) {
		doctor_find_error(d, DOCTOR_MEDIA, DOCTOR_ERROR);
		doctor_say(d, "The site itself cannot store uploads there: see to room, owner and mode. The front server could not be tried.");
		doctor_try(d, "ls -ld %s; df -h %s", doctor_word(d, d->cfg->media_path), doctor_word(d, d->cfg->media_path));
		return;
	}
	err = doctor_ask(d, "GET", name.p, 0, &a);
	if (unlink(file.p) != 0)
		doctor_find(d, DOCTOR_MEDIA, DOCTOR_WARNING, "%s is left behind: %s", file.p,
			strerror(errno));
	if (err)
		doctor_find_error(d, DOCTOR_MEDIA, DOCTOR_ERROR);
	else
		media_judge(d, name.p, file, &a);
}

void
doctor_paths(struct doctor *d)
{
	if (!d->reached)
		return;
	static_look(d);
	media_look(d);
}
