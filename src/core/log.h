/*
 * The log: events out of tables/events.def, one JSON object (or one readable line) each, written by
 * one write(2). There is no call for free text:
 *
 *	log_event(c, token_created, .token = id, .scope = scope);
 *
 * fills a struct of that event's fields; a field it does not have does not compile. Control
 * characters and quotes are escaped, values cut to 1 KiB, a line never exceeds 4 KiB into a pipe,
 * which is what a site's processes write to (app/logger), and 8 KiB elsewhere. request_id, pid and
 * timestamp come by themselves. An event may name a counter: emitting it is the only way that
 * counter moves.
 *
 * In a site, a full disk, a disk that does not answer or a pipe that nobody reads neither fails a
 * request nor makes it wait: what a pipe or socket does not take at once is dropped and counted
 * (starpunk_log_dropped_total), and the gauge starpunk_log_failing says so. When lines can be
 * written again, log_resumed tells how many are missing. Commands write to a log_file by
 * themselves, and wait for its disk as for the database's.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "base/buf.h"
#include "base/ctx.h"
#include "core/facts.h"

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_ERROR,
	LOG_LEVEL_CRITICAL
};

struct log;

/* The parameters of every event: struct log_ev_<name>. An F_MS field is name_ms in the line. */
#define F_STR(name, doc) struct str name;
#define F_INT(name, doc) int64_t name;
#define F_MS(name, doc) int64_t name; /* microseconds, written as milliseconds */
#define F_BOOL(name, doc) bool name;
#define EVENT(sym, level, logger, counter, message, fields, doc) \
	struct log_ev_##sym { int unused_; fields };
#include "tables/events.def"
#undef EVENT
#undef F_STR
#undef F_INT
#undef F_MS
#undef F_BOOL

#define EVENT(sym, level, logger, counter, message, fields, doc) \
	void log_emit_##sym(struct ctx *c, const struct log_ev_##sym *ev);
#include "tables/events.def"
#undef EVENT

#define log_event(c, ...) LOG_EVENT_(c, __VA_ARGS__, )
#define LOG_EVENT_(c, sym, ...) \
	log_emit_##sym((c), &(struct log_ev_##sym){.unused_ = 0, __VA_ARGS__})

/*
 * Opens what the configuration names (log_file, log_format, log_level, environment). One struct log
 * per process; threads may share it. ERR_IO if the file cannot be opened.
 */
MUST enum err log_open(struct ctx *c, const struct config *cfg, struct log **out);

/* A log that writes lines to an open descriptor at a level. */
MUST enum err log_open_fd(struct ctx *c, int fd, enum log_level level, bool json, struct log **out);

/*
 * Opens the file again under its name (after a rotation), or for the first time; the old one stays
 * on failure. For a process that alone writes to it: after an incomplete line it begins a new one.
 */
MUST enum err log_reopen(struct ctx *c, struct log *l);

/* ---- for app/logger: a process that does the waiting for all others ------------------------ */

/* Whether who writes to this log directly may have to wait: it is a file, or could become one. */
bool log_may_wait(const struct config *cfg);

/* Whether two configurations mean one log. */
bool log_same(const struct config *a, const struct config *b);

/*
 * What log_open() would open, to be opened by log_reopen() later, in another process. ERR_MEMORY.
 */
MUST enum err log_prepare(struct ctx *c, const struct config *cfg, struct log **out);

/*
 * A log in this format and at this level into a pipe, whose end is the log's from now on unless it
 * fails. ERR_MEMORY.
 */
MUST enum err log_open_pipe(struct ctx *c, const struct config *cfg, int fd, struct log **out);

/*
 * Appends lines of others to c->log as they are; a newline stands before them and ends each.
 * Returns how many bytes of them are written, in whole lines; none is lost or counted. If that is
 * less than n, errno is EAGAIN when only a reader is waited for; else the log fails from now on, as
 * the gauge says.
 */
size_t log_pass(struct ctx *c, const char *lines, size_t n);

/* The file's path, or NULL; what lines are written to. */
const char *log_path(const struct log *l);
int log_fd(const struct log *l);

/* ---- in every process ---------------------------------------------------------------------- */

/*
 * Lines go to `to` from now on, and no longer to `from`: what that has lost is told there, and until then
 * the process fails as it did.
 */
void log_follow(struct ctx *c, struct log *to, struct log *from);

/*
 * Tries whether lines can be written again, if they could not: for a process that has nothing to
 * say for a long time. Each calls it with its heartbeat.
 */
void log_tend(struct ctx *c);

/* NULL is fine. */
void log_close(struct log *l);

/* The request's own line: event "request", every field of the facts. */
void log_request(struct ctx *c, const struct facts *f);

/*
 * A line about the error in c's slot (event "error"), at the level and with the message of the
 * error's row; nothing if it is OK.
 */
void log_error(struct ctx *c);

/* The events described out of the table: "mdoc" for starpunk-log(7), "schema" for JSON Schema. */
void log_docs(const char *format, struct buf *out);

#endif
