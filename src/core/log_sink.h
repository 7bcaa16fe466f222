/*
 * Where the lines of a log go: a file, a pipe, a socket, a terminal. One write(2) takes whole
 * lines, and what could not be written of them is known to the byte, so that a disk that was full
 * halfway tears one line and spoils no other.
 *
 * A descriptor that could block, a pipe or a terminal, is opened once more for ourselves and made
 * non-blocking there: setting the flag on what was inherited would set it for the shell too. A
 * regular file can make a writer wait, whatever its flags: see app/logger.h for who may be kept
 * waiting.
 */
#ifndef CORE_LOG_SINK_H
#define CORE_LOG_SINK_H

#include "base/ctx.h"

#include <stdatomic.h>

struct log_sink {
	int fd;			/* once open the same: what is behind it is replaced; -1: none */
	bool owned;		/* to be closed by us */
	/* Learned anew at each opening, while others write: */
	atomic_bool is_socket;
	atomic_size_t line_max;	/* of a pipe, what the kernel never tears apart or mixes */
	char *path;		/* owned; NULL: no file of ours */
	atomic_bool *torn;	/* the last line is incomplete; for all who write; or NULL */
};

/*
 * A sink for a descriptor that is open and stays the caller's, or for a path that is opened later,
 * by log_sink_open(): then fd is -1. ERR_MEMORY.
 */
MUST enum err log_sink_init(struct ctx *c, struct log_sink *s, int fd, const char *path);

/* One that takes fd over, the writing end of a pipe, made non-blocking here. Cannot fail. */
void log_sink_pipe(struct log_sink *s, int fd);

/*
 * Opens the path, for the first time or again (after a rotation); nothing if there is none. ERR_IO:
 * what was open stays. Another thread that writes meanwhile is in the old file or in the new one.
 */
MUST enum err log_sink_open(struct ctx *c, struct log_sink *s);

/*
 * Looks whether the file ends within a line, since a machine or a disk stopped there, or a process did
 * that wrote it. Only for who is alone in writing: others may be about to. Where the file may not be
 * read, what was thought stays.
 */
void log_sink_look(struct log_sink *s);

/*
 * Writes whole lines; the byte in front of them must be a newline: it is written after a torn line,
 * so that only the torn one is lost. Returns the bytes of those lines that are written whole. If
 * that is less, errno says why: EAGAIN, nobody reads at the moment.
 */
size_t log_sink_put(struct log_sink *s, struct str lines);

/* The bytes of a line at most. */
static inline size_t
log_sink_line_max(const struct log_sink *s)
{
	return atomic_load_explicit(&s->line_max, memory_order_relaxed);
}

void log_sink_fini(struct log_sink *s);

#endif
