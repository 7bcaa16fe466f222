/*
 * The socket: whether somebody listens, and whether the front server may connect. That one keeps its connections, so
 * what works now may fail with its next reload; hence modes are looked at in any case, with the rights that its
 * processes have.
 */
#include "app/doctor.h"

#include "core/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { GROUPS_MAX = 64, LINE_BYTES = 1024, PASSES_MODES = 1 << 1 /* CAP_DAC_OVERRIDE */ };

/* Whom the front server runs as. */
struct account {
	char name[64];		/* as it is told: "www-data", or "user 33" */
	uid_t uid;
	gid_t gid;
	gid_t groups[GROUPS_MAX];
	int n;
	bool passes;		/* modes do not stop it */
};

/* ---- who it is --------------------------------------------------------------------------- */

static void
groups_read(const char *text, struct account *out)
{
	char *end;

	for (out->n = 0; out->n < GROUPS_MAX; text = end) {
		unsigned long gid = strtoul(text, &end, 10);

		if (end == text)
			return;
		out->groups[out->n++] = (gid_t)gid;
	}
}

/* Out of /proc/PID/status. False: it is gone, or of root's, which hands its sockets on and asks nobody. */
static bool
process_read(const char *pid, const char *called, struct account *out)
{
	char path[64], line[LINE_BYTES];
	unsigned uid = 0, gid = 0;
	bool right = false;
	FILE *f;

	*out = (struct account){.n = 0};
	(void)snprintf(path, sizeof(path), "/proc/%.20s/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Name:\t", 6) == 0)
			right = strncmp(line + 6, called, strlen(called)) == 0;
		else if (strncmp(line, "State:\tZ", 8) == 0)
			right = false;
		else if (strncmp(line, "Uid:", 4) == 0)
			(void)sscanf(line, "Uid: %*u %u", &uid);
		else if (strncmp(line, "Gid:", 4) == 0)
			(void)sscanf(line, "Gid: %*u %u", &gid);
		else if (strncmp(line, "Groups:", 7) == 0)
			groups_read(line + 7, out);
		else if (strncmp(line, "CapEff:", 7) == 0)
			out->passes = (strtoull(line + 7, NULL, 16) & PASSES_MODES) != 0;
	}
	if (f)
		(void)fclose(f);
	if (out->n < GROUPS_MAX)
		out->groups[out->n++] = (gid_t)gid;
	out->gid = (gid_t)gid;
	out->uid = (uid_t)uid;
	(void)snprintf(out->name, sizeof(out->name), "user %u", uid);
	return right && uid != 0;
}

/* By the names that packages give it, where none of its processes is to be seen. */
static bool
account_find(struct doctor *d, struct account *out)
{
	struct str rest = str_z(doctor_front_users(d)), name;
	gid_t gid;

	while (!str_empty(rest)) {
		if (ctx_str(d->c, str_cut(&rest, ' '), &name) != OK ||
			proc_user_find(d->c, name.p, &out->uid, &gid) != OK) {
			err_clear(d->c);
			continue;
		}
		*out = (struct account){.uid = out->uid, .gid = gid, .n = GROUPS_MAX};
		(void)snprintf(out->name, sizeof(out->name), "%s", name.p);
		if (getgrouplist(name.p, gid, out->groups, &out->n) < 0)
			out->n = GROUPS_MAX;
		return true;
	}
	return false;
}

/* ---- what it may ------------------------------------------------------------------------- */

static bool
account_may(const struct account *a, const struct stat *st, unsigned mode)
{
	unsigned bits = st->st_mode & 7;

	if (a->passes)
		return true;
	if (a->uid == st->st_uid)
		return (st->st_mode >> 6 & mode) == mode;
	for (int i = 0; i < a->n; i++)
		if (a->groups[i] == st->st_gid)
			bits = st->st_mode >> 3 & 7;
	return (bits & mode) == mode;
}

/* What is in the way of that user to the socket: a directory, or itself; p NULL: nothing. */
static struct str
obstacle(struct doctor *d, const struct account *a)
{
	struct str path = str_z(d->cfg->listen), part;
	struct stat st;

	for (size_t i = 1; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/')
			continue;
		if (ctx_str(d->c, str_sub(path, 0, i), &part) != OK || stat(part.p, &st) != 0)
			break;
		if (!account_may(a, &st, i < path.n ? X_OK : W_OK))
			return part;
	}
	return (struct str){0};
}

/*
 * The same for the processes of the front server that run: nothing is in the way if it is in nobody's, or if there
 * are several servers of the kind and one may. False: none is to be seen.
 */
static bool
processes_obstacle(struct doctor *d, struct account *who, struct str *in_way)
{
	const char *called = doctor_front_process(d);
	DIR *proc = called ? opendir("/proc") : NULL;
	const struct dirent *entry;
	struct account a;
	bool seen = false;

	*in_way = (struct str){0};
	while (proc && (entry = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !process_read(entry->d_name, called, &a))
			continue;
		seen = true;
		*who = a;
		*in_way = obstacle(d, &a);
		if (!in_way->p)
			break;
	}
	if (proc)
		(void)closedir(proc);
	return seen;
}

/* ---- the socket -------------------------------------------------------------------------- */

/* 0, or why nobody listens there. */
static int
try_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), e = 0;
	size_t n = strlen(path);

	if (fd < 0 || n >= sizeof(address.sun_path)) {
		e = fd < 0 ? errno : ENAMETOOLONG;
	} else {
		memcpy(address.sun_path, path, n);
		/* EAGAIN: there are many before us, so somebody listens. */
		if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 && errno != EAGAIN)
			e = errno;
	}
	if (fd >= 0)
		(void)close(fd);
	return e;
}

/* What opens the way to it at once. */
static void
try_opening(struct doctor *d, struct str in_way, const struct account *front)
{
	const char *word = doctor_word(d, in_way.p);

	if (in_way.n < strlen(d->cfg->listen))
		doctor_try(d, "chmod o+x %s", word);
	else
		doctor_try(d, "chgrp %d %s && chmod 660 %s", (int)front->gid, word, word);
}

static void
nobody_listens(struct doctor *d, int why)
{
	doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%s: nobody listens there (%s)", d->cfg->listen, strerror(why));
	doctor_say(d, "The program does not run, or listens somewhere else: see listen in the configuration.");
	if (d->running)
		doctor_try_restart(d);
	else
		doctor_try_start(d);
}

void
doctor_socket(struct doctor *d)
{
	const char *path = d->cfg->listen;
	struct account front = {.n = 0};
	struct str in_way = {0};
	int e;

	doctor_look(d, DOCTOR_SOCKET, DOCTOR_SHORT);
	if (path[0] != '/')
		return;
	e = d->reached ? 0 : try_connect(path);
	if (e != 0 && e != EACCES) {
		nobody_listens(d, e);
		return;
	}
	if (!processes_obstacle(d, &front, &in_way) && !d->reached && account_find(d, &front))
		in_way = obstacle(d, &front);
	if (in_way.p) {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%.*s is closed to %s, the front server's user%s",
			STR(in_way), front.name, d->reached ? ", which lives on connections that it has kept" : "");
		try_opening(d, in_way, &front);
	} else if (e == EACCES) {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_ERROR, "%s: we may not connect to it", path);
		doctor_try(d, "ls -l %s", doctor_word(d, path));
	} else {
		doctor_find(d, DOCTOR_SOCKET, DOCTOR_OK, "%s", d->reached ? "the front server has connected to it" : path);
	}
	err_clear(d->c);
}
