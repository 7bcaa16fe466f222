/*
 * Running a program of ours once, for work that is too risky or too heavy for a process that lives
 * on: finding it, starting it with a few descriptors and an empty environment, taking its answer, and
 * seeing to it that it is gone. The answer is trusted no more than what it is about.
 */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include "base/ctx.h"

enum { HELPER_ARGUMENTS = 8 };

struct helper {
	const char *name;	/* "starpunk-media" */
	const char *path;	/* its file; NULL or "": the one beside the running program, or
				 * else the installed one */
	enum err failure;	/* raised when it cannot be started */
	const char *arguments[HELPER_ARGUMENTS + 1];	/* behind its name; NULL-terminated */
	int in_fd;		/* its descriptor 0; -1: nothing to read */
	int out_fd;		/* its descriptor 3; -1: it has none */
	int64_t until_us;	/* monotonic: killed then, or at c's deadline, whichever comes first */
	char *answer;		/* what it writes to descriptor 1, with a NUL behind it, without a
				 * last line's end */
	size_t answer_room;	/* bytes of answer; one that does not fit is cut, and it is killed */
};

/*
 * Where the program of that name is: path, unless that is NULL or "", the file beside the running
 * program, or the installed one, which may be missing. ERR_MEMORY.
 */
MUST enum err helper_find(struct ctx *c, const char *name, const char *path, const char **out);

/*
 * Where a program of others is by the search path of whoever started us; *out is NULL if it is nowhere there.
 * ERR_MEMORY.
 */
MUST enum err helper_in_path(struct ctx *c, const char *name, const char **out);

/* How it ended. */
struct helper_end {
	bool in_time;
	int status;		/* its exit status; -1: a signal ended it */
	int signal;		/* 0: none */
};

/*
 * Runs it to its end. OK says that it was started and is gone, however it went. Any thread may call;
 * answer is empty after a failure.
 */
MUST enum err helper_run(struct ctx *c, struct helper *h, struct helper_end *out);

#endif
