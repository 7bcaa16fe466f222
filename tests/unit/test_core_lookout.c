/*
 * core/lookout: what is found at a site's directories, and what is told while a disk does not answer. The disk
 * is access(2), which stands still here for one path until it is let go.
 */
#include "base/mem.h"
#include "base/mutex.h"
#include "base/time.h"
#include "core/config.h"
#include "core/lookout.h"

#include "tempdir.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LONG (INT64_C(60) * 1000000)	/* us; nothing here takes so long */
#define SHORT (INT64_C(500) * 1000)
#define USUAL (INT64_C(1) * 1000000)
#define SLOW (INT64_C(520) * 1000)	/* two of them are more than is usual, and one is much less */

enum { ASKERS = 8 };

struct place {
	struct ctx c;
	struct config cfg;
	struct tempdir dir;
	char database[128], media[128];
	struct lookout *l;
};

/* ---- a disk ------------------------------------------------------------------------------ */

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static const char *still;	/* the path that does not answer; guarded by disk, like refused and stuck */
static const char *refused;	/* one that may not be written */
static int stuck;		/* how many wait for it */
static int64_t slow_us;		/* what each answer takes */
static atomic_int calls;

int __real_access(const char *path, int mode);
int __wrap_access(const char *path, int mode);

int
__wrap_access(const char *path, int mode)
{
	bool no;

	(void)atomic_fetch_add(&calls, 1);
	mutex_lock(&disk);
	stuck++;
	(void)pthread_cond_broadcast(&moved);
	while (still && strcmp(still, path) == 0)
		(void)pthread_cond_wait(&moved, &disk);
	if (slow_us > 0) {
		mutex_unlock(&disk);
		(void)usleep((useconds_t)slow_us);
		mutex_lock(&disk);
	}
	stuck--;
	no = refused && strcmp(refused, path) == 0;
	mutex_unlock(&disk);
	if (no)
		errno = EACCES;
	return no ? -1 : __real_access(path, mode);
}

static void
disk_set(const char *path)
{
	mutex_lock(&disk);
	still = path;
	(void)pthread_cond_broadcast(&moved);
	mutex_unlock(&disk);
}

static void
disk_slow(int64_t us)
{
	mutex_lock(&disk);
	slow_us = us;
	mutex_unlock(&disk);
}

static void
refuse(const char *path)
{
	mutex_lock(&disk);
	refused = path;
	mutex_unlock(&disk);
}

static int
disk_stuck(void)
{
	int n;

	mutex_lock(&disk);
	n = stuck;
	mutex_unlock(&disk);
	return n;
}

/* ---- life -------------------------------------------------------------------------------- */

static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	ctx_init(&p->c, 1 << 20);
	tempdir_init(&p->dir);
	(void)snprintf(p->database, sizeof(p->database), "%s/site.db", p->dir.path);
	(void)snprintf(p->media, sizeof(p->media), "%s/media", p->dir.path);
	p->cfg.database_path = p->database;
	p->cfg.media_path = p->media;
	p->c.cfg = &p->cfg;
	tempdir_write(&p->dir, "site.db-wal", S("12345"));
	*state = p;
	return mkdir(p->media, 0700) == 0 && lookout_new(&p->c, &p->l) == OK ? 0 : -1;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	disk_set(NULL);
	disk_slow(0);
	refuse(NULL);
	lookout_free(p->l);
	(void)rmdir(p->media);
	tempdir_fini(&p->dir);
	ctx_fini(&p->c);
	free(p);
	return 0;
}

/* ---- what is found ----------------------------------------------------------------------- */

static void
what_is_there_is_told(void **state)
{
	struct place *p = *state;
	struct lookout_view v;

	lookout_ask(p->l, LONG, &v);
	assert_int_equal(v.silent, LOOKOUT__MAX);
	for (size_t i = 0; i < LOOKOUT__MAX; i++) {
		assert_true(v.at[i].known);
		assert_int_equal(v.at[i].missing, 0);
		assert_int_equal(v.at[i].closed, 0);
	}
	assert_string_equal(v.at[LOOKOUT_DATABASE].path, p->dir.path);
	assert_string_equal(v.at[LOOKOUT_MEDIA].path, p->media);
	assert_true(v.at[LOOKOUT_DATABASE].bytes > 0);
	assert_true(v.at[LOOKOUT_MEDIA].bytes > 0);
	assert_int_equal(v.at[LOOKOUT_WAL].bytes, 5);
}

static void
what_is_missing_or_closed_is_told(void **state)
{
	struct place *p = *state;
	struct lookout_view v;

	refuse(p->dir.path);
	assert_int_equal(rmdir(p->media), 0);
	tempdir_clear(&p->dir);
	lookout_ask(p->l, LONG, &v);
	assert_int_equal(v.silent, LOOKOUT__MAX);
	assert_int_equal(v.at[LOOKOUT_DATABASE].missing, 0);
	assert_int_equal(v.at[LOOKOUT_DATABASE].closed, EACCES);
	assert_true(v.at[LOOKOUT_DATABASE].bytes > 0);
	assert_int_equal(v.at[LOOKOUT_MEDIA].missing, ENOENT);
	assert_int_equal(v.at[LOOKOUT_WAL].missing, ENOENT);
	assert_int_equal(v.at[LOOKOUT_WAL].bytes, 0);
}

/* What was seen before it was asked is no answer. */
static void
each_answer_was_seen_after_the_question(void **state)
{
	struct place *p = *state;
	struct lookout_view v;

	for (int i = 0; i < 100; i++) {
		assert_int_equal(rmdir(p->media), 0);
		lookout_ask(p->l, LONG, &v);
		assert_int_equal(v.at[LOOKOUT_MEDIA].missing, ENOENT);
		assert_int_equal(mkdir(p->media, 0700), 0);
		lookout_ask(p->l, LONG, &v);
		assert_int_equal(v.at[LOOKOUT_MEDIA].missing, 0);
	}
}

/* ---- a disk that does not answer --------------------------------------------------------- */

static void
silence_is_told_in_time_and_what_was_seen_before_it(void **state)
{
	struct place *p = *state;
	int64_t before = time_mono_us(), took;
	struct lookout_view v;

	disk_set(p->media);
	lookout_ask(p->l, USUAL, &v);
	took = time_mono_us() - before;
	assert_true(took >= USUAL && took < 2 * USUAL);
	assert_int_equal(v.silent, LOOKOUT_MEDIA);
	assert_true(v.at[LOOKOUT_DATABASE].known);
	assert_false(v.at[LOOKOUT_MEDIA].known);
	assert_false(v.at[LOOKOUT_WAL].known);
	assert_string_equal(v.at[LOOKOUT_MEDIA].path, p->media);
}

static void *
ask_short(void *arg)
{
	struct lookout_view v;

	for (int i = 0; i < ASKERS; i++) {
		lookout_ask(arg, SHORT, &v);
		if (v.silent != LOOKOUT_MEDIA || v.at[LOOKOUT_DATABASE].known)
			return arg;
	}
	return NULL;
}

/* They have waited for each other's, not each for its own. */
static void
while_it_lasts_one_is_stuck_and_all_are_told(void **state)
{
	struct place *p = *state;
	pthread_t threads[ASKERS];
	struct lookout_view v;
	int64_t before;
	void *wrong;
	int looks;

	disk_set(p->media);
	lookout_ask(p->l, SHORT, &v);
	looks = atomic_load(&calls);
	before = time_mono_us();
	for (size_t i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_short, p->l), 0);
	for (size_t i = 0; i < ASKERS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_true(time_mono_us() - before < ASKERS * SHORT);
	assert_int_equal(disk_stuck(), 1);
	assert_int_equal(atomic_load(&calls), looks);
}

static void
when_it_answers_again_all_is_well(void **state)
{
	struct place *p = *state;
	struct lookout_view v;

	for (int i = 0; i < 3; i++) {
		disk_set(i == 1 ? p->dir.path : p->media);
		lookout_ask(p->l, SHORT, &v);
		assert_int_equal(v.silent, i == 1 ? LOOKOUT_DATABASE : LOOKOUT_MEDIA);
		disk_set(NULL);
		/* An asker's bound counts from the beginning of a look that is still going on. */
		lookout_ask(p->l, LONG, &v);
		assert_int_equal(v.silent, LOOKOUT__MAX);
		assert_true(v.at[LOOKOUT_MEDIA].known);
	}
}

static void *
ask_long(void *arg)
{
	struct lookout_view v;

	lookout_ask(arg, LONG, &v);
	return v.silent == LOOKOUT__MAX ? NULL : arg;
}

/* The look that was stuck answers nobody who came after it had begun; the next one answers them all. */
static void
one_look_is_for_all_who_wait(void **state)
{
	struct place *p = *state;
	pthread_t threads[ASKERS];
	struct lookout_view v;
	void *wrong;
	int before;

	before = atomic_load(&calls);
	disk_set(p->media);
	lookout_ask(p->l, SHORT, &v);
	for (size_t i = 0; i < ASKERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask_long, p->l), 0);
	(void)usleep(100000);
	disk_set(NULL);
	for (size_t i = 0; i < ASKERS; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	/* Two calls a look; a thread that starts late may need one of its own. */
	assert_true(atomic_load(&calls) - before >= 4);
	assert_true(atomic_load(&calls) - before < 2 * ASKERS);
}

/* ---- a disk that is slow, and a thread that is late -------------------------------------- */

static void
who_answers_each_call_is_not_silent(void **state)
{
	struct place *p = *state;
	struct lookout_view v;

	disk_slow(SLOW);
	lookout_ask(p->l, USUAL, &v);
	assert_int_equal(v.silent, LOOKOUT__MAX);
	for (size_t i = 0; i < LOOKOUT__MAX; i++)
		assert_true(v.at[i].known);
}

static void *
ask_usual(void *arg)
{
	struct lookout_view v;

	lookout_ask(arg, USUAL, &v);
	return v.silent == LOOKOUT__MAX && v.at[LOOKOUT_WAL].known ? NULL : arg;
}

/* One waits for the rest of the other's look, too. */
static void
nor_to_who_asks_while_it_answers_somebody_else(void **state)
{
	struct place *p = *state;
	pthread_t thread;
	void *wrong;

	disk_slow(SLOW);
	assert_int_equal(pthread_create(&thread, NULL, ask_usual, p->l), 0);
	while (disk_stuck() == 0)
		(void)usleep(1000);
	assert_null(ask_usual(p->l));
	assert_int_equal(pthread_join(thread, &wrong), 0);
	assert_null(wrong);
}

static atomic_bool asleep;	/* the thread is not told that somebody wants something */

int __real_pthread_cond_signal(pthread_cond_t *cond);
int __wrap_pthread_cond_signal(pthread_cond_t *cond);

int
__wrap_pthread_cond_signal(pthread_cond_t *cond)
{
	return atomic_load(&asleep) ? 0 : __real_pthread_cond_signal(cond);
}

static void
no_disk_is_blamed_for_a_thread_that_has_had_no_turn(void **state)
{
	struct place *p = *state;
	struct lookout_view v;

	/* Once, so that it sleeps. */
	lookout_ask(p->l, LONG, &v);
	atomic_store(&asleep, true);
	lookout_ask(p->l, SHORT, &v);
	atomic_store(&asleep, false);
	assert_int_equal(v.silent, LOOKOUT__MAX);
	for (size_t i = 0; i < LOOKOUT__MAX; i++) {
		assert_false(v.at[i].known);
		assert_non_null(v.at[i].path);
	}
}

/* ---- life -------------------------------------------------------------------------------- */

/* A worker that stops does not wait for it; what the thread needs is there until it comes back. */
static void
who_goes_does_not_wait_for_a_thread_that_is_stuck(void **state)
{
	struct place *p = *state;
	struct lookout_view v;

	disk_set(p->media);
	lookout_ask(p->l, SHORT, &v);
	assert_int_equal(disk_stuck(), 1);
	lookout_free(p->l);
	p->l = NULL;
	assert_int_equal(disk_stuck(), 1);
	disk_set(NULL);
	for (int i = 0; disk_stuck() > 0 && i < 6000; i++)
		(void)usleep(10000);
	assert_int_equal(disk_stuck(), 0);
}

static void
one_that_has_never_been_asked_ends(void **state)
{
	struct place *p = *state;

	lookout_free(NULL);
	lookout_free(p->l);
	p->l = NULL;
}

static void
without_memory_there_is_none(void **state)
{
	struct place *p = *state;
	struct lookout *l;
	enum err err;

	for (unsigned long n = 1;; n++) {
		mem_fault_at(n);
		err = lookout_new(&p->c, &l);
		if (!mem_fault_hit())
			break;
		mem_fault_at(0);
		assert_int_equal(err, ERR_MEMORY);
		assert_null(l);
		ctx_reset(&p->c);
	}
	mem_fault_at(0);
	assert_int_equal(err, OK);
	lookout_free(l);
}

#define OWN(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		OWN(what_is_there_is_told),
		OWN(what_is_missing_or_closed_is_told),
		OWN(each_answer_was_seen_after_the_question),
		OWN(silence_is_told_in_time_and_what_was_seen_before_it),
		OWN(while_it_lasts_one_is_stuck_and_all_are_told),
		OWN(when_it_answers_again_all_is_well),
		OWN(one_look_is_for_all_who_wait),
		OWN(who_answers_each_call_is_not_silent),
		OWN(nor_to_who_asks_while_it_answers_somebody_else),
		OWN(no_disk_is_blamed_for_a_thread_that_has_had_no_turn),
		OWN(who_goes_does_not_wait_for_a_thread_that_is_stuck),
		OWN(one_that_has_never_been_asked_ends),
		OWN(without_memory_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
