/*
 * The supervisor's side of the log: the pipe that all processes of a site write to, and the process
 * that reads it (app/logger). The supervisor keeps both ends, so nothing is lost when a logger
 * dies: another one takes its place at once, after a second if it lived no longer than that, after
 * five if it could not open the file.
 *
 * A volume is one such pipe and its logger. There are up to three: the one in use, that of a
 * configuration which is being tried, and one that is done, whose logger ends when those who still
 * write to it have. As long as a configuration means the same log nothing changes. Where nobody
 * could have to wait, with standard error on a terminal, a pipe or the journal's socket, there is
 * no pipe and no process.
 */
#ifndef APP_LOGBOOK_H
#define APP_LOGBOOK_H

#include "app/child.h"
#include "core/log.h"
#include "core/segment.h"

#include <poll.h>

struct volume {
	struct log *log;	/* what the others write to; NULL: nobody does any more */
	struct log *file;	/* what the logger opens; NULL: there is no logger */
	int pipe_fd;		/* the end that it reads */
	struct segment *segment;
	struct child logger;
	int64_t start_us;	/* monotonic: when to start one; 0: not now */
};

enum { VOLUME_NOW, VOLUME_NEXT, VOLUME_OLD, VOLUME__MAX };

struct logbook {
	struct segment *segment;
	struct volume volumes[VOLUME__MAX];
	bool lacking;		/* nobody writes the file at the moment: it is among the gauge's */
};

/* Empty: nothing is open. */
void logbook_init(struct logbook *b);

/* Opens c->cfg's log as c->log, and waits until its file is open. ERR_IO: it cannot be. */
MUST enum err logbook_open(struct ctx *c, struct logbook *b, struct segment *seg);

/*
 * Begins a volume for cfg if that means another log than c->cfg. What cannot be opened is heard
 * later, by logbook_hear(): only when logbook_is_ready() may logbook_log_next() be given to
 * children.
 */
MUST enum err logbook_begin(struct ctx *c, struct logbook *b, const struct config *cfg);
bool logbook_is_ready(const struct logbook *b);
struct log *logbook_log_next(const struct logbook *b);

/* The configuration that was tried is good: its log becomes c->log. Or it is not. */
void logbook_commit(struct ctx *c, struct logbook *b);
void logbook_revoke(struct ctx *c, struct logbook *b);

/* As crew_tend(): starts what is due, kills what hangs at its start. */
int logbook_tend(struct ctx *c, struct logbook *b);

/* The pipes on which loggers may report; at most VOLUME__MAX. */
size_t logbook_pipes(const struct logbook *b, struct pollfd *out);

/*
 * Hears a logger whose pipe is readable; false: it is none. *err: the next volume's file cannot be
 * opened.
 */
bool logbook_hear(struct ctx *c, struct logbook *b, int pipe_fd, enum err *err);

/* Takes note of a child that has been waited for; false: it was no logger. */
bool logbook_ended(struct ctx *c, struct logbook *b, pid_t pid, int status);

/* Has the files opened anew. */
void logbook_reopen(const struct logbook *b);

/*
 * In a forked child: lets go of everything but `keep`, so that each pipe ends with those who write
 * to it.
 */
void logbook_shed(struct logbook *b, const struct log *keep);

/*
 * The last word is said: waits until it is written, at most two seconds, after which loggers are
 * killed; signal_fd tells when children end. c->log is NULL afterwards.
 */
void logbook_close(struct ctx *c, struct logbook *b, int signal_fd);

#endif
