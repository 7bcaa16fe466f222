/*
 * Rate limits: one leaky bucket per address, kept as a single time (the generic cell rate
 * algorithm, ITU-T I.371 annex A): the moment at which the bucket will be full again. A token costs
 * rate.per_us / rate.count; it is granted if the bucket, that much emptier, would still fill up
 * within per_us. So an address can spend count at once and then goes on at the steady rate.
 *
 * The table has a fixed size and no lock. An address is looked for in a few cells behind its hash;
 * a new one takes the cell that is nearest to full, which forgets the least. Two threads that meet
 * in a cell while it changes hands may grant one token too many or too few; nothing worse.
 */
#include "core/config.h"
#include "core/layout.h"

#include <assert.h>

enum { PROBES = 8 };

/* Seeded, so that nobody outside can choose addresses that meet in one cell. Never 0. */
static uint64_t
key_hash(uint64_t secret, struct str key)
{
	uint64_t h = secret ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++) {
		h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
		h ^= h >> 29;
	}
	h *= 0x9e3779b97f4a7c15u;
	h ^= h >> 32;
	return h ? h : 1;
}

/* The key's cell, or, if it has none, the best one to give it with *mine false. */
static struct layout_bucket *
bucket_find(struct layout_bucket *table, uint64_t key, bool *mine)
{
	struct layout_bucket *best = NULL;
	int64_t best_full = 0;

	for (size_t i = 0; i < PROBES; i++) {
		struct layout_bucket *b = &table[(key + i) & (LAYOUT_RATE_BUCKETS - 1)];
		uint64_t owner = atomic_load_explicit(&b->key, memory_order_acquire);
		int64_t full = atomic_load_explicit(&b->full_us, memory_order_relaxed);

		*mine = owner == key;
		if (*mine)
			return b;
		if (!best || full < best_full) {
			best = b;
			best_full = full;
		}
	}
	return best;
}

/*
 * When the bucket will be full again after a token was taken; *granted whether it may be. A time
 * further off than any token could have put it is from before the clock or the limit was changed.
 */
static int64_t
full_after(int64_t full, const struct config_rate *rate, int64_t now_us, bool *granted)
{
	int64_t cost = rate->per_us / rate->count > 0 ? rate->per_us / rate->count : 1;
	int64_t from = full > now_us && full <= now_us + 2 * rate->per_us ? full : now_us;

	*granted = from + cost <= now_us + rate->per_us;
	return from + cost;
}

static int
seconds_until(int64_t full_us, const struct config_rate *rate, int64_t now_us)
{
	int64_t wait = full_us - rate->per_us - now_us;

	return (int)((wait + 999999) / 1000000);
}

bool
segment_rate_take(struct segment *s, enum segment_limit which, struct str key,
	const struct config_rate *rate, int64_t now_us, int *retry_after)
{
	uint64_t hash;
	struct layout_bucket *b;
	int64_t full, next;
	bool mine, granted;

	*retry_after = 0;
	if (!s || rate->count <= 0 || rate->per_us <= 0)
		return true;
	assert((unsigned)which < SEGMENT_LIMIT__MAX && s->writable);
	hash = key_hash(s->map->header.secret, key);
	b = bucket_find(s->map->rate[which], hash, &mine);
	full = mine ? atomic_load_explicit(&b->full_us, memory_order_relaxed) : 0;
	if (!mine) {
		atomic_store_explicit(&b->full_us, 0, memory_order_relaxed);
		atomic_store_explicit(&b->key, hash, memory_order_release);
	}
	do {
		next = full_after(full, rate, now_us, &granted);
	} while (granted &&
		 !atomic_compare_exchange_weak_explicit(
			 &b->full_us, &full, next, memory_order_relaxed, memory_order_relaxed));
	if (!granted)
		*retry_after = seconds_until(next, rate, now_us);
	return granted;
}
