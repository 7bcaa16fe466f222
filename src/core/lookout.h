/*
 * Who looks at the directories of a site for those who cannot wait for it: a thread that makes the
 * system calls. On a mount whose server is gone, or a disk that does not answer, a call takes as long
 * as it likes and cannot be called off; then that one thread is stuck in it, and who asks is told so in
 * time. While it is stuck, nobody else begins to look; when the call returns all is as before.
 *
 *	lookout_new()		in each process that looks, when it sees no more than it shall (core/sight.h)
 *	lookout_ask()		any thread, as often as it likes
 *	lookout_free()		waits for no disk: a thread that is stuck is left to itself, with what it needs
 *
 * Not so the process: a call that the kernel does not let be killed keeps it, ended, from being reaped.
 *
 * One look is for all who asked before it began, and what is told was seen after it was asked for. A disk
 * that is slow and answers every call is not silent, though there may be no time to tell all it says.
 */
#ifndef CORE_LOOKOUT_H
#define CORE_LOOKOUT_H

#include "base/ctx.h"

/* In the order in which they are looked at. */
enum lookout_place {
	LOOKOUT_DATABASE,	/* the directory of database_path */
	LOOKOUT_MEDIA,		/* media_path */
	LOOKOUT_WAL,		/* the log beside the database, a file */
	LOOKOUT__MAX
};

struct lookout_find {
	const char *path;	/* always; the lookout's */
	bool known;		/* false: there was no answer in time, and nothing below says anything */
	int missing;		/* errno: it is not there, or cannot be reached; 0: it is */
	int closed;		/* errno: nothing can be put into the directory; 0: it can */
	int64_t bytes;		/* of a directory, what can still be written there; of a file, its size */
};

struct lookout_view {
	struct lookout_find at[LOOKOUT__MAX];
	enum lookout_place silent;	/* where one call has gone on for too long; LOOKOUT__MAX: nowhere */
};

struct lookout;

/* By c->cfg, whose texts are copied. Starts the thread: ERR_MEMORY. */
MUST enum err lookout_new(struct ctx *c, struct lookout **out);

/* NULL is fine. Nobody asks any more. */
void lookout_free(struct lookout *l);

/*
 * Looks at all of them. Comes back when one call has gone on for bound_us, at once if it has done so
 * already; and after bound_us for each place at the latest, with what is known by then.
 */
void lookout_ask(struct lookout *l, int64_t bound_us, struct lookout_view *out);

/*
 * True if the directory of the database does not answer: who asked the database now would wait without
 * a bound, since SQLite's calls cannot be called off.
 */
bool lookout_database_silent(const struct lookout_view *v);

#endif
