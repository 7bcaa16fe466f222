/*
 * Claiming and giving back slots, and telling the dead from the living.
 *
 * A claim is one compare-and-swap of the owner's word, from the value that was found dead: of two
 * claimants one wins, and a claimant that dies right after it is itself a dead owner whom the next
 * one replaces. Since counts are inherited and never moved, no order of deaths can lose or double
 * one. Should a living owner ever be taken for dead, two processes would add to the same atomics:
 * still exact, but for the gauges.
 */
#include "core/slot.h"

#include "base/time.h"
#include "core/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* State letter and start time of a process out of /proc/PID/stat (proc(5)); false: not readable. */
static bool
process_stat(int pid, char *state, unsigned long long *start)
{
	char path[32], text[1024];
	struct str rest;
	ssize_t n;
	size_t name_end;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text));
	(void)close(fd);
	if (n <= 0)
		return false;
	/* The second field is the program's name in parentheses and may hold anything. */
	name_end = (size_t)n;
	while (name_end > 0 && text[name_end - 1] != ')')
		name_end--;
	rest = str_sub(str_n(text, (size_t)n), name_end + 1, (size_t)n);
	if (name_end == 0 || str_empty(rest))
		return false;
	*state = rest.p[0];
	for (int field = 3; field < 22; field++)
		(void)str_cut(&rest, ' ');
	return str_u64(str_cut(&rest, ' '), ~0ULL, start);
}

static uint64_t
identity(int pid, unsigned long long start)
{
	return (uint64_t)(unsigned)pid << 32 | (start & 0xFFFFFFFFu);
}

uint64_t
process_identity(void)
{
	unsigned long long start = 0;
	char state;

	if (!process_stat((int)getpid(), &state, &start))
		start = 0;
	return identity((int)getpid(), start);
}

bool
process_lives(uint64_t who)
{
	int pid = process_pid(who);
	unsigned long long start;
	char state;

	if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH))
		return false;
	if (!process_stat(pid, &state, &start))
		return true;
	if (state == 'Z' || state == 'X')
		return false;
	return (who & 0xFFFFFFFFu) == 0 || identity(pid, start) == who;
}

/* What the last owner left that is not a count. */
static void
head_fill(struct layout_head *h, enum metrics_role role, uint64_t self)
{
	for (size_t i = 0; i < GAUGE__MAX; i++)
		atomic_store_explicit(&h->gauge[i], 0, memory_order_relaxed);
	atomic_store_explicit(&h->role, (uint32_t)role, memory_order_relaxed);
	atomic_store_explicit(&h->start_us, time_now_us(), memory_order_relaxed);
	atomic_store_explicit(&h->heartbeat_us, time_mono_us(), memory_order_relaxed);
	atomic_store_explicit(&h->cpu_us, 0, memory_order_relaxed);
	atomic_store_explicit(&h->requests, 0, memory_order_relaxed);
	atomic_store_explicit(&h->used, 1, memory_order_release);
	atomic_store_explicit(&h->ready, self, memory_order_release);
}

/* Makes the file system promise the memory now, so that a full one is an error and no SIGBUS. */
static bool
counts_reserve(const struct segment *seg, size_t slot)
{
	off_t at = (off_t)(offsetof(struct layout, counts) + slot * sizeof(struct layout_counts));

	return fallocate(seg->fd, 0, at, sizeof(struct layout_counts)) == 0 ||
	       errno == EOPNOTSUPP || errno == ENOSYS;
}

enum err
slot_claim(struct ctx *c, struct segment *seg, enum metrics_role role, size_t *slot)
{
	uint64_t self = process_identity();

	for (size_t i = 0; i < LAYOUT_SLOTS; i++) {
		struct layout_head *h = &seg->map->head[i];
		uint64_t owner = atomic_load_explicit(&h->owner, memory_order_acquire);

		if (owner != 0 && process_lives(owner))
			continue;
		if (!counts_reserve(seg, i))
			return err_raise(
				c, ERR_MEMORY, "no room for a metrics slot: %s", strerror(errno));
		if (!atomic_compare_exchange_strong(&h->owner, &owner, self))
			continue;
		if (owner != 0)
			ring_forget(seg, i);
		head_fill(h, role, self);
		*slot = i;
		return OK;
	}
	return err_raise(c, ERR_MEMORY, "all %d metrics slots are taken", LAYOUT_SLOTS);
}

void
slot_release(struct segment *seg, size_t slot, uint64_t owner)
{
	struct layout_head *h = &seg->map->head[slot];

	if (atomic_load_explicit(&h->owner, memory_order_relaxed) != owner)
		return;
	atomic_store_explicit(&h->ready, 0, memory_order_release);
	(void)atomic_compare_exchange_strong(&h->owner, &owner, 0);
}

bool
slot_live(const struct segment *seg, size_t slot)
{
	const struct layout_head *h = &seg->map->head[slot];
	uint64_t owner = atomic_load_explicit(&h->owner, memory_order_acquire);

	return owner != 0 && atomic_load_explicit(&h->ready, memory_order_acquire) == owner &&
	       process_lives(owner);
}

bool
slot_any_live(const struct segment *seg)
{
	if (process_lives(seg->map->header.maker))
		return true;
	for (size_t i = 0; i < LAYOUT_SLOTS; i++)
		if (slot_live(seg, i))
			return true;
	return false;
}
