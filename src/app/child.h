/*
 * Child processes of the supervisor: forking one, hearing from it that it is ready or why it cannot
 * be, and what it died of. A child says so over a pipe; when it ends without a word, the pipe ends.
 */
#ifndef APP_CHILD_H
#define APP_CHILD_H

#include "app/vigil.h"
#include "base/ctx.h"

#include <sys/types.h>

/* The child's end of the pipe. */
struct child_ready {
	int fd;		/* -1: nobody listens, or all is said */
	bool told;	/* that it is ready */
};

/* In the child: it does its work from now on. After the second, child_leaving() may follow. */
void child_ready(struct child_ready *r);
void child_ready_for_now(struct child_ready *r);

/* In the child: it wants to be replaced, and goes on until it is asked to end. */
void child_leaving(struct child_ready *r);

enum child_state { CHILD_STARTING, CHILD_READY, CHILD_FAILED };

struct child {
	pid_t pid;		/* 0: none, or none any more */
	int pipe_fd;		/* the parent's end; -1: all is heard */
	enum child_state state;
	int64_t started_us;	/* monotonic */
	int64_t kill_us;	/* monotonic: when it has had time enough to end; 0: not asked to */
	struct vigil_mark mark;	/* its last sign of life */
	bool leaving;		/* it wants to be replaced */
	bool hung;		/* killed, because there was none any more */
};

/* What a child does; its result becomes the process's exit status (child_exit_status()). */
typedef enum err child_main(struct ctx *c, void *arg, struct child_ready *ready);

/*
 * Forks. In the child: named `name`, ended by TERM when the parent dies, with what c had logged to
 * and configured by but without its memory and failures; main(arg) is run, its failure told to the
 * parent and the log, and the process ends: it never returns. In the parent: *out is filled.
 * ERR_MEMORY: no process to be had.
 */
MUST enum err child_fork(struct ctx *c, const char *name, child_main *main, void *arg,
	struct child *out);

/*
 * Waits until the child has said whether it is ready, or has ended; sets child->state. When it said
 * why it cannot start, that is raised in c and returned; ERR_CHILD_DIED if it ended without a word.
 * Of one that is ready: whether it is leaving. Returns at once when pipe_fd is readable.
 */
MUST enum err child_hear(struct ctx *c, struct child *child);

/*
 * Forks a child and waits for its end; what it said when it could not do its work is raised, as
 * above.
 */
MUST enum err child_run(struct ctx *c, const char *name, child_main *main, void *arg);

/* Waits until it has ended, and forgets it. */
void child_wait(struct child *child);

/* Asks it to end; it has until deadline_us. Nothing more is heard of it. */
void child_stop(struct child *child, int64_t deadline_us);

/* Forgets a child that has been waited for. */
void child_forget(struct child *child);

/*
 * The same, but what it has said and nobody has heard yet can still be heard: child_hear() then
 * fails in any case, also when it had been ready.
 */
void child_ended(struct child *child);

/* 0 for OK, 3 for what the configuration can cure, 1 for the rest. */
int child_exit_status(enum err e);

#endif
