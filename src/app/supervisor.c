/*
 * Start, signals, reload, stop. The state is in struct supervisor and struct crew; everything that
 * happens arrives in one poll(2): signals by signalfd, children's reports by their pipes.
 */
#include "app/supervisor.h"

#include "app/crew.h"
#include "app/listen.h"
#include "app/logbook.h"
#include "app/rights.h"
#include "app/vigil.h"
#include "base/mem.h"
#include "base/time.h"
#include "core/crypto.h"
#include "core/history.h"
#include "core/log.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "store/migrate.h"
#include "text/words.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	ARENA_MAX = 8 * 1024 * 1024,
	PROBLEMS_MAX = 16 * 1024,
	LOOKS = 8,			/* at the children, in hang_timeout */
	START_DEATHS_MAX = 3
};

enum phase { STARTING, RUNNING, STOPPING };

struct supervisor {
	const char *file;		/* of the configuration */
	int64_t workers;		/* overrides the key; 0: does not */
	struct config **cfg;
	struct listen listen;
	struct segment *segment;
	struct history *history;
	struct str pid_file;		/* in the caller's arena */
	int pid_lock;			/* keeps runtime_path ours until we stop; or -1 */
	int signal_fd;
	bool filtered;			/* no process can make system calls that no server needs */
	enum phase phase;
	unsigned start_deaths;		/* children that were killed before they were ready */
	int64_t watchdog_us;		/* how often the service manager hears from us; 0: never */
	int64_t watchdog_at;
	struct vigil vigil;
	bool well;			/* no process hangs that could not be killed */
	struct config *new_cfg;		/* what the first successor is being tried with; or NULL */
	struct crew crew;
	struct logbook logbook;
};

static size_t
worker_count(const struct supervisor *s, const struct config *cfg)
{
	int64_t n = s->workers ? s->workers : cfg->workers;

	if (n == 0)
		n = proc_cores();
	return (size_t)(n > CREW_WORKERS ? CREW_WORKERS : n);
}

/* Tells the service manager; that it does not listen is worth a line, not a failure. */
static void
notify(struct ctx *c, const char *state)
{
	if (proc_notify(c, state) != OK) {
		log_error(c);
		err_clear(c);
	}
}

/* ---- reload ------------------------------------------------------------------------------ */

static void
refuse(struct ctx *c, struct supervisor *s, struct str problem)
{
	log_event(c, config_refused, .problem = problem);
	logbook_revoke(c, &s->logbook);
	config_free(s->new_cfg);
	s->new_cfg = NULL;
	s->crew.roll = 0;
	/* The successor that was tried may have been another zone's. */
	(void)time_zone_set(c->cfg->timezone);
}

/* What a running site cannot change: it would need root, another socket or segment; NULL: nothing. */
static const char *
fixed_key(const struct config *a, const struct config *b)
{
	if (strcmp(a->listen, b->listen) != 0 || strcmp(a->listen_group, b->listen_group) != 0)
		return "listen, listen_group: a reload cannot change them; restart the site";
	if (strcmp(a->runtime_path, b->runtime_path) != 0)
		return "runtime_path: a reload cannot change it; restart the site";
	if (strcmp(a->user, b->user) != 0)
		return "user: a reload cannot change it; restart the site";
	if (a->metrics_buffer_size != b->metrics_buffer_size)
		return "metrics_buffer_size: a reload cannot change it; restart the site";
	return NULL;
}

/*
 * Starts a worker's successor with the newest configuration there is; false: it was logged why not.
 */
static bool
roll_start(struct ctx *c, struct supervisor *s)
{
	struct ctx fresh;
	enum err err;

	ctx_init(&fresh, 4096);
	fresh.cfg = s->new_cfg ? s->new_cfg : c->cfg;
	fresh.log = logbook_log_next(&s->logbook);
	fresh.metrics = c->metrics;
	err = crew_renew(&fresh, &s->crew, s->crew.roll);
	if (err)
		log_error(&fresh);
	ctx_fini(&fresh);
	return err == OK;
}

/* The new configuration's log is open: tries the rest on the first worker. */
static void
roll_first(struct ctx *c, struct supervisor *s)
{
	log_event(c, supervisor_reloading);
	(void)time_zone_set(s->new_cfg->timezone);
	s->crew.roll = 1;
	if (!roll_start(c, s))
		refuse(c, s, S("its first process could not be started"));
}

/* Reads the configuration again and opens its log. */
static void
roll_begin(struct ctx *c, struct supervisor *s)
{
	const char *fixed = NULL;
	struct buf problems;
	enum err err;

	s->crew.reload = false;
	buf_init(&problems, &c->arena, PROBLEMS_MAX);
	err = config_load(c, s->file, &problems, &s->new_cfg);
	if (!err)
		err = config_check(c, s->new_cfg, &problems);
	if (!err)
		fixed = fixed_key(c->cfg, s->new_cfg);
	if (!err && !fixed)
		err = logbook_begin(c, &s->logbook, s->new_cfg);
	if (fixed || err) {
		struct str text = str_trim(buf_str(&problems));

		refuse(c, s, fixed ? str_z(fixed) : str_empty(text) ? str_z(c->err.detail) : text);
	} else if (logbook_is_ready(&s->logbook)) {
		roll_first(c, s);
	}
}

/* The new configuration has proved itself: from now on it is the configuration. */
static void
roll_commit(struct ctx *c, struct supervisor *s)
{
	config_free(*s->cfg);
	*s->cfg = s->new_cfg;
	c->cfg = s->new_cfg;
	s->new_cfg = NULL;
	segment_configured_set(s->segment, c->cfg->read_us);
	logbook_commit(c, &s->logbook);
	words_check(c);
	s->crew.n = 1 + worker_count(s, c->cfg);
}

/* The next worker's turn; after the last one, the courier's. */
static void
roll_on(struct ctx *c, struct supervisor *s)
{
	while (++s->crew.roll < s->crew.n) {
		if (roll_start(c, s))
			return;
		crew_replace(c, &s->crew, s->crew.roll);
	}
	for (size_t slot = s->crew.n; slot < CREW_SLOTS; slot++)
		crew_replace(c, &s->crew, slot);
	/* There must never be two of the courier: it ends first. */
	crew_replace(c, &s->crew, 0);
	s->crew.roll = 0;
	log_event(c, supervisor_reloaded, .workers = (int64_t)s->crew.n - 1);
}

/*
 * The successor has said whether it is ready. Only the first can show that the configuration is
 * bad.
 */
static void
roll_heard(struct ctx *c, struct supervisor *s, enum err err)
{
	if (err && s->new_cfg) {
		refuse(c, s, str_z(c->err.detail));
		return;
	}
	if (s->new_cfg)
		roll_commit(c, s);
	if (err) {
		log_error(c);
		crew_replace(c, &s->crew, s->crew.roll);
	} else {
		crew_promote(c, &s->crew, s->crew.roll);
	}
	roll_on(c, s);
}

/* ---- signals and reports ----------------------------------------------------------------- */

static void
stop(struct ctx *c, struct supervisor *s)
{
	if (s->phase == STOPPING)
		return;
	if (s->phase == RUNNING)
		log_event(c, supervisor_stopping);
	s->phase = STOPPING;
	notify(c, "STOPPING=1");
	/* Whoever has connected is answered; nobody new can. A successor may start meanwhile. */
	listen_unlink(&s->listen);
	if (s->pid_lock >= 0)
		(void)close(s->pid_lock);
	s->pid_lock = -1;
	crew_stop(c, &s->crew);
}

static void
signals_take(struct ctx *c, struct supervisor *s)
{
	int sig, status = 0;
	pid_t pid;

	while ((sig = proc_signal_next(s->signal_fd, NULL)) != 0) {
		if (sig == SIGTERM || sig == SIGINT)
			stop(c, s);
		if (sig == SIGHUP)
			s->crew.reload = true;
		if (sig == SIGUSR1)
			logbook_reopen(&s->logbook);
	}
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!logbook_ended(c, &s->logbook, pid, status))
			crew_ended(c, &s->crew, pid, status);
}

/* A child has something to say. An error is why the site cannot start. */
static enum err
hear(struct ctx *c, struct supervisor *s, int pipe_fd)
{
	struct pollfd pfd = {.fd = pipe_fd, .events = POLLIN};
	bool rolled = false;
	enum err err;

	/* Who was heard just before may have had it closed, and its number may be a new one's by now. */
	if (poll(&pfd, 1, 0) <= 0)
		return OK;
	if (logbook_hear(c, &s->logbook, pipe_fd, &err)) {
		bool tried = s->new_cfg && s->crew.roll == 0 && s->phase == RUNNING;

		if (tried && err)
			refuse(c, s, str_z(c->err.detail));
		else if (tried && logbook_is_ready(&s->logbook))
			roll_first(c, s);
		else if (err)
			log_error(c);
		return OK;
	}
	err = crew_hear(c, &s->crew, pipe_fd, &rolled);
	if (rolled && s->phase == RUNNING) {
		roll_heard(c, s, err);
		return OK;
	}
	/* Somebody killed it: that happens, and is no reason not to start. A few times. */
	if (err == ERR_CHILD_DIED && s->phase == STARTING && s->start_deaths++ < START_DEATHS_MAX) {
		log_error(c);
		return OK;
	}
	if (err && s->phase == STARTING)
		return err;
	/* At a stop, some may end before they ever began. */
	if (err && s->phase == RUNNING)
		log_error(c);
	return OK;
}

/*
 * Looks whether the children live and the clock is steady, and tells the service manager that we do. A
 * process that cannot even be killed it may see after. Returns milliseconds until the next look.
 */
static int
watch(struct ctx *c, struct supervisor *s)
{
	int64_t now = time_mono_us(), jump, pause;

	if (vigil_pause(&s->vigil, now) == 0) {
		jump = vigil_look(&s->vigil, now, time_now_us());
		if (jump != 0)
			log_event(c, clock_jumped, .seconds = jump / 1000000);
		s->well = crew_watch(c, &s->crew, &s->vigil);
		/* A reload may have changed it. */
		s->vigil.every_us = c->cfg->hang_timeout / LOOKS;
	}
	if (s->watchdog_us != 0 && now >= s->watchdog_at) {
		if (s->well)
			notify(c, "WATCHDOG=1");
		s->watchdog_at = now + s->watchdog_us;
	}
	pause = vigil_pause(&s->vigil, now);
	if (s->watchdog_us != 0 && s->watchdog_at - now < pause)
		pause = s->watchdog_at - now;
	return (int)(pause / 1000) + 1;
}

/* Writes down how the site did lately. Returns milliseconds until there is more to write. */
static int
remember(struct supervisor *s)
{
	return (int)(history_tick(s->history, time_now_us(), time_mono_us()) / 1000) + 1;
}

/* ---- life -------------------------------------------------------------------------------- */

/* A child looks at the database's version: no connection of ours must exist when workers fork. */
static enum err
migrate_main(struct ctx *c, void *arg, struct child_ready *ready)
{
	enum err err = migrate_run(c, false);

	(void)arg;
	if (!err)
		child_ready(ready);
	return err;
}

static enum err
supervisor_open(struct ctx *c, struct supervisor *s)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
	enum err err = proc_signal_block_and_fd(c, signals, sizeof(signals) / sizeof(signals[0]),
		&s->signal_fd);

	proc_signal_ignore_pipe();
	if (!err)
		err = proc_setenv_library(c);
	if (!err)
		err = crypto_init(c);
	if (!err)
		err = listen_open(c, c->cfg, &s->listen);
	if (!err)
		err = rights_drop(c, &s->filtered);
	if (!err)
		err = ctx_printf(c, &s->pid_file, "%s/starpunk.pid", c->cfg->runtime_path);
	if (!err)
		err = proc_pid_free(c, s->pid_file.p);
	if (!err)
		err = segment_create(c, c->cfg->runtime_path, &s->segment);
	segment_configured_set(s->segment, c->cfg->read_us);
	if (!err)
		err = logbook_open(c, &s->logbook, s->segment);
	if (!err)
		err = child_run(c, "migrate", migrate_main, NULL);
	if (!err)
		err = metrics_open(c, s->segment, METRICS_SUPERVISOR, c->cfg, &c->metrics);
	if (!err)
		err = history_open(c, s->segment, c->cfg->runtime_path, &s->history);
	return err ? err : proc_pid_write(c, s->pid_file.p, &s->pid_lock);
}

static void
supervisor_close(struct ctx *c, struct supervisor *s)
{
	if (s->pid_file.p)
		proc_pid_remove(s->pid_file.p);
	if (s->pid_lock >= 0)
		(void)close(s->pid_lock);
	if (history_close(c, s->history, c->cfg->runtime_path) != OK)
		log_error(c);
	logbook_close(c, &s->logbook, s->signal_fd);
	metrics_close(c->metrics);
	c->metrics = NULL;
	segment_remove(s->segment, c->cfg->runtime_path);
	segment_close(s->segment);
	listen_close(&s->listen);
	if (s->signal_fd >= 0)
		(void)close(s->signal_fd);
	if (s->new_cfg)
		config_free(s->new_cfg);
	mem_free(s);
}

static void
running(struct ctx *c, struct supervisor *s)
{
	s->phase = RUNNING;
	log_event(c, supervisor_started, .version = S(SP_VERSION), .listen = str_z(c->cfg->listen),
		.workers = (int64_t)s->crew.n - 1);
	rights_note(c, s->filtered);
	words_check(c);
	notify(c, "READY=1");
}

/* The smaller of two pauses, -1 being endless. */
static int
shorter(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Sleeps until something happens and deals with it. */
static enum err
turn(struct ctx *c, struct supervisor *s)
{
	struct pollfd pfds[1 + CREW_PIPES + VOLUME__MAX] = {{.fd = s->signal_fd, .events = POLLIN}};
	int pause = shorter(shorter(crew_tend(c, &s->crew), watch(c, s)), remember(s));
	size_t n = 1 + crew_pipes(&s->crew, pfds + 1);
	enum err err = OK;

	pause = shorter(pause, logbook_tend(c, &s->logbook));
	n += logbook_pipes(&s->logbook, pfds + n);

	metrics_heartbeat(c->metrics, time_mono_us());
	log_tend(c);
	if (poll(pfds, n, pause) < 0 && errno != EINTR)
		return err_raise(c, ERR_INTERNAL, "poll: %s", strerror(errno));
	for (size_t i = 1; i < n && !err; i++)
		if (pfds[i].revents != 0)
			err = hear(c, s, pfds[i].fd);
	signals_take(c, s);
	if (!err && s->phase == STARTING && crew_is_ready(&s->crew))
		running(c, s);
	if (s->phase == RUNNING && !s->new_cfg && crew_can_reload(&s->crew))
		roll_begin(c, s);
	return err;
}

/* Runs until all children have ended. An error is why the site could not start. */
static enum err
supervise(struct ctx *c, struct supervisor *s)
{
	enum err first = OK;

	crew_init(&s->crew, s->listen.fd, s->segment, s->signal_fd, &s->logbook,
		worker_count(s, c->cfg));
	vigil_init(&s->vigil, c->cfg->hang_timeout / LOOKS, time_mono_us(), time_now_us());
	while (s->phase != STOPPING || !crew_is_gone(&s->crew)) {
		enum err err = turn(c, s);

		if (err) {
			/* The others may fail for the same reason; the first one is told. */
			first = first ? first : err;
			stop(c, s);
			continue;
		}
		if (!first)
			ctx_reset(c);
	}
	if (!first)
		log_event(c, supervisor_stopped);
	return first;
}

enum err
supervisor_run(struct ctx *c, const char *file, int64_t workers, struct config **cfg)
{
	struct supervisor *s = mem_alloc(sizeof(*s));
	struct ctx own;		/* emptied after each turn */
	enum err err;

	if (!s)
		return err_memory(c);
	*s = (struct supervisor){.file = file, .workers = workers, .cfg = cfg, .pid_lock = -1,
		.signal_fd = -1, .listen = {.fd = -1}, .well = true, .watchdog_us = proc_watchdog_us() / 2};
	logbook_init(&s->logbook);
	err = supervisor_open(c, s);
	if (!err) {
		ctx_init(&own, ARENA_MAX);
		own.cfg = c->cfg;
		own.log = c->log;
		own.metrics = c->metrics;
		err = supervise(&own, s);
		c->cfg = own.cfg;
		c->log = own.log;
		if (err)
			err = err_raise(c, err, "%s", own.err.detail);
		ctx_fini(&own);
	}
	supervisor_close(c, s);
	return err;
}
