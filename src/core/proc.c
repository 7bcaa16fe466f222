/*
 * The process and its kernel: privileges, standard descriptors, signals, threads. Calls that change
 * who we are check the result twice, once by the return value and once by looking: a half-dropped
 * privilege is worse than none.
 */
#include "core/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- privileges -------------------------------------------------------------------------- */

enum { ACCOUNT_BYTES = 16 * 1024 }; /* for an entry's texts; a group with many members is long */

enum err
proc_user_find(struct ctx *c, const char *name, uid_t *uid, gid_t *gid)
{
	struct passwd entry, *found = NULL;
	char *texts = ctx_alloc(c, ACCOUNT_BYTES);
	int e;

	if (!texts)
		return ERR_MEMORY;
	e = getpwnam_r(name, &entry, texts, ACCOUNT_BYTES, &found);
	if (!found)
		return err_raise(
			c, ERR_CONFIG, "user '%s': %s", name, e ? strerror(e) : "no such user");
	*uid = entry.pw_uid;
	*gid = entry.pw_gid;
	return OK;
}

enum err
proc_group_find(struct ctx *c, const char *name, gid_t *gid)
{
	struct group entry, *found = NULL;
	char *texts = ctx_alloc(c, ACCOUNT_BYTES);
	int e;

	if (!texts)
		return ERR_MEMORY;
	e = getgrnam_r(name, &entry, texts, ACCOUNT_BYTES, &found);
	if (!found)
		return err_raise(
			c, ERR_CONFIG, "group '%s': %s", name, e ? strerror(e) : "no such group");
	*gid = entry.gr_gid;
	return OK;
}

static bool
is_user(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t gr, ge, gs;

	if (getresuid(&r, &e, &s) != 0 || getresgid(&gr, &ge, &gs) != 0)
		return false;
	return r == uid && e == uid && s == uid && gr == gid && ge == gid && gs == gid;
}

/*
 * Capabilities that programs could be given again; without the right to, as in some containers, they
 * stay, and no_new_privs sees to it that no program gets them.
 */
static void
empty_bounding_set(void)
{
	for (unsigned long i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		(void)prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

enum err
proc_drop_privileges(struct ctx *c, const char *user)
{
	uid_t uid = 0;
	gid_t gid = 0;
	enum err err;

	if (user[0] == '\0' || geteuid() != 0)
		return OK;
	err = proc_user_find(c, user, &uid, &gid);
	if (err || uid == 0)
		return err;
	empty_bounding_set();
	if (initgroups(user, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
		setresuid(uid, uid, uid) != 0)
		return err_raise(
			c, ERR_INTERNAL, "cannot become user '%s': %s", user, strerror(errno));
	if (!is_user(uid, gid) || setuid(0) == 0)
		return err_raise(c, ERR_INTERNAL, "still root after becoming user '%s'", user);
	return OK;
}

/*
 * Gives up all capabilities but those of the mask, and looks whether they are gone. Where there is nothing to
 * give up nothing is asked: a service manager that has taken them may have taken capset(2), too.
 */
static bool
keep_capabilities(uint32_t mask)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct had[2], has[2];
	uint32_t any = 0;

	if (syscall(SYS_capget, &head, had) != 0)
		return false;
	for (size_t i = 0; i < 2; i++) {
		uint32_t kept = had[i].permitted & (i == 0 ? mask : 0);

		any |= (had[i].permitted ^ kept) | (had[i].effective ^ kept) | had[i].inheritable;
		had[i] = (struct __user_cap_data_struct){
			.effective = kept, .permitted = kept, .inheritable = 0};
	}
	if (any == 0)
		return true;
	if (syscall(SYS_capset, &head, had) != 0 || syscall(SYS_capget, &head, has) != 0)
		return false;
	for (size_t i = 0; i < 2; i++)
		if (has[i].permitted != had[i].permitted || has[i].effective != had[i].effective ||
			has[i].inheritable != 0)
			return false;
	return true;
}

enum err
proc_drop_rights(struct ctx *c)
{
	/* A site of root's may have files of anybody's; of what else root can do it needs nothing. */
	uint32_t kept = geteuid() == 0 ? (uint32_t)1 << CAP_DAC_OVERRIDE : 0;

	if (geteuid() == 0)
		empty_bounding_set();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_raise(c, ERR_INTERNAL, "PR_SET_NO_NEW_PRIVS: %s", strerror(errno));
	if (!keep_capabilities(kept))
		return err_raise(c, ERR_INTERNAL, "capabilities cannot be given up: %s",
			strerror(errno));
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_raise(c, ERR_INTERNAL, "PR_SET_DUMPABLE: %s", strerror(errno));
	return OK;
}

/* ---- descriptors and the environment of libraries ---------------------------------------- */

enum err
proc_open_std_fds(struct ctx *c)
{
	for (int fd = 0; fd <= 2; fd++) {
		int got;

		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			continue;
		/* The lowest free number is given out, and those below fd are taken: it is fd. */
		got = open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
		if (got != fd)
			return err_raise(c, ERR_IO, "/dev/null as descriptor %d: %s", fd,
				got < 0 ? strerror(errno) : "another number");
	}
	return OK;
}

enum err
proc_setenv_library(struct ctx *c)
{
	static const char *const vars[][2] = {
		/* ms that closing waits for the peer to have read all; its own default is 2000. */
		{"LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "200"},
		/* ms that a new connection may stay silent before it is looked at again. */
		{"LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", "50"},
	};

	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]); i++)
		if (setenv(vars[i][0], vars[i][1], 1) != 0)
			return err_memory(c);
	return OK;
}

/* ---- signals ----------------------------------------------------------------------------- */

enum err
proc_signal_block_and_fd(struct ctx *c, const int *signals, size_t n, int *fd)
{
	sigset_t set;

	if (sigemptyset(&set) != 0)
		return err_raise(c, ERR_IO, "sigemptyset: %s", strerror(errno));
	for (size_t i = 0; i < n; i++)
		if (sigaddset(&set, signals[i]) != 0)
			return err_raise(c, ERR_IO, "signal %d: %s", signals[i], strerror(errno));
	errno = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (errno != 0)
		return err_raise(c, ERR_IO, "blocking signals: %s", strerror(errno));
	*fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (*fd < 0)
		return err_raise(c, ERR_IO, "signalfd: %s", strerror(errno));
	return OK;
}

int
proc_signal_next(int fd, pid_t *child)
{
	struct signalfd_siginfo info;
	ssize_t n;

	do {
		n = read(fd, &info, sizeof(info));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(info))
		return 0;
	if (child)
		*child = (pid_t)info.ssi_pid;
	return (int)info.ssi_signo;
}

void
proc_signal_ignore_pipe(void)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};

	/* Fails only for a bad signal number or address. */
	(void)sigaction(SIGPIPE, &sa, NULL);
	/* A file that may not grow is an error of write(2), EFBIG, and no reason to die. */
	(void)sigaction(SIGXFSZ, &sa, NULL);
}

enum err
proc_parent_death_signal(struct ctx *c, int sig, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, sig) != 0)
		return err_raise(c, ERR_INTERNAL, "PR_SET_PDEATHSIG: %s", strerror(errno));
	/* It may have died between fork() and here; then nobody would tell us. */
	if (getppid() != parent && raise(sig) != 0)
		return err_raise(c, ERR_INTERNAL, "raise: %s", strerror(errno));
	return OK;
}

/* ---- the process itself ------------------------------------------------------------------ */

int64_t
proc_rss_bytes(void)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	struct str rest;
	unsigned long long pages = 0;

	if (fd >= 0) {
		n = read(fd, text, sizeof(text));
		(void)close(fd);
	}
	if (n <= 0)
		return 0;
	rest = str_n(text, (size_t)n);
	(void)str_cut(&rest, ' ');
	if (!str_u64(str_cut(&rest, ' '), INT64_MAX / 65536, &pages))
		return 0;
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

int
proc_cores(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
		return CPU_COUNT(&set);
	return 1;
}

void
proc_set_name(const char *name)
{
	/* Cosmetic: fails only for a bad address. */
	(void)prctl(PR_SET_NAME, name);
}

enum err
proc_thread_start(struct ctx *c, void *(*fn)(void *), void *arg, pthread_t *out)
{
	pthread_attr_t attr;
	int e = pthread_attr_init(&attr);

	if (e != 0)
		return err_memory(c);
	e = pthread_attr_setstacksize(&attr, (size_t)8 << 20);
	if (e == 0)
		e = pthread_create(out, &attr, fn, arg);
	(void)pthread_attr_destroy(&attr);
	if (e != 0)
		return err_raise(c, ERR_MEMORY, "starting a thread: %s", strerror(e));
	return OK;
}
