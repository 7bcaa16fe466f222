/*
 * core/slot and what depends on it: counts that outlive their owners whoever dies when, gauges and
 * figures of the living only.
 */
#include "core/slot.h"

#include "metrics_fixture.h"

#include <signal.h>
#include <sys/prctl.h>

static uint64_t
posts(struct fixture *f)
{
	return metrics_view_counter(look(f), COUNTER_POSTS_CREATED);
}

static void
add_thousand_and_close(struct fixture *f)
{
	struct metrics *m = open_as(f, METRICS_WORKER);

	for (int i = 0; i < 1000; i++)
		metrics_add(m, COUNTER_POSTS_CREATED, 1);
	metrics_close(m);
}

static void
add_thousand_and_die(struct fixture *f)
{
	struct metrics *m = open_as(f, METRICS_WORKER);

	for (int i = 0; i < 1000; i++)
		metrics_add(m, COUNTER_POSTS_CREATED, 1);
	(void)kill(getpid(), SIGKILL);
}

static void
counts_stay_when_processes_close_their_slots(void **state)
{
	struct fixture *f = *state;

	for (uint64_t round = 1; round <= 5; round++) {
		in_children(f, 4, add_thousand_and_close);
		assert_int_equal(posts(f), round * 4000);
	}
}

static void
counts_stay_when_processes_are_killed_and_their_slots_fought_over(void **state)
{
	struct fixture *f = *state;

	for (uint64_t round = 1; round <= 10; round++) {
		in_children(f, 8, add_thousand_and_die);
		assert_int_equal(posts(f), round * 8000);
	}
	/* Children of one round may still have been dying when others claimed; not all ten rounds.
	 */
	assert_false(atomic_load(&f->seg->map->head[40].used));
}

/* Killed at any moment of claiming and counting: the cell beside tells how far it came. */
static void
kill_in_mid_count(struct fixture *f, _Atomic uint64_t *told)
{
	uint64_t before = atomic_load(told);
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct metrics *m;

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		m = open_as(f, METRICS_WORKER);
		for (;;) {
			metrics_add(m, COUNTER_POSTS_CREATED, 1);
			atomic_fetch_add(told, 1);
		}
	}
	while (atomic_load(told) < before + 500)
		;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
a_kill_in_mid_count_loses_and_doubles_nothing(void **state)
{
	struct fixture *f = *state;
	_Atomic uint64_t *told = &f->seg->map->counts[LAYOUT_SLOTS - 1].cpu_us;
	const uint64_t kills = 30;

	for (uint64_t i = 0; i < kills; i++)
		kill_in_mid_count(f, told);
	/* Each child may have died between the count and telling it. */
	assert_in_range(posts(f), atomic_load(told), atomic_load(told) + kills);
}

/* Claims when the gate's other end is closed, holds a connection, says so and waits for its end. */
static void
claim_at_the_gate(struct fixture *f, const int gate[2], int said)
{
	char byte = 0;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)close(gate[1]);
	if (read(gate[0], &byte, 1) != 0)
		_exit(1);
	metrics_gauge_add(open_as(f, METRICS_WORKER), GAUGE_POOL_SIZE, 1);
	if (write(said, "y", 1) != 1)
		_exit(1);
	for (;;)
		(void)pause();
}

static void
race_for_slots(struct fixture *f)
{
	enum { RACERS = 6 };
	int gate[2], said[2];
	pid_t pids[RACERS];
	char byte;

	assert_int_equal(pipe(gate), 0);
	assert_int_equal(pipe(said), 0);
	for (size_t i = 0; i < RACERS; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			claim_at_the_gate(f, gate, said[1]);
	}
	(void)close(gate[1]);
	for (size_t i = 0; i < RACERS; i++)
		assert_int_equal(read(said[0], &byte, 1), 1);
	assert_int_equal(metrics_view_gauge(look(f), GAUGE_POOL_SIZE), RACERS);
	for (size_t i = 0; i < RACERS; i++) {
		assert_int_equal(kill(pids[i], SIGKILL), 0);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
	(void)close(gate[0]);
	(void)close(said[0]);
	(void)close(said[1]);
}

static void
processes_that_race_for_dead_slots_get_one_each(void **state)
{
	for (int i = 0; i < 20; i++)
		race_for_slots(*state);
}

static void
a_dead_owners_slot_is_taken_before_a_fresh_one(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 20; i++)
		in_children(f, 1, add_thousand_and_die);
	assert_true(atomic_load(&f->seg->map->head[0].used));
	assert_false(atomic_load(&f->seg->map->head[1].used));
	assert_int_equal(posts(f), 20000);
}

static void
a_slot_whose_owners_pid_was_given_to_another_process_is_free(void **state)
{
	struct fixture *f = *state;

	atomic_store(&f->seg->map->head[0].owner, process_identity() ^ 1);
	f->m = open_as(f, METRICS_WORKER);
	assert_true(atomic_load(&f->seg->map->head[0].owner) == process_identity());
}

static void
a_process_that_has_ended_but_was_not_waited_for_is_dead(void **state)
{
	uint64_t identity = 0;
	siginfo_t info;
	int fds[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		identity = process_identity();
		_exit(write(fds[1], &identity, sizeof(identity)) == sizeof(identity) ? 0 : 1);
	}
	assert_int_equal(read(fds[0], &identity, sizeof(identity)), sizeof(identity));
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_false(process_lives(identity));
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_false(process_lives(identity));
	assert_true(process_lives(process_identity()));
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void
when_every_slot_is_taken_opening_fails(void **state)
{
	struct fixture *f = *state;
	struct metrics *all[LAYOUT_SLOTS], *more = NULL;

	for (size_t i = 0; i < LAYOUT_SLOTS; i++)
		all[i] = open_as(f, METRICS_COMMAND);
	assert_int_equal(metrics_open(&f->c, f->seg, METRICS_COMMAND, &f->cfg, &more), ERR_MEMORY);
	assert_non_null(strstr(f->c.err.detail, "slots are taken"));
	assert_null(more);
	metrics_close(all[30]);
	err_clear(&f->c);
	all[30] = open_as(f, METRICS_COMMAND);
	for (size_t i = 0; i < LAYOUT_SLOTS; i++)
		metrics_close(all[i]);
}

static void
without_memory_no_slot_is_held(void **state)
{
	struct fixture *f = *state;

	mem_fault_at(1);
	if (metrics_open(&f->c, f->seg, METRICS_WORKER, &f->cfg, &f->m) == OK) {
		assert_false(mem_fault_hit()); /* this build cannot fail allocations */
		return;
	}
	assert_int_equal(f->c.err.code, ERR_MEMORY);
	assert_int_equal(atomic_load(&f->seg->map->head[0].owner), 0);
	err_clear(&f->c);
}

static void
close_inherited(struct fixture *f)
{
	metrics_close(f->m);
}

static void
a_child_that_closes_an_inherited_handle_leaves_the_slot_alone(void **state)
{
	struct fixture *f = *state;
	struct metrics_process p;

	f->m = open_as(f, METRICS_SUPERVISOR);
	in_children(f, 1, close_inherited);
	assert_true(metrics_view_process(look(f), 0, &p));
	assert_int_equal(p.pid, getpid());
}

static void
hold_connections_and_die(struct fixture *f)
{
	struct metrics *m = open_as(f, METRICS_WORKER);

	metrics_gauge_add(m, GAUGE_POOL_SIZE, 1000);
	(void)kill(getpid(), SIGKILL);
}

static void
gauges_are_those_of_the_living(void **state)
{
	struct fixture *f = *state;
	struct metrics *other = open_as(f, METRICS_WORKER);

	f->m = open_as(f, METRICS_WORKER);
	in_children(f, 1, hold_connections_and_die);
	metrics_gauge_add(f->m, GAUGE_POOL_SIZE, 4);
	metrics_gauge_add(f->m, GAUGE_POOL_SIZE, 3);
	metrics_gauge_add(f->m, GAUGE_POOL_SIZE, -1);
	metrics_gauge_add(other, GAUGE_POOL_SIZE, 10);
	assert_int_equal(metrics_view_gauge(look(f), GAUGE_POOL_SIZE), 16);
	metrics_close(other);
	assert_int_equal(metrics_view_gauge(look(f), GAUGE_POOL_SIZE), 6);
	other = open_as(f, METRICS_WORKER);
	assert_int_equal(metrics_view_gauge(look(f), GAUGE_POOL_SIZE), 6);
	metrics_close(other);
}

static void
a_process_shows_its_role_its_requests_and_its_last_sign_of_life(void **state)
{
	struct fixture *f = *state;
	struct metrics_process p;
	int64_t before = time_now_us();

	f->m = open_as(f, METRICS_COURIER);
	request(f->m, ROUTE_HOME, 200, 1);
	metrics_gauge_add(f->m, GAUGE_CONNECTIONS, 3);
	metrics_heartbeat(f->m, 123456789);
	assert_true(metrics_view_process(look(f), 0, &p));
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.role, METRICS_COURIER);
	assert_in_range(p.start_us, before, time_now_us());
	assert_int_equal(p.requests, 1);
	assert_int_equal(p.connections, 3);
	assert_int_equal(p.heartbeat_us, 123456789);
	assert_true(p.memory_bytes > 100000);
	assert_false(metrics_view_process(f->v, 1, &p));
}

static void
a_new_owner_begins_with_its_own_requests(void **state)
{
	struct fixture *f = *state;
	struct metrics_process p;

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	metrics_close(f->m);
	f->m = open_as(f, METRICS_WORKER);
	assert_true(metrics_view_process(look(f), 0, &p));
	assert_int_equal(p.requests, 0);
	assert_int_equal(metrics_view_requests(f->v, ROUTE_HOME, METHOD_GET, 2), 1);
}

static void
a_reader_without_write_access_sees_the_counts(void **state)
{
	struct fixture *f = *state;
	struct segment *reader;
	struct metrics_view *v;
	struct metrics_record r;

	f->m = open_as(f, METRICS_WORKER);
	request(f->m, ROUTE_HOME, 200, 1);
	assert_int_equal(segment_attach(&f->c, f->dir, false, &reader), OK);
	assert_int_equal(metrics_view(&f->c, reader, &v), OK);
	assert_int_equal(metrics_view_requests(v, ROUTE_HOME, METHOD_GET, 2), 1);
	assert_true(metrics_view_record(v, 0, &r));
	assert_true(metrics_view_uptime_us(v) >= 0);
	assert_in_range(time_now_us() - metrics_view_start_us(v), 0, 600 * SECOND);
	segment_close(reader);
}

static void
a_view_that_finds_no_memory_says_so(void **state)
{
	struct fixture *f = *state;
	struct metrics_view *v = NULL;
	struct ctx small;

	ctx_init(&small, 1024);
	assert_int_equal(metrics_view(&small, f->seg, &v), ERR_MEMORY);
	assert_null(v);
	ctx_fini(&small);
}

static void
a_site_that_ends_leaves_the_file_of_the_one_that_has_begun(void **state)
{
	struct fixture *f = *state;
	struct segment *old = f->seg, *s;

	assert_int_equal(segment_create(&f->c, f->dir, &f->seg), OK);
	segment_remove(old, f->dir);
	segment_close(old);
	assert_int_equal(segment_attach(&f->c, f->dir, true, &s), OK);
	segment_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(counts_stay_when_processes_close_their_slots),
		T(counts_stay_when_processes_are_killed_and_their_slots_fought_over),
		T(a_kill_in_mid_count_loses_and_doubles_nothing),
		T(processes_that_race_for_dead_slots_get_one_each),
		T(a_dead_owners_slot_is_taken_before_a_fresh_one),
		T(a_slot_whose_owners_pid_was_given_to_another_process_is_free),
		T(a_process_that_has_ended_but_was_not_waited_for_is_dead),
		T(when_every_slot_is_taken_opening_fails),
		T(without_memory_no_slot_is_held),
		T(a_child_that_closes_an_inherited_handle_leaves_the_slot_alone),
		T(gauges_are_those_of_the_living),
		T(a_process_shows_its_role_its_requests_and_its_last_sign_of_life),
		T(a_new_owner_begins_with_its_own_requests),
		T(a_reader_without_write_access_sees_the_counts),
		T(a_view_that_finds_no_memory_says_so),
		T(a_site_that_ends_leaves_the_file_of_the_one_that_has_begun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
