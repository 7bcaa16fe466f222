/*
 * One transaction for all threads of a process that want to write at the same moment. What a commit
 * costs is the wait for the disk, and that is the same for one post and for five.
 *
 * The first to come leads: it alone takes the writers' locks and begins. Those who come meanwhile
 * stand in a line, and nobody waits for others to come. When the leader is done with its own work
 * it hands the transaction on; each guest does its work under a savepoint, on the leader's
 * connection, and hands it on to the next in line, the last one back to the leader, who commits.
 * Nobody acknowledges anything before that: a guest waits for the commit, and a commit that fails
 * has failed for all. A guest that fails undoes its own work only, unless SQLite has undone the
 * whole transaction (disk full, interrupted): then it is gone for all, and all are told.
 *
 * At every moment one thread has the transaction, and what it leaves behind the next one sees,
 * since all changes of hands go through the lock.
 */
#include "store/priv.h"

#include "base/mem.h"
#include "base/mutex.h"
#include "base/time.h"

#include <assert.h>
#include <pthread.h>
#include <time.h>

enum { GUESTS_MOST = 16 }; /* of a transaction: the first of them waits for the last */

struct db_share {
	pthread_mutex_t lock; /* guards all below, and what connections have in db->turn */
	pthread_condattr_t clock;
	struct db *leader; /* NULL: who comes next */
	struct db *first, **last;	/* the line */
	struct db *served;		/* guests that wait for the commit */
	int guests;
};

/* False: the system has no more of them. */
static bool
primitives_init(struct db_share *s)
{
	if (pthread_mutex_init(&s->lock, NULL) != 0)
		return false;
	if (pthread_condattr_init(&s->clock) == 0 &&
		pthread_condattr_setclock(&s->clock, CLOCK_MONOTONIC) == 0)
		return true;
	(void)pthread_mutex_destroy(&s->lock);
	return false;
}

enum err
db_share_new(struct ctx *c, struct db_share **out)
{
	struct db_share *s = mem_alloc(sizeof(*s));

	*out = NULL;
	if (!s)
		return err_memory(c);
	s->last = &s->first;
	if (!primitives_init(s)) {
		mem_free(s);
		return err_raise(c, ERR_MEMORY, "no mutex for shared transactions");
	}
	*out = s;
	return OK;
}

void
db_share_free(struct db_share *s)
{
	if (!s)
		return;
	assert(!s->leader && !s->first && !s->served);
	(void)pthread_condattr_destroy(&s->clock);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

/* ---- the line, all with the lock held -------------------------------------------------------- */

/* Sleeps until somebody changes the turn or the time is up; INT64_MAX: it is certain to come. */
static void
turn_wait(struct db_share *s, struct db *db, int64_t until_us)
{
	struct timespec until = {until_us / 1000000, until_us % 1000000 * 1000};
	enum db_turn_state before = db->turn.state;
	pthread_cond_t changed;
	int rc = pthread_cond_init(&changed, &s->clock);

	assert(rc == 0);
	db->turn.changed = &changed;
	while (db->turn.state == before && rc == 0)
		rc = until_us == INT64_MAX ? pthread_cond_wait(&changed, &s->lock)
					   : pthread_cond_timedwait(&changed, &s->lock, &until);
	db->turn.changed = NULL;
	(void)pthread_cond_destroy(&changed);
}

static void
turn_give(struct db *db, enum db_turn_state state)
{
	db->turn.state = state;
	if (db->turn.changed)
		(void)pthread_cond_signal(db->turn.changed); /* cannot fail on a live one */
}

static void
line_join(struct db_share *s, struct db *db)
{
	db->turn.next = NULL;
	*s->last = db;
	s->last = &db->turn.next;
}

static void
line_leave(struct db_share *s, struct db *db)
{
	struct db **at = &s->first;

	while (*at != db)
		at = &(*at)->turn.next;
	*at = db->turn.next;
	if (s->last == &db->turn.next)
		s->last = at;
}

/* The first of the line gets the transaction; if there is none, or no more may come, its leader. */
static void
hand_on(struct db_share *s, bool whole)
{
	struct db *next = whole && s->guests < GUESTS_MOST ? s->first : NULL;

	if (!next) {
		turn_give(s->leader, TURN_LEADS);
		return;
	}
	line_leave(s, next);
	s->guests++;
	next->host = s->leader;
	turn_give(next, TURN_GUEST);
}

/* ---- what transactions ask for --------------------------------------------------------------- */

enum err
db_share_enter(struct ctx *c, struct db_share *s, struct db *db, int64_t until_us)
{
	enum err e = OK;

	if (!s)
		return OK;
	mutex_lock(&s->lock);
	if (!s->leader) {
		s->leader = db;
		db->turn.state = TURN_LEADS;
	} else {
		line_join(s, db);
		db->turn.state = TURN_WAITS;
		turn_wait(s, db, until_us);
	}
	if (db->turn.state == TURN_WAITS) {
		line_leave(s, db);
		db->turn.state = TURN_NONE;
		e = err_raise(c, ERR_DB_BUSY, "no turn to write came");
	}
	mutex_unlock(&s->lock);
	return e;
}

void
db_share_lend(struct db_share *s, struct db *db)
{
	if (!s)
		return;
	mutex_lock(&s->lock);
	assert(s->leader == db);
	if (s->first) {
		db->turn.state = TURN_LENDS;
		hand_on(s, true);
		turn_wait(s, db, INT64_MAX);
	}
	mutex_unlock(&s->lock);
}

void
db_share_leave(struct db_share *s, struct db *db, enum err result)
{
	struct db *guest, *next;

	if (!s)
		return;
	mutex_lock(&s->lock);
	assert(s->leader == db);
	while ((guest = s->served)) {
		s->served = guest->turn.next;
		guest->turn.result = result;
		turn_give(guest, TURN_NONE);
	}
	s->guests = 0;
	db->turn.state = TURN_NONE;
	next = s->leader = s->first;
	if (next) {
		line_leave(s, next);
		turn_give(next, TURN_LEADS);
	}
	mutex_unlock(&s->lock);
}

void
db_share_undone(struct db_share *s, struct db *db, bool whole)
{
	mutex_lock(&s->lock);
	assert(db->host == s->leader);
	db->host = NULL;
	db->turn.state = TURN_NONE;
	hand_on(s, whole);
	mutex_unlock(&s->lock);
}

enum err
db_share_done(struct db_share *s, struct db *db, bool whole)
{
	mutex_lock(&s->lock);
	assert(db->host == s->leader);
	db->host = NULL;
	db->turn.next = s->served;
	s->served = db;
	db->turn.state = TURN_SERVED;
	hand_on(s, whole);
	turn_wait(s, db, INT64_MAX);
	mutex_unlock(&s->lock);
	return db->turn.result;
}

size_t
db_share_inside(struct db_share *s)
{
	size_t n;

	mutex_lock(&s->lock);
	n = s->leader != NULL;
	for (const struct db *db = s->first; db; db = db->turn.next)
		n++;
	mutex_unlock(&s->lock);
	return n;
}
