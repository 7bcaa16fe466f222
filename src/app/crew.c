/*
 * Slots and their processes. The only place that forks workers and couriers.
 */
#include "app/crew.h"

#include "app/courier.h"
#include "app/worker.h"
#include "base/time.h"
#include "core/config.h"
#include "core/log.h"
#include "core/metrics.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	QUICK_US = 2 * 1000000,		/* a death this soon after the start is a quick one */
	FIRST_PAUSE_US = 100 * 1000,
	LAST_PAUSE_US = 5 * 1000000,
	START_PATIENCE_US = 15 * 1000000, /* in which a process has to become ready */
	COURIER_PATIENCE = 3,		/* times hang_timeout */
	LONGEST_MS = 60 * 1000
};

void
crew_init(struct crew *w, int listen_fd, struct segment *seg, int signal_fd,
	struct logbook *logbook, size_t workers)
{
	*w = (struct crew){.listen_fd = listen_fd, .segment = seg, .signal_fd = signal_fd,
		.logbook = logbook, .n = 1 + workers};
	for (size_t i = 0; i < CREW_SLOTS; i++) {
		/* Not child_forget(): it would close the descriptor 0 that zeroed memory names. */
		w->slots[i].now = w->slots[i].next = w->old[i] = (struct child){.pipe_fd = -1};
		w->slots[i].start_us = i < w->n ? 1 : 0;
	}
}

static const char *
role(size_t slot)
{
	return slot == 0 ? "courier" : "worker";
}

/* ---- children ---------------------------------------------------------------------------- */

/* Closes what only the supervisor needs, and what leads into a log that is not ours. */
static void
close_inherited(const struct ctx *c, struct crew *w)
{
	struct pollfd pipes[CREW_PIPES];
	size_t n = crew_pipes(w, pipes);

	for (size_t i = 0; i < n; i++)
		(void)close(pipes[i].fd);
	(void)close(w->signal_fd);
	logbook_shed(w->logbook, c->log);
}

static enum err
worker_main(struct ctx *c, void *arg, struct child_ready *ready)
{
	struct crew *w = arg;

	close_inherited(c, w);
	return worker_run(c, w->listen_fd, w->segment, ready);
}

static enum err
courier_main(struct ctx *c, void *arg, struct child_ready *ready)
{
	struct crew *w = arg;

	close_inherited(c, w);
	(void)close(w->listen_fd);
	return courier_run(c, w->segment, ready);
}

static enum err
start(struct ctx *c, struct crew *w, size_t slot, struct child *out)
{
	enum err err = child_fork(c, role(slot), slot == 0 ? courier_main : worker_main, w, out);

	if (!err)
		log_event(c, process_started, .role = str_z(role(slot)), .child = out->pid);
	return err;
}

/* Lets a process that is no longer wanted in its slot end. */
static void
retire(struct crew *w, struct child *child, int64_t deadline_us)
{
	size_t i = 0;

	if (child->pid <= 0)
		return;
	child_stop(child, deadline_us);
	while (i < CREW_SLOTS - 1 && w->old[i].pid > 0)
		i++;
	w->old[i] = *child;
	*child = (struct child){.pipe_fd = -1};
}

/* ---- looking after them ------------------------------------------------------------------ */

/* Keeps the earlier of two times, 0 being none. */
static void
earlier(int64_t *at, int64_t other)
{
	if (other != 0 && (*at == 0 || other < *at))
		*at = other;
}

static void
kill_late(struct child *child, int64_t now, int64_t *at)
{
	if (child->pid <= 0 || child->kill_us == 0)
		return;
	if (now >= child->kill_us) {
		(void)kill(child->pid, SIGKILL);
		child->kill_us = INT64_MAX;
	}
	earlier(at, child->kill_us);
}

/* One that hangs before it is ready would keep everything else waiting: its pipe then tells the rest. */
static void
kill_stuck(struct child *child, int64_t now, int64_t *at)
{
	int64_t end = child->started_us + START_PATIENCE_US;

	if (child->pid <= 0 || child->state != CHILD_STARTING || child->kill_us != 0)
		return;
	if (now >= end)
		(void)kill(child->pid, SIGKILL);
	else
		earlier(at, end);
}

int
crew_tend(struct ctx *c, struct crew *w)
{
	int64_t now = time_mono_us(), at = 0;

	for (size_t n = 1; n <= CREW_SLOTS; n++) {
		size_t i = n % CREW_SLOTS; /* the courier last: at a start, visitors wait for workers */
		struct crew_slot *s = &w->slots[i];

		if (s->start_us != 0 && now >= s->start_us && !w->stopping) {
			s->start_us = 0;
			if (start(c, w, i, &s->now) != OK) {
				log_error(c);
				err_clear(c);
				s->start_us = now + LAST_PAUSE_US;
			}
		}
		if (!w->stopping)
			earlier(&at, s->start_us);
		kill_stuck(&s->now, now, &at);
		kill_stuck(&s->next, now, &at);
		kill_late(&s->now, now, &at);
		kill_late(&s->next, now, &at);
		kill_late(&w->old[i], now, &at);
	}
	if (at == 0)
		return -1;
	if (at <= now)
		return 0;
	return at - now > LONGEST_MS * 1000LL ? LONGEST_MS : (int)((at - now) / 1000) + 1;
}

/* Looks at the process of one slot; false: it has been killed, and is still there. */
static bool
watch(struct ctx *c, struct crew *w, size_t slot, const struct vigil *v)
{
	struct child *child = &w->slots[slot].now;
	int64_t patience = c->cfg->hang_timeout * (slot == 0 ? COURIER_PATIENCE : 1);
	int64_t beat = 0, silence;

	/* Those that begin or end have other limits. */
	if (child->pid <= 0 || child->state != CHILD_READY || child->kill_us != 0 ||
		!metrics_heartbeat_of(w->segment, child->pid, &beat))
		return true;
	silence = vigil_silence(v, &child->mark, beat);
	if (silence >= patience && !child->hung) {
		child->hung = true;
		log_event(c, process_hung, .role = str_z(role(slot)), .child = child->pid,
			.silent = silence);
		(void)kill(child->pid, SIGKILL);
	}
	return silence < 2 * patience;
}

bool
crew_watch(struct ctx *c, struct crew *w, const struct vigil *v)
{
	bool well = true;

	for (size_t i = 0; i < CREW_SLOTS; i++)
		well = watch(c, w, i, v) && well;
	return well;
}

static size_t
add_pipe(const struct child *child, struct pollfd *out)
{
	if (child->pipe_fd < 0)
		return 0;
	*out = (struct pollfd){.fd = child->pipe_fd, .events = POLLIN};
	return 1;
}

size_t
crew_pipes(const struct crew *w, struct pollfd *out)
{
	size_t n = 0;

	for (size_t i = 0; i < CREW_SLOTS; i++) {
		n += add_pipe(&w->slots[i].now, out + n);
		n += add_pipe(&w->slots[i].next, out + n);
	}
	return n;
}

enum err
crew_hear(struct ctx *c, struct crew *w, int pipe_fd, size_t *slot)
{
	*slot = 0;
	for (size_t i = 0; i < CREW_SLOTS; i++) {
		if (w->slots[i].now.pipe_fd == pipe_fd)
			return child_hear(c, &w->slots[i].now);
		if (w->slots[i].next.pipe_fd == pipe_fd) {
			*slot = i;
			return child_hear(c, &w->slots[i].next);
		}
	}
	return OK;
}

/* A process has ended and one like it is needed: when? */
static void
schedule(struct ctx *c, struct crew *w, size_t slot, int status)
{
	struct crew_slot *s = &w->slots[slot];
	int64_t now = time_mono_us(), pause = 0;
	bool asked = s->now.kill_us != 0, well = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (asked || now - s->now.started_us >= QUICK_US)
		s->quick_deaths = 0;
	else
		s->quick_deaths++;
	if (s->quick_deaths > 1) {
		pause = (int64_t)FIRST_PAUSE_US << (s->quick_deaths < 10 ? s->quick_deaths - 2 : 8);
		if (pause > LAST_PAUSE_US)
			pause = LAST_PAUSE_US;
	}
	/* One that ended well had done its share of requests, or wanted to be replaced. */
	if (!asked && !well)
		log_event(c, process_died, .role = str_z(role(slot)), .child = s->now.pid,
			.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
			.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
			.backoff = pause);
	s->start_us = slot < w->n ? now + pause : 0;
}

void
crew_ended(struct ctx *c, struct crew *w, pid_t pid, int status)
{
	for (size_t i = 0; i < CREW_SLOTS; i++) {
		struct crew_slot *s = &w->slots[i];

		if (w->old[i].pid == pid) {
			child_forget(&w->old[i]);
		} else if (s->next.pid == pid) {
			/*
			 * Its slot still has a process: nothing is missing. But who has started it
			 * waits to hear of it.
			 */
			child_ended(&s->next);
		} else if (s->now.pid == pid) {
			if (!w->stopping)
				schedule(c, w, i, status);
			child_forget(&s->now);
		}
	}
}

/* ---- state ------------------------------------------------------------------------------- */

bool
crew_is_ready(const struct crew *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->slots[i].now.pid <= 0 || w->slots[i].now.state != CHILD_READY)
			return false;
	return true;
}

bool
crew_has_old(const struct crew *w)
{
	for (size_t i = 0; i < CREW_SLOTS; i++)
		if (w->old[i].pid > 0)
			return true;
	return false;
}

bool
crew_is_gone(const struct crew *w)
{
	for (size_t i = 0; i < CREW_SLOTS; i++)
		if (w->slots[i].now.pid > 0 || w->slots[i].next.pid > 0)
			return false;
	return !crew_has_old(w);
}

/* ---- orders ------------------------------------------------------------------------------ */

enum err
crew_renew(struct ctx *c, struct crew *w, size_t slot)
{
	return start(c, w, slot, &w->slots[slot].next);
}

void
crew_promote(struct crew *w, size_t slot, int64_t deadline_us)
{
	struct crew_slot *s = &w->slots[slot];

	retire(w, &s->now, deadline_us);
	s->now = s->next;
	s->next = (struct child){.pipe_fd = -1};
	s->quick_deaths = 0;
	s->start_us = 0;
}

void
crew_replace(struct crew *w, size_t slot, int64_t deadline_us)
{
	struct crew_slot *s = &w->slots[slot];

	if (s->now.pid > 0)
		child_stop(&s->now, deadline_us);
	else
		s->start_us = slot < w->n ? 1 : 0;
}

void
crew_stop(struct crew *w, int64_t deadline_us)
{
	w->stopping = true;
	for (size_t i = 0; i < CREW_SLOTS; i++) {
		child_stop(&w->slots[i].now, deadline_us);
		child_stop(&w->slots[i].next, deadline_us);
	}
}
