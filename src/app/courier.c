/*
 * A loop over seven duties and a look at the site, each with the time at which it is next due. Between
 * them it sleeps in poll(2) on its signals, at most a second: then it gives a sign of life, and looks
 * for scheduled posts anew if the site's generation has moved, since somebody may have scheduled one.
 * Many commits make a checkpoint due at once: a log that stays short is copied in a moment.
 *
 * Each turn begins with the lookout (core/lookout.h), since nothing else that is asked of a disk has a
 * bound: what needs a disk that does not answer waits until it does, and the signs of life go on.
 *
 * Jobs are done a step at a time, at most one each turn, and none that a scheduled post might have
 * to wait for: to cut a step short for it would count as the job's failure.
 *
 * What searches look at is brought up to date when nobody has written for a second, or at last after
 * half a minute, and then in pieces with long pauses between: who posts has the database first.
 */
#include "app/courier.h"

#include "base/time.h"
#include "core/config.h"
#include "core/crypto.h"
#include "core/folder.h"
#include "core/log.h"
#include "core/lookout.h"
#include "core/metrics.h"
#include "core/proc.h"
#include "core/trouble.h"
#include "core/sight.h"
#include "domain/audit.h"
#include "domain/auth.h"
#include "domain/client.h"
#include "domain/job.h"
#include "domain/media.h"
#include "domain/post.h"
#include "domain/search_index.h"
#include "web/checks.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t second = 1000000;			/* us, like all times here */
static const int64_t look_every = 5 * (int64_t)1000000;	/* how the site is */
static const int64_t try_every = 2 * (int64_t)1000000;	/* whether the site can be written again */
static const int64_t clean_every = 3600 * (int64_t)1000000;
static const int64_t sweep_every = 3600 * (int64_t)1000000;	/* all folders, one after the other */
static const int64_t retry_after = 5 * (int64_t)1000000;
static const int64_t publish_every = 60 * (int64_t)1000000;	/* at least, if any is scheduled */
static const int64_t work_every = 1000000;	/* jobs of uploads move no generation */
static const int64_t step_longest = 10 * (int64_t)1000000;
static const int64_t look_busy = 200 * (int64_t)1000;	/* how often while the site is written */
static const uint64_t commits_busy = 100;		/* that make a checkpoint due at once */
static const int64_t search_quiet = 1000000;	/* nobody has written for so long */
static const int64_t search_longest = 30 * (int64_t)1000000;	/* that it is put off */
static const int64_t search_piece = 10 * (int64_t)1000;
enum { SEARCH_SHARE = 10 };			/* of the time while others write: one part in ten */

struct courier {
	struct segment *segment;
	struct journal *troubles;
	struct lookout *lookout;
	struct lookout_view places;	/* as they were at the beginning of this turn */
	struct db *db;		/* NULL: broken and closed; opened again by the next duty */
	int signal_fd;
	int64_t checkpoint_at;
	int64_t publish_at;
	int64_t try_at;
	int64_t look_at;
	int64_t clean_at;
	int64_t sweep_at;
	int64_t work_at;
	int64_t search_at;
	int64_t search_since;	/* when it was first put off; 0: it is not behind */
	unsigned folder;	/* of media, to be swept next */
	uint64_t generation;	/* of the site when scheduled posts were last looked for */
	uint64_t checkpointed;	/* generation at the last checkpoint */
	bool written;		/* the generation has moved since the last look */
	int64_t wal_bytes;	/* of the write-ahead log, as its gauge says */
	bool wal_warned;
};

/* Does its work and sets when it is next due. */
typedef enum err courier_duty(struct ctx *c, struct courier *o, int64_t *at);

/* Says what went wrong to those who count and keep it. */
static void
tell(struct ctx *c, const struct courier *o, enum err err)
{
	log_error(c);
	trouble_put(c, o->troubles, NULL);
	metrics_error(c->metrics, err);
}

/* ---- duties ------------------------------------------------------------------------------ */

/* Warns once when the write-ahead log has grown beyond what checkpoints should leave of it. */
static void
wal_watch(struct ctx *c, struct courier *o)
{
	struct stat st;
	struct str path;
	bool large;

	if (folder_beside(c, c->cfg->database_path, "-wal", &path) != OK || stat(path.p, &st) != 0)
		return;
	metrics_gauge_add(c->metrics, GAUGE_WAL_BYTES, st.st_size - o->wal_bytes);
	o->wal_bytes = st.st_size;
	large = st.st_size > db_log_long;
	if (large && !o->wal_warned)
		log_event(c, db_wal_large, .bytes = st.st_size);
	o->wal_warned = large;
}

static enum err
checkpoint(struct ctx *c, struct courier *o, int64_t *at)
{
	int64_t frames = 0, moved = 0, start = time_mono_us();
	bool busy = o->generation - o->checkpointed >= commits_busy;
	enum err err = (busy ? db_checkpoint_reuse : db_checkpoint)(c, o->db, &frames, &moved);

	*at = start + c->cfg->db_checkpoint_interval;
	o->checkpointed = o->generation;
	if (!err && frames > 0)
		log_event(c, db_checkpoint, .frames = frames, .moved = moved,
			.duration = time_mono_us() - start);
	wal_watch(c, o);
	return err;
}

/*
 * Somebody could not store what he had, or not get at the lock: looks whether it can be done again, so
 * that nobody has to lose another post to find that out.
 */
static enum err
try_writing(struct ctx *c, struct courier *o, int64_t *at)
{
	enum err err;

	*at = time_mono_us() + try_every;
	if (segment_writable(o->segment) && !segment_locked(o->segment))
		return OK;
	/* A lock that is free is had at once; that it is not has been told. */
	c->deadline_us = time_mono_us() + second;
	err = db_try(c, o->db);
	if (err == ERR_DB_BUSY)
		err_clear(c);
	return err == ERR_DB_BUSY ? OK : err;
}

static enum err
publish(struct ctx *c, struct courier *o, int64_t *at)
{
	int64_t n = 0, next = 0;
	enum err err = post_publish_due(c, o->db, &n, &next);
	int64_t wait = next * second - time_now_us();

	/* The clock may be set, or the machine sleep: what is far off now may be due in a minute. */
	if (wait > publish_every)
		wait = publish_every;
	*at = next == 0 ? INT64_MAX : time_mono_us() + wait;
	return err;
}

static enum err
clean(struct ctx *c, struct courier *o, int64_t *at)
{
	int64_t sessions = 0, tokens = 0, retries = 0, audits = 0, clients = 0;
	enum err err = auth_clean(c, o->db, &sessions, &tokens);

	if (!err)
		err = post_retries_clean(c, o->db, &retries);
	if (!err)
		err = audit_clean(c, o->db, &audits);
	if (!err)
		err = clients_clean(c, o->db, &clients);
	*at = time_mono_us() + clean_every;
	if (!err && sessions + tokens + retries + audits + clients > 0)
		log_event(c, courier_cleaned, .sessions = sessions, .tokens = tokens,
			.retries = retries, .audits = audits, .clients = clients);
	return err;
}

/*
 * A folder each time: nothing else is done meanwhile, and a large site has many files. One that
 * cannot be read stays so until somebody looks after it: the others wait for the next round.
 */
static enum err
sweep(struct ctx *c, struct courier *o, int64_t *at)
{
	int64_t files = 0;
	enum err err = media_sweep(c, o->db, o->folder, &files);

	*at = time_mono_us() + (err ? sweep_every : sweep_every / MEDIA_FOLDERS);
	if (err && err != ERR_IO)
		return err;
	o->folder = (o->folder + 1) % MEDIA_FOLDERS;
	if (err)
		tell(c, o, err);
	return OK;
}

static enum err
work(struct ctx *c, struct courier *o, int64_t *at)
{
	int64_t now = time_mono_us(), next = 0;
	enum err err;

	*at = o->publish_at;
	if (o->publish_at - now < step_longest)
		return OK;
	*at = now + work_every;
	c->deadline_us = now + step_longest;
	err = job_work(c, o->db, &next);
	if (next > 0 && now + next * second - c->now_us < *at)
		*at = now + next * second - c->now_us;
	return err;
}

static enum err
search(struct ctx *c, struct courier *o, int64_t *at)
{
	int64_t start = time_mono_us(), took;
	struct search_report report;
	bool left = false;
	enum err err = search_upkeep(c, o->db, search_piece, &left);

	took = time_mono_us() - start;
	*at = left ? start + took * (o->written ? SEARCH_SHARE : 2) : INT64_MAX;
	if (err || left)
		return err;
	if (o->search_since)
		err = search_report(c, o->db, &report);
	if (!err && o->search_since)
		log_event(c, search_kept, .done = report.done,
			.duration = time_mono_us() - o->search_since);
	o->search_since = 0;
	return err;
}

/* The site has been written: there is something to be made known to searches, though not at once. */
static void
search_put_off(const struct ctx *c, struct courier *o)
{
	int64_t now = time_mono_us();

	if (!c->cfg->search_enabled)
		return;
	if (!o->search_since)
		o->search_since = now;
	if (now - o->search_since < search_longest)
		o->search_at = now + search_quiet;
}

/* A fresh context. */
static void
begin(struct ctx *c)
{
	ctx_reset(c);
	c->now_us = time_now_us();
	c->start_us = time_mono_us();
}

static enum err
connect_database(struct ctx *c, struct courier *o)
{
	return o->db ? OK : db_open(c, o->segment, &o->db);
}

static void
disconnect_database(struct courier *o)
{
	db_close(o->db);
	o->db = NULL;
}

/* Does a duty if it is due, with a fresh context; after a failure it is due again soon. */
static void
duty(struct ctx *c, struct courier *o, courier_duty *fn, int64_t *at)
{
	enum err err;

	if (time_mono_us() < *at)
		return;
	begin(c);
	err = connect_database(c, o);
	if (!err)
		err = fn(c, o, at);
	if (!err)
		return;
	tell(c, o, err);
	*at = time_mono_us() + retry_after;
	/* A busy or full database is as good as before; anything else deserves a new connection. */
	if (err != ERR_DB_BUSY && err != ERR_DB_FULL)
		disconnect_database(o);
}

/* What of the duties can be done now. */
static void
duties(struct ctx *c, struct courier *o)
{
	if (lookout_database_silent(&o->places))
		return;
	duty(c, o, try_writing, &o->try_at);
	duty(c, o, publish, &o->publish_at);
	duty(c, o, checkpoint, &o->checkpoint_at);
	duty(c, o, clean, &o->clean_at);
	if (o->places.silent != LOOKOUT_MEDIA) {
		duty(c, o, sweep, &o->sweep_at);
		duty(c, o, work, &o->work_at);
	}
	duty(c, o, search, &o->search_at);
}

/*
 * Looks how the site is, so that the log says so though nobody asks. It is not done as a duty: it has
 * something to say where there is no database. To close one that is silent would be to wait for it, too.
 */
static void
look(struct ctx *c, struct courier *o)
{
	bool silent = lookout_database_silent(&o->places);
	enum err err = OK;
	struct checks k;

	if (time_mono_us() < o->look_at)
		return;
	begin(c);
	if (!silent)
		err = connect_database(c, o);
	checks_site(c, o->segment, &o->places, err || silent ? NULL : o->db, &k);
	if (!silent && !k.good[CHECK_DATABASE])
		disconnect_database(o);
	o->look_at = time_mono_us() + look_every;
}

/* ---- life -------------------------------------------------------------------------------- */

/* Deals with the signals that came; true: one of them says to end. */
static bool
signals_take(const struct courier *o)
{
	bool stop = false;
	int sig;

	while ((sig = proc_signal_next(o->signal_fd, NULL)) != 0)
		stop = stop || sig == SIGTERM || sig == SIGINT;
	return stop;
}

/* Milliseconds until the next duty, at most a second, or less while the site is being written. */
static int
pause_ms(const struct courier *o)
{
	int64_t at = o->checkpoint_at < o->publish_at ? o->checkpoint_at : o->publish_at;
	int64_t us;

	/* What is due may be just what has to wait. */
	if (o->places.silent != LOOKOUT__MAX)
		return 1000;
	at = at < o->work_at ? at : o->work_at;
	us = (at < o->search_at ? at : o->search_at) - time_mono_us();

	if (us <= 0)
		return 0;
	if (o->written && us > look_busy)
		us = look_busy;
	return us >= second ? 1000 : (int)(us / 1000) + 1;
}

static void
courier_work(struct ctx *c, struct courier *o)
{
	struct pollfd pfd = {.fd = o->signal_fd, .events = POLLIN};

	do {
		uint64_t generation = segment_generation(o->segment);

		o->written = generation != o->generation;
		if (o->written) {
			o->publish_at = o->work_at = 0;
			search_put_off(c, o);
		}
		o->generation = generation;
		if (generation - o->checkpointed >= commits_busy)
			o->checkpoint_at = 0;
		metrics_heartbeat(c->metrics, time_mono_us());
		ctx_reset(c);
		log_tend(c);
		lookout_ask(o->lookout, CHECKS_BOUND, &o->places);
		look(c, o);
		duties(c, o);
		(void)poll(&pfd, 1, pause_ms(o));
	} while (!signals_take(o));
}

static enum err
troubles_open(struct ctx *c, struct journal **out)
{
	struct str path;
	enum err err = trouble_path(c, &path);

	return err ? err : journal_new(c, path.p, out);
}

static void
engine_note(struct ctx *c)
{
	const char *note = db_engine_note();

	if (note)
		log_event(c, sqlite_old, .version = str_z(db_engine_version()), .note = str_z(note));
}

/* Said once for each start, by the one process there is one of. */
static void
search_note(struct ctx *c, struct db *db)
{
	struct search_report report;

	if (search_report(c, db, &report) != OK)
		log_error(c);
	else if (!search_report_good(&report))
		log_event(c, search_without_index, .version = str_z(db_engine_version()),
			.wanted = c->cfg->search_engine == CONFIG_SEARCH_FTS5 ? S("fts5")
									     : S("auto"));
}

enum err
courier_run(struct ctx *c, struct segment *seg, struct child_ready *ready)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
	struct courier o = {.segment = seg, .signal_fd = -1};
	struct sight sight;
	enum err err = proc_signal_block_and_fd(c, signals, sizeof(signals) / sizeof(signals[0]),
		&o.signal_fd);

	if (!c->cfg->search_enabled)
		o.search_at = INT64_MAX;
	proc_signal_ignore_pipe();
	if (!err)
		err = crypto_init(c);
	if (!err)
		err = metrics_open(c, seg, METRICS_COURIER, c->cfg, &c->metrics);
	if (!err)
		err = sight_courier(c, &sight);
	if (!err)
		err = sight_enter(c, &sight);
	if (!err)
		err = troubles_open(c, &o.troubles);
	if (!err)
		err = lookout_new(c, &o.lookout);
	if (!err)
		err = db_open(c, seg, &o.db);
	if (!err)
		err = db_prepare(c, o.db);
	if (!err) {
		child_ready(ready);
		engine_note(c);
		search_note(c, o.db);
		courier_work(c, &o);
	}
	db_close(o.db);
	lookout_free(o.lookout);
	journal_free(o.troubles);
	metrics_close(c->metrics);
	c->metrics = NULL;
	if (o.signal_fd >= 0)
		(void)close(o.signal_fd);
	return err;
}
