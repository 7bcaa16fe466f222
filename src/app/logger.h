/*
 * The process that writes the log file: the one that may be kept waiting by a disk. All others
 * write their lines into a pipe, of which the kernel keeps up to a MiB, without ever waiting for
 * it: what it does not take is dropped and counted by who wanted to say it (core/log).
 *
 * A line is taken out of the pipe only when it is in the file. So what a killed process has said is
 * written, and a logger that is killed itself, or stopped, or held by its disk, loses nothing: the
 * next one begins where it was, at worst with lines that are in the file already. With a disk that
 * is full or fails it tries again every second, after a torn line on a new one.
 *
 * USR1 opens the file anew. It ends by itself when nobody is left who could write into the pipe and
 * all of it is written, or cannot be. TERM and INT do not end it: the others have something to say
 * until they are gone.
 */
#ifndef APP_LOGGER_H
#define APP_LOGGER_H

#include "app/child.h"
#include "core/log.h"
#include "core/segment.h"

/*
 * In a forked child: opens file, which was prepared, and writes to it what comes out of pipe_fd. It
 * keeps these and its standard descriptors and closes all others, sees the file's directory and
 * nothing else, and has no network. Returns at the end; ERR_IO: the file cannot be opened.
 */
MUST enum err logger_run(struct ctx *c, struct segment *seg, int pipe_fd, struct log *file,
	struct child_ready *ready);

#endif
