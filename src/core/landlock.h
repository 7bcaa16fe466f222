/*
 * Landlock: a process says which files it will still need, and has no others from then on, whatever
 * its user may do; nor have the programs that it starts. It takes rights away and never gives any.
 *
 * Kernels know more or less of it, which their version says: 2 is the first with which files can be
 * moved between directories, and the least that is used here; 3 adds truncation, 4 TCP, 5 commands
 * to devices, 6 signals and abstract sockets. What a kernel knows is used, what it does not know stays
 * as it was.
 *
 * Spoken without a library: Debian 12 has none. The kernel's three calls stand in a table, so that what
 * is asked of a kernel that is older or newer than the one at hand can be looked at.
 */
#ifndef CORE_LANDLOCK_H
#define CORE_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LANDLOCK_LEAST = 2 };	/* the version that files can be fenced with */

/* What may be done with a file, or with all that is below a directory. */
enum landlock_use {
	USE_READ = 1,	/* files are read, directories listed */
	USE_WRITE = 2,	/* files that are there are written and cut */
	USE_MAKE = 4,	/* files and directories are made, renamed, linked and removed */
	USE_RUN = 8	/* programs are started */
};

struct landlock_rule {
	const char *path;	/* a link is followed; what is not there is passed over */
	unsigned uses;
};

struct landlock_want {
	const struct landlock_rule *rules;
	size_t n;
	bool connect;		/* TCP connections may be made */
};

/* What a kernel is told of a set of rules: bits of its own, see landlock(7). */
struct landlock_set {
	uint64_t fs, net, scoped;
};

struct landlock_kernel {
	int (*version)(void);				/* 0: it has no Landlock */
	int (*create)(const struct landlock_set *set);	/* a descriptor, or -1 with errno */
	int (*add)(int set_fd, int path_fd, uint64_t allowed);	/* 0, or -1 with errno */
	int (*restrict_self)(int set_fd);		/* 0, or -1 with errno */
};

/* The version of the kernel that we run on; 0: none, or it is switched off. */
int landlock_version(void);

/*
 * From now on this thread, those it will start and their programs have what is wanted, and can
 * neither start nor trace what is not in here with them. Before threads are started; no_new_privs must be
 * set. With no rules, no file can be opened any more. False: the kernel refused, errno says why;
 * nothing has changed.
 */
bool landlock_enter(const struct landlock_want *want);

/* The same with a kernel of the caller's. */
bool landlock_enter_with(const struct landlock_kernel *kernel, const struct landlock_want *want);

#endif
