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
	PATIENCE_US = 1000000,		/* that a process gets beyond stop_timeout */
	EXTRA = 3,			/* workers that end or begin at a time, without a reload */
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

/*
 * When a process that is told to end now has had time enough, a little more than it allows itself.
 */
static int64_t
stop_deadline(const struct ctx *c)
{
	return time_mono_us() + c->cfg->stop_timeout + PATIENCE_US;
}

/* Lets a process that is no longer wanted in its slot end. */
static void
retire(const struct ctx *c, struct crew *w, struct child *child)
{
	size_t i = 0;

	if (child->pid <= 0) {
		/* It may have ended unheard. */
		child_forget(child);
		return;
	}
	child_stop(child, stop_deadline(c));
	while (i < CREW_SLOTS - 1 && w->old[i].pid > 0)
		i++;
	w->old[i] = *child;
	*child = (struct child){.pipe_fd = -1};
}

/* The pause until the next start in a slot whose process has died, soon after its own or late. */
static int64_t
backoff(struct crew_slot *s, bool quick)
{
	int64_t pause = 0;

	s->quick_deaths = quick ? s->quick_deaths + 1 : 0;
	if (s->quick_deaths > 1)
		pause = (int64_t)FIRST_PAUSE_US << (s->quick_deaths < 10 ? s->quick_deaths - 2 : 8);
	return pause > LAST_PAUSE_US ? LAST_PAUSE_US : pause;
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

/* Whether one more may end or begin beside those in their slots: places in the segment are few. */
static bool
has_room(const struct crew *w)
{
	size_t n = 0, most = w->n - 1 < EXTRA ? w->n - 1 : EXTRA;

	for (size_t i = 0; i < CREW_SLOTS; i++)
		n += (w->slots[i].next.pid > 0) + (w->old[i].pid > 0);
	return n < most;
}

/*
 * Whether a worker waits for a successor. A reload comes first: it brings one for each, and begins when
 * nobody ends any more.
 */
static bool
is_awaited(const struct crew *w, size_t slot)
{
	const struct crew_slot *s = &w->slots[slot];

	return slot != 0 && slot < w->n && s->now.leaving && s->now.kill_us == 0 &&
		s->next.pid <= 0 && s->next.pipe_fd < 0 && !w->reload && w->roll == 0 && has_room(w);
}

/*
 * Starts the process that a slot lacks, if it is time. Whoever wants to leave soon after its start can wait:
 * it goes on, and each start costs all workers the pages that they keep.
 */
static void
fill(struct ctx *c, struct crew *w, size_t slot, int64_t now, int64_t *at)
{
	struct crew_slot *s = &w->slots[slot];
	bool empty = s->now.pid <= 0;

	if (w->stopping || !(empty ? s->start_us != 0 : is_awaited(w, slot)))
		return;
	if (!empty && s->start_us < s->now.started_us + QUICK_US)
		s->start_us = s->now.started_us + QUICK_US;
	if (now >= s->start_us) {
		s->start_us = 0;
		if (start(c, w, slot, empty ? &s->now : &s->next) != OK) {
			log_error(c);
			err_clear(c);
			s->start_us = now + LAST_PAUSE_US;
		}
	}
	earlier(at, s->start_us);
}

int
crew_tend(struct ctx *c, struct crew *w)
{
	int64_t now = time_mono_us(), at = 0;

	for (size_t n = 1; n <= CREW_SLOTS; n++) {
		size_t i = n % CREW_SLOTS; /* the courier last: at a start, visitors wait for workers */
		struct crew_slot *s = &w->slots[i];

		fill(c, w, i, now, &at);
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

/* The successor of a worker that wants to leave is ready, or cannot start. */
static void
succeed(const struct ctx *c, struct crew *w, size_t slot, enum err err)
{
	struct crew_slot *s = &w->slots[slot];

	if (w->stopping)
		return;
	if (slot >= w->n)
		retire(c, w, &s->next);
	else if (!err)
		crew_promote(c, w, slot);
	else if (s->now.pid > 0)
		s->start_us = time_mono_us() + backoff(s, true);
}

enum err
crew_hear(struct ctx *c, struct crew *w, int pipe_fd, bool *rolled)
{
	*rolled = false;
	for (size_t i = 0; i < CREW_SLOTS; i++) {
		struct crew_slot *s = &w->slots[i];
		enum err err;

		if (s->now.pipe_fd == pipe_fd)
			return child_hear(c, &s->now);
		if (s->next.pipe_fd == pipe_fd) {
			err = child_hear(c, &s->next);
			*rolled = i == w->roll;
			if (!*rolled)
				succeed(c, w, i, err);
			return err;
		}
	}
	return OK;
}

/* A process has ended and one like it is needed: when? */
static void
schedule(struct ctx *c, struct crew *w, size_t slot, int status)
{
	struct crew_slot *s = &w->slots[slot];
	int64_t now = time_mono_us(), pause;
	bool asked = s->now.kill_us != 0, well = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	pause = backoff(s, !asked && now - s->now.started_us < QUICK_US);
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

static bool
has_old(const struct crew *w)
{
	for (size_t i = 0; i < CREW_SLOTS; i++)
		if (w->old[i].pid > 0)
			return true;
	return false;
}

bool
crew_is_ready(const struct crew *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->slots[i].now.pid <= 0 || w->slots[i].now.state != CHILD_READY)
			return false;
	return true;
}

bool
crew_is_gone(const struct crew *w)
{
	for (size_t i = 0; i < CREW_SLOTS; i++)
		if (w->slots[i].now.pid > 0 || w->slots[i].next.pid > 0)
			return false;
	return !has_old(w);
}

bool
crew_can_reload(const struct crew *w)
{
	return w->reload && w->roll == 0 && !has_old(w);
}

/* ---- orders ------------------------------------------------------------------------------ */

enum err
crew_renew(struct ctx *c, struct crew *w, size_t slot)
{
	retire(c, w, &w->slots[slot].next);
	return start(c, w, slot, &w->slots[slot].next);
}

void
crew_promote(const struct ctx *c, struct crew *w, size_t slot)
{
	struct crew_slot *s = &w->slots[slot];

	retire(c, w, &s->now);
	s->now = s->next;
	s->next = (struct child){.pipe_fd = -1};
	s->quick_deaths = 0;
	s->start_us = 0;
}

void
crew_replace(const struct ctx *c, struct crew *w, size_t slot)
{
	struct crew_slot *s = &w->slots[slot];

	if (s->now.pid > 0)
		child_stop(&s->now, stop_deadline(c));
	else
		s->start_us = slot < w->n ? 1 : 0;
}

void
crew_stop(const struct ctx *c, struct crew *w)
{
	w->stopping = true;
	for (size_t i = 0; i < CREW_SLOTS; i++) {
		child_stop(&w->slots[i].now, stop_deadline(c));
		child_stop(&w->slots[i].next, stop_deadline(c));
	}
}
