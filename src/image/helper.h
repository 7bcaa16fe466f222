/*
 * Running the program starpunk-media once, one at a time in each process, and what its end says
 * about the upload.
 */
#ifndef IMAGE_HELPER_H
#define IMAGE_HELPER_H

#include "base/ctx.h"

enum { MEDIA_ANSWER_BYTES = 256 };

/* What it was started for, and its answer. */
struct media_run {
	const char *const *arguments;	/* without the program's name; NULL-terminated */
	int in_fd, out_fd;		/* its descriptors 0 and 3 */
	char answer[MEDIA_ANSWER_BYTES]; /* the line without its end; set by media_run() */
};

/*
 * Runs it to its end, which comes at the latest 30 seconds from now, or at c's deadline. ERR_TIMEOUT:
 * it was killed then, or another one ran all the time. ERR_UPLOAD_TOO_LARGE: it used up its limit
 * of processor time or file size. ERR_UPLOAD_HELPER: it cannot be started, died, or made no sense.
 */
MUST enum err media_run(struct ctx *c, struct media_run *run);

#endif
