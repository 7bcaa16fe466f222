/*
 * Running the program starpunk-media once: finding it, starting it with three descriptors and an
 * empty environment, waiting for its one line of answer, and seeing to it that it is gone.
 */
#ifndef IMAGE_HELPER_H
#define IMAGE_HELPER_H

#include "base/ctx.h"

enum { HELPER_ANSWER_BYTES = 256 };

/* What it was started for, and its answer. */
struct helper_run {
	const char *const *arguments;	/* without the program's name; NULL-terminated */
	int in_fd, out_fd;		/* its descriptors 0 and 3 */
	char answer[HELPER_ANSWER_BYTES]; /* the line without its end; set by helper_run() */
};

/*
 * Runs it to its end, which comes at the latest 30 seconds from now, or at c's deadline. ERR_TIMEOUT:
 * it was killed then, or another one ran all the time. ERR_UPLOAD_TOO_LARGE: it used up its limit
 * of processor time or file size. ERR_UPLOAD_HELPER: it cannot be started, died, or made no sense.
 */
MUST enum err helper_run(struct ctx *c, struct helper_run *run);

#endif
