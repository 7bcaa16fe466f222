/*
 * Which files each of our processes sees, made of the configuration and put through with Landlock.
 * A process that is taken over finds the site's own files and the system's libraries, and nothing
 * else of the machine: no other site, no home directory, and, in a worker, no configuration.
 *
 *	who		reads				writes			starts
 *	worker		share_path, theme_path		the directories of	starpunk-media
 *							database and key,
 *							media_path,
 *							runtime_path
 *	courier		the same, and /etc		the same		starpunk-media, -fetch
 *	fetch		what names and certificates	nothing			nothing
 *			are looked up with
 *	logger		nothing				the directory of	nothing
 *							log_file
 *
 * The first three read libraries, time zones and processes' figures in /proc. Nobody who answers
 * requests can touch what the log says already. The supervisor has no view of its own: it reads a
 * new configuration at each HUP, and processes that are started then see what that one names. A
 * path that is not there when a process starts is not seen by it later; a file that takes another's
 * place is, when its directory is what was named.
 */
#ifndef CORE_SIGHT_H
#define CORE_SIGHT_H

#include "base/ctx.h"
#include "core/landlock.h"

enum { SIGHT_RULES = 64 };

struct sight {
	struct landlock_rule rules[SIGHT_RULES];
	size_t n;
	bool connect;	/* TCP connections may be made */
};

/* The site's views, by its configuration; paths live in c's arena or in it. ERR_MEMORY. */
MUST enum err sight_worker(struct ctx *c, struct sight *out);
MUST enum err sight_courier(struct ctx *c, struct sight *out);

/* That of who writes the log to path, or to what it has open if that is NULL. ERR_MEMORY. */
MUST enum err sight_logger(struct ctx *c, const char *path, struct sight *out);

/* What every program needs of the system; then, in addition, what looking up others takes. */
void sight_system(struct sight *out);
void sight_lookups(struct sight *out);

/* Adds a rule; path lives on. */
void sight_put(struct sight *v, const char *path, unsigned uses);

/*
 * Sees no more than that from now on; before threads are started. OK also where the kernel has no
 * Landlock that would do, or `sandbox` is off: see sight_works(). ERR_INTERNAL: the kernel has it
 * and refused; the caller must end.
 */
MUST enum err sight_enter(struct ctx *c, const struct sight *sight);

/* Whether this kernel can do it. */
bool sight_works(void);

#endif
