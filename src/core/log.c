/*
 * The log's events and its descriptor. An emitter builds its line on the stack and hands it over
 * with one write(2). A descriptor that could block, a pipe or a terminal, is opened once more for
 * ourselves and made non-blocking there: setting the flag on what we inherited would set it for the
 * shell too. Pipes get lines of at most PIPE_BUF bytes, which the kernel never tears apart.
 *
 * A write to a file can wait for a slow disk, and nothing makes that non-blocking. So one thread of a
 * process writes at a time, as the kernel has them append anyway; who waits longer than PATIENCE_US
 * for it drops its line, and from then on all do so at once until that thread has come back. One
 * thread may wait for the disk; the others answer.
 */
#include "core/log.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/log_line.h"
#include "core/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_US = 20 * 1000 };

/* What a process knows of its own writing; in a page that a fork empties. */
struct log_own {
	atomic_int pid;		/* asked once */
	atomic_bool failing;	/* the last line could not be written */
	atomic_bool stalled;	/* who writes has been at it for long */
	atomic_ullong lost;	/* lines dropped since it could be written last */
};

struct log {
	int fd;			/* the same for life: log_reopen() replaces what is behind it */
	bool owned;		/* to be closed by us */
	bool is_socket;
	bool json;
	enum log_level level;
	size_t line_max;
	char *path;		/* NULL: not a file of ours */
	atomic_bool writing;	/* a thread of ours is at it */
	atomic_bool *torn;	/* the last line is incomplete: the disk was full halfway; for all who write; or NULL */
	struct log_own *own;
	struct log_own spare;	/* for own, where there is no such page */
};

/* ---- writing ----------------------------------------------------------------------------- */

static ssize_t
hand_over(const struct log *l, const char *p, size_t n)
{
	ssize_t done;

	do {
		if (l->is_socket)
			done = send(l->fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			done = write(l->fd, p, n);
	} while (done < 0 && errno == EINTR);
	return done;
}

/* After a torn line the next one begins with a newline, so that only the torn one is lost. */
static bool
line_put(struct log *l, struct str s)
{
	size_t extra = l->torn && atomic_load_explicit(l->torn, memory_order_relaxed) &&
		atomic_exchange(l->torn, false) ? 1 : 0;
	ssize_t done = hand_over(l, s.p - extra, s.n + extra);
	bool whole = done >= 0 && (size_t)done == s.n + extra;

	if (!whole && l->torn && (done > 0 || extra))
		atomic_store(l->torn, true);
	return whole;
}

/* False: whose turn it is does not come back. */
static bool
turn_take(struct log *l)
{
	int64_t until = 0;

	while (atomic_exchange_explicit(&l->writing, true, memory_order_acquire)) {
		if (atomic_load(&l->own->stalled))
			return false;
		if (until == 0)
			until = time_mono_us() + PATIENCE_US;
		if (time_mono_us() > until) {
			atomic_store(&l->own->stalled, true);
			return false;
		}
		(void)sched_yield();
	}
	return true;
}

static void
turn_give(struct log *l)
{
	if (atomic_load_explicit(&l->own->stalled, memory_order_relaxed))
		atomic_store(&l->own->stalled, false);
	atomic_store_explicit(&l->writing, false, memory_order_release);
}

/* Says what is missing once lines can be written again; if they cannot, it is missing still. */
static void
make_good(struct ctx *c)
{
	struct log_own *own = c->log->own;
	unsigned long long lost = atomic_exchange(&own->lost, 0);

	log_event(c, log_resumed, .dropped = (int64_t)lost);
	if (atomic_load(&own->failing))
		atomic_fetch_add(&own->lost, lost);
}

/* A line of log_tend() only asks whether lines can be written, and is not missed. */
static void
line_done(struct ctx *c, struct str event, bool written)
{
	struct log_own *own = c->log->own;
	bool asks = str_eq(event, S("log_resumed"));

	if (!written && !asks) {
		atomic_fetch_add(&own->lost, 1);
		metrics_add(c->metrics, COUNTER_LOG_DROPPED, 1);
	}
	if (atomic_exchange(&own->failing, !written) == !written)
		return;
	metrics_gauge_add(c->metrics, GAUGE_LOG_FAILING, written ? -1 : 1);
	if (written && !asks)
		make_good(c);
}

static void
line_write(struct ctx *c, struct log_line *line, struct str event)
{
	struct log *l = c->log;
	struct str s = log_line_end(line);
	bool written = turn_take(l);

	if (written) {
		written = line_put(l, s);
		turn_give(l);
	}
	if (!written || atomic_load_explicit(&l->own->failing, memory_order_relaxed))
		line_done(c, event, written);
}

void
log_tend(struct ctx *c)
{
	if (c->log && atomic_load(&c->log->own->failing))
		make_good(c);
}

/* getpid() costs more than building the line. */
static int
own_pid(struct log *l)
{
	int pid = atomic_load_explicit(&l->own->pid, memory_order_relaxed);

	if (pid != 0)
		return pid;
	pid = getpid();
	if (l->own != &l->spare)
		atomic_store_explicit(&l->own->pid, pid, memory_order_relaxed);
	return pid;
}

/* ---- events ------------------------------------------------------------------------------ */

/* The constant parts of an event's lines; json is all three as they stand in a JSON line. */
struct event {
	struct str logger, name, message, json;
};

static const struct str level_names[] = {
	[LOG_LEVEL_DEBUG] = S_INIT("DEBUG"),
	[LOG_LEVEL_INFO] = S_INIT("INFO"),
	[LOG_LEVEL_WARNING] = S_INIT("WARNING"),
	[LOG_LEVEL_ERROR] = S_INIT("ERROR"),
	[LOG_LEVEL_CRITICAL] = S_INIT("CRITICAL"),
};

/* Begins a line with what every event has. False: nothing is to be written. */
static bool
line_begin(struct log_line *line, const struct ctx *c, enum log_level level, const struct event *ev)
{
	static const struct log_name name_level = LOG_NAME_INIT("level"), name_event = LOG_NAME_INIT("event"),
		name_request_id = LOG_NAME_INIT("request_id"), name_pid = LOG_NAME_INIT("pid");
	struct log *l = c->log;

	if (!l || level < l->level)
		return false;
	log_line_begin(line, l->json, l->line_max);
	log_line_time(line, time_now_us());
	if (l->json) {
		log_line_str(line, &name_level, level_names[level]);
		log_line_raw(line, ev->json);
	} else {
		log_line_word(line, level_names[level], 8);
		log_line_word(line, ev->logger, 10);
		log_line_word(line, ev->message, 0);
		log_line_str(line, &name_event, ev->name);
	}
	if (c->request_id[0])
		log_line_str(line, &name_request_id, str_z(c->request_id));
	log_line_int(line, &name_pid, own_pid(l));
	return true;
}

enum { COUNTER_NONE = COUNTER__MAX };

static void
event_count(struct ctx *c, int counter)
{
	if (counter != COUNTER_NONE)
		metrics_add(c->metrics, (enum counter)counter, 1);
}

/* Eight KiB need not be zeroed for a line of three hundred bytes. */
#define LINE struct log_line line __attribute__((uninitialized))

#define CONSTANT_JSON(logger, name, message) \
	S_INIT(",\"logger\":\"" logger "\",\"event\":\"" name "\",\"message\":\"" message "\"")
#define CONSTANT(logger, name, message) \
	{S_INIT(logger), S_INIT(name), S_INIT(message), CONSTANT_JSON(logger, name, message)}

/* Names are laid out by the compiler; a compound literal would be built at each call. */
#define FIELD(kind, name, lit) { \
		static const struct log_name name_ = LOG_NAME_INIT(lit); \
\
		log_line_##kind(&line, &name_, ev->name); \
	}
#define F_STR(name, doc) FIELD(str, name, #name)
#define F_INT(name, doc) FIELD(int, name, #name)
#define F_MS(name, doc) FIELD(ms, name, #name "_ms")
#define F_BOOL(name, doc) FIELD(bool, name, #name)
#define EVENT(sym, level_, logger, counter, message, fields, doc) \
	static void \
	emit_##sym(struct ctx *c, enum log_level level, const struct event *constant, \
		const struct log_ev_##sym *ev) \
	{ \
		LINE; \
		(void)ev; \
		event_count(c, COUNTER_##counter); \
		if (!line_begin(&line, c, level, constant)) \
			return; \
		fields \
		line_write(c, &line, constant->name); \
	} \
	void \
	log_emit_##sym(struct ctx *c, const struct log_ev_##sym *ev) \
	{ \
		static const struct event constant = CONSTANT(logger, #sym, message); \
\
		emit_##sym(c, LOG_LEVEL_##level_, &constant, ev); \
	}
#include "tables/events.def"
#undef EVENT
#undef F_STR
#undef F_INT
#undef F_MS
#undef F_BOOL
#undef FIELD

void
log_request(struct ctx *c, const struct facts *f)
{
	log_event(c, request,
		.method = str_z(facts_method_name(f->method)),
		.path = f->path,
		.route = str_z(facts_route_name(f->route)),
		.status = f->status,
		.duration = f->duration_us,
		.db = f->db_us,
		.db_queries = f->db_queries,
		.bytes = (int64_t)f->body_bytes,
		.remote_addr = f->remote_addr,
		.user_agent = f->user_agent,
		.auth = f->auth,
		.render = f->render_us,
		.request_bytes = (int64_t)f->request_bytes,
		.head_bytes = (int64_t)f->head_bytes,
		.error = str_z(f->error ? err_info(f->error)->name : ""),
		.cached = f->cached,
		.aborted = f->aborted);
}

/* The part of a source file's name that is the same wherever the program was built. */
static struct str
source_name(const char *file)
{
	struct str s = str_z(file);
	size_t at = str_search(s, S("src/"), 0), next;

	while (at < s.n && (next = str_search(s, S("src/"), at + 1)) < s.n)
		at = next;
	return at < s.n ? str_sub(s, at, s.n) : s;
}

/* An error is logged in the words of its own row. */
static const struct event error_constants[ERR__MAX] = {
#define ERROR(sym, name, status, code, level, fault, retry, message, suggestion, steps) \
	[ERR_##sym] = CONSTANT("error", "error", message),
#include "tables/errors.def"
#undef ERROR
};

void
log_error(struct ctx *c)
{
	static const enum log_level levels[] = {
		[ERR_LEVEL_DEBUG] = LOG_LEVEL_DEBUG,
		[ERR_LEVEL_INFO] = LOG_LEVEL_INFO,
		[ERR_LEVEL_WARNING] = LOG_LEVEL_WARNING,
		[ERR_LEVEL_ERROR] = LOG_LEVEL_ERROR,
		[ERR_LEVEL_CRITICAL] = LOG_LEVEL_CRITICAL,
	};
	const struct err_slot *e = &c->err;
	struct log_ev_error ev = {
		.code = str_z(err_info(e->code)->name),
		.detail = str_z(e->detail),
		.file = source_name(e->file),
		.line = e->line,
		.hint = str_z(e->hint),
	};

	if (e->code != OK)
		emit_error(c, levels[err_info(e->code)->level], &error_constants[e->code], &ev);
}

/* ---- opening ----------------------------------------------------------------------------- */

/* Our own, non-blocking description of what fd is open on; -1 if it cannot be had. */
static int
fd_again(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int
path_open(const char *path)
{
	return open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
}

/* Looks at what the descriptor is, and takes what follows from it. */
static void
sink_learn(struct log *l)
{
	struct stat st;
	int again;

	l->line_max = LOG_LINE_MAX;
	if (fstat(l->fd, &st) != 0)
		return;
	l->is_socket = S_ISSOCK(st.st_mode);
	if (S_ISFIFO(st.st_mode))
		l->line_max = PIPE_BUF;
	if (l->owned || !(S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode)))
		return;
	again = fd_again(l->fd);
	if (again >= 0) {
		l->fd = again;
		l->owned = true;
	}
}

/* A page of zeroes that is zero again in a forked child; NULL if the kernel has none. */
static struct log_own *
own_page(void)
{
	size_t n = (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (madvise(p, n, MADV_WIPEONFORK) == 0)
		return p;
	(void)munmap(p, n);
	return NULL;
}

/* A flag that forked children share: whoever writes next has to know of a line that another one tore. */
static atomic_bool *
torn_flag(void)
{
	void *p = mmap(NULL, sizeof(atomic_bool), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Takes the descriptor as it is; path is NULL or owned by the log from now on. */
static enum err
log_new(struct ctx *c, struct log init, struct log **out)
{
	struct log *l = mem_alloc(sizeof(*l));

	*out = l;
	if (!l)
		return err_memory(c);
	l->fd = init.fd;
	l->owned = init.owned;
	l->json = init.json;
	l->level = init.level;
	l->path = init.path;
	l->own = own_page();
	if (!l->own)
		l->own = &l->spare;
	l->torn = torn_flag();
	sink_learn(l);
	return OK;
}

enum err
log_open(struct ctx *c, const struct config *cfg, struct log **out)
{
	struct log init = {.fd = STDERR_FILENO, .level = (enum log_level)cfg->log_level};
	size_t n = strlen(cfg->log_file) + 1;
	enum err err;

	*out = NULL;
	init.json = cfg->log_format == CONFIG_LOG_JSON ||
		(cfg->log_format == CONFIG_LOG_AUTO && cfg->environment == CONFIG_PRODUCTION);
	if (n == 1)
		return log_new(c, init, out);
	init.path = mem_alloc(n);
	if (!init.path)
		return err_memory(c);
	memcpy(init.path, cfg->log_file, n);
	init.owned = true;
	init.fd = path_open(init.path);
	if (init.fd < 0)
		err = err_raise(c, ERR_IO, "log file %s: %s", init.path, strerror(errno));
	else
		err = log_new(c, init, out);
	if (err && init.fd >= 0)
		(void)close(init.fd);
	if (err)
		mem_free(init.path);
	return err;
}

enum err
log_open_fd(struct ctx *c, int fd, enum log_level level, bool json, struct log **out)
{
	return log_new(c, (struct log){.fd = fd, .level = level, .json = json}, out);
}

enum err
log_reopen(struct ctx *c, struct log *l)
{
	int fd, done;

	if (!l || !l->path)
		return OK;
	fd = path_open(l->path);
	if (fd < 0)
		return err_raise(c, ERR_IO, "log file %s: %s", l->path, strerror(errno));
	/* Atomic: a thread that writes now finishes in the old file, the next is in the new. */
	done = dup3(fd, l->fd, O_CLOEXEC);
	if (done < 0)
		(void)err_raise(c, ERR_IO, "log file %s: %s", l->path, strerror(errno));
	(void)close(fd);
	return done < 0 ? ERR_IO : OK;
}

void
log_close(struct log *l)
{
	if (!l)
		return;
	if (l->owned)
		(void)close(l->fd);
	if (l->torn)
		(void)munmap(l->torn, sizeof(*l->torn));
	if (l->own != &l->spare)
		(void)munmap(l->own, (size_t)sysconf(_SC_PAGESIZE));
	mem_free(l->path);
	mem_free(l);
}
