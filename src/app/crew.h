/*
 * The supervisor's children: one courier and some workers, each in a slot that is never empty for
 * long. What dies is started again: at once the first time, and if it dies within two seconds of
 * its start, after a pause that doubles from 100 ms to 5 s.
 *
 * A slot can be handed from one process to the next: the new one is started, and only when it has
 * said that it is ready, the old one is told to end. So it is in a reload (crew_renew, crew_promote),
 * for one slot after the other, and without being asked for when a worker says that it wants to leave:
 * until somebody can take its place it goes on, at least for two seconds from its start.
 */
#ifndef APP_CREW_H
#define APP_CREW_H

#include "app/child.h"
#include "app/logbook.h"
#include "core/segment.h"

#include <poll.h>

enum {
	CREW_WORKERS = 64,
	CREW_SLOTS = CREW_WORKERS + 1,	/* slot 0 is the courier's */
	CREW_PIPES = 2 * CREW_SLOTS
};

struct crew_slot {
	struct child now;
	struct child next;		/* its successor, until it is ready */
	unsigned quick_deaths;		/* in a row, soon after the start */
	int64_t start_us;		/* monotonic: when to start one; 0: there is one */
};

struct crew {
	int listen_fd;
	struct segment *segment;
	int signal_fd;			/* the parent's, to be closed in children */
	struct logbook *logbook;	/* the same, but for the log that they are given */
	size_t n;			/* slots that should be filled: 1 + workers */
	bool reload;			/* wanted, not begun yet */
	size_t roll;			/* slot whose successor it waits for; 0: none */
	bool stopping;			/* nothing is started any more */
	struct crew_slot slots[CREW_SLOTS];
	struct child old[CREW_SLOTS];	/* told to end, not ended yet */
};

void crew_init(struct crew *w, int listen_fd, struct segment *seg, int signal_fd,
	struct logbook *logbook, size_t workers);

/*
 * Starts what is due, kills who did not end in time. Returns milliseconds until it should be called
 * again, -1 for never. A fork that fails is logged and tried again.
 */
int crew_tend(struct ctx *c, struct crew *w);

/* The pipes on which children may report; at most CREW_PIPES. */
size_t crew_pipes(const struct crew *w, struct pollfd *out);

/*
 * Hears a child whose pipe is readable. The failure of one that cannot start is raised in c and
 * returned. True in *rolled: it was the successor that a reload waits for; what becomes of it is the
 * caller's to say.
 */
MUST enum err crew_hear(struct ctx *c, struct crew *w, int pipe_fd, bool *rolled);

/* Takes note of a child that has been waited for; logs one that was not asked to end. */
void crew_ended(struct ctx *c, struct crew *w, pid_t pid, int status);

/*
 * After a look of v: kills and logs who has been silent for the configuration's hang_timeout, the
 * courier for three times as long, since its duties take their time. False: one that was killed is
 * still there after another such time, which nobody but the kernel can change.
 */
bool crew_watch(struct ctx *c, struct crew *w, const struct vigil *v);

/* True when all slots are filled with processes that are ready. */
bool crew_is_ready(const struct crew *w);

/* True when no child is left. */
bool crew_is_gone(const struct crew *w);

/* True when a reload is wanted and may begin: no process that was replaced is still ending. */
bool crew_can_reload(const struct crew *w);

/*
 * Starts a successor in a worker's slot, with the configuration and log of c, in place of one that has
 * been started and is not ready yet.
 */
MUST enum err crew_renew(struct ctx *c, struct crew *w, size_t slot);

/* Whoever is told to end by the following is killed a moment after c's stop_timeout. */

/* Puts the successor, which is ready, into its place, and tells the old one to end. */
void crew_promote(const struct ctx *c, struct crew *w, size_t slot);

/* Tells the process of a slot to end; one like it follows, unless the slot is beyond w->n. */
void crew_replace(const struct ctx *c, struct crew *w, size_t slot);

/* Tells all to end. */
void crew_stop(const struct ctx *c, struct crew *w);

#endif
