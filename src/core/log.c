/*
 * The log's events. An emitter builds its line on the stack and hands it over with one write(2)
 * (core/log_sink). What each process knows of its own writing lies in a page that a fork empties,
 * so that no child inherits its parent's failures.
 */
#include "core/log.h"

#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/log_line.h"
#include "core/log_sink.h"
#include "core/metrics.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a process knows of its own writing; in a page that a fork empties. */
struct log_own {
	atomic_int pid;		/* asked once */
	atomic_bool failing;	/* the last line could not be written */
	atomic_ullong lost;	/* lines dropped since it could be written last */
};

struct log {
	struct log_sink sink;
	bool json;
	enum log_level level;
	struct log_own *own;
	struct log_own spare;	/* for own, where there is no such page */
};

/* ---- writing ----------------------------------------------------------------------------- */

/* Says what is missing once lines can be written again; if they cannot, it is missing still. */
static void
make_good(struct ctx *c)
{
	struct log_own *own = c->log->own;
	unsigned long long lost = atomic_exchange(&own->lost, 0);

	if (lost > 0)
		log_event(c, log_resumed, .dropped = (int64_t)lost);
	if (atomic_load(&own->failing))
		atomic_fetch_add(&own->lost, lost);
}

/*
 * Takes note of how the last attempt went. A line of log_tend() only asks whether lines can be
 * written.
 */
static void
attempted(struct ctx *c, bool written, bool asks)
{
	if (atomic_exchange(&c->log->own->failing, !written) == !written)
		return;
	metrics_gauge_add(c->metrics, GAUGE_LOG_FAILING, written ? -1 : 1);
	if (written && !asks)
		make_good(c);
}

static void
line_lost(struct ctx *c)
{
	atomic_fetch_add(&c->log->own->lost, 1);
	metrics_add(c->metrics, COUNTER_LOG_DROPPED, 1);
}

static void
line_write(struct ctx *c, struct log_line *line, struct str event)
{
	struct log *l = c->log;
	struct str s = log_line_end(line);
	bool written = log_sink_put(&l->sink, s) == s.n, asks;

	if (written && !atomic_load_explicit(&l->own->failing, memory_order_relaxed))
		return;
	asks = str_eq(event, S("log_resumed"));
	/* That one is not missed. */
	if (!written && !asks)
		line_lost(c);
	attempted(c, written, asks);
}

void
log_tend(struct ctx *c)
{
	if (c->log && atomic_load(&c->log->own->failing))
		make_good(c);
}

void
log_follow(struct ctx *c, struct log *to, struct log *from)
{
	atomic_fetch_add(&to->own->lost, atomic_exchange(&from->own->lost, 0));
	/* The gauge counts the process once. */
	if (atomic_exchange(&from->own->failing, false) && atomic_exchange(&to->own->failing, true))
		metrics_gauge_add(c->metrics, GAUGE_LOG_FAILING, -1);
}

size_t
log_pass(struct ctx *c, const char *lines, size_t n)
{
	struct log *l = c->log;
	size_t most = log_sink_line_max(&l->sink) == PIPE_BUF ? PIPE_BUF : n, done = 0;

	while (done < n) {
		struct str s = str_n(lines + done, n - done < most ? n - done : most);
		const char *end = memrchr(s.p, '\n', s.n);
		size_t got;

		if (end)
			s.n = (size_t)(end - s.p) + 1;
		got = log_sink_put(&l->sink, s);
		done += got;
		if (got < s.n)
			break;
	}
	/* Who waits for a reader has not failed. */
	if (done == n || errno != EAGAIN)
		attempted(c, done == n, false);
	return done;
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

	/* That lines are missing is told at any level: it is also how one finds out that they are no longer. */
	if (!l || (level < l->level && !str_eq(ev->name, S("log_resumed"))))
		return false;
	log_line_begin(line, l->json, log_sink_line_max(&l->sink));
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

/* A log whose sink is still to be made. */
static struct log *
log_new(enum log_level level, bool json)
{
	struct log *l = mem_alloc(sizeof(*l));

	if (!l)
		return NULL;
	*l = (struct log){.sink = {.fd = -1}, .level = level, .json = json};
	l->own = own_page();
	if (!l->own)
		l->own = &l->spare;
	return l;
}

static bool
wants_json(const struct config *cfg)
{
	return cfg->log_format == CONFIG_LOG_JSON ||
		(cfg->log_format == CONFIG_LOG_AUTO && cfg->environment == CONFIG_PRODUCTION);
}

bool
log_may_wait(const struct config *cfg)
{
	struct stat st;

	return cfg->log_file[0] || (fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode));
}

bool
log_same(const struct config *a, const struct config *b)
{
	return strcmp(a->log_file, b->log_file) == 0 && a->log_level == b->log_level &&
		wants_json(a) == wants_json(b);
}

enum err
log_prepare(struct ctx *c, const struct config *cfg, struct log **out)
{
	bool file = cfg->log_file[0] != '\0';
	struct log *l = log_new((enum log_level)cfg->log_level, wants_json(cfg));
	enum err err = l ? log_sink_init(c, &l->sink, file ? -1 : STDERR_FILENO,
				   file ? cfg->log_file : NULL)
			 : err_memory(c);

	if (err) {
		log_close(l);
		l = NULL;
	}
	*out = l;
	return err;
}

enum err
log_open(struct ctx *c, const struct config *cfg, struct log **out)
{
	enum err err = log_prepare(c, cfg, out);

	if (!err)
		err = log_sink_open(c, &(*out)->sink);
	if (err) {
		log_close(*out);
		*out = NULL;
	}
	return err;
}

enum err
log_open_fd(struct ctx *c, int fd, enum log_level level, bool json, struct log **out)
{
	*out = log_new(level, json);
	/* Without a path there is nothing in it that could fail. */
	return *out ? log_sink_init(c, &(*out)->sink, fd, NULL) : err_memory(c);
}

enum err
log_open_pipe(struct ctx *c, const struct config *cfg, int fd, struct log **out)
{
	*out = log_new((enum log_level)cfg->log_level, wants_json(cfg));
	if (!*out)
		return err_memory(c);
	log_sink_pipe(&(*out)->sink, fd);
	return OK;
}

enum err
log_reopen(struct ctx *c, struct log *l)
{
	enum err err = l ? log_sink_open(c, &l->sink) : OK;

	if (l && !err)
		log_sink_look(&l->sink);
	return err;
}

const char *
log_path(const struct log *l)
{
	return l->sink.path;
}

int
log_fd(const struct log *l)
{
	return l->sink.fd;
}

void
log_close(struct log *l)
{
	if (!l)
		return;
	log_sink_fini(&l->sink);
	if (l->own != &l->spare)
		(void)munmap(l->own, (size_t)sysconf(_SC_PAGESIZE));
	mem_free(l);
}
