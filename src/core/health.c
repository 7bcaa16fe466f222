/*
 * The word of a check: 0, it is well; positive, it fails and was last seen to do so at that time; negative,
 * it was first seen to fail then, and may yet be over before anybody is told.
 */
#include "core/health.h"

#include "core/layout.h"

#include <assert.h>

static enum health_change
seen_well(_Atomic int64_t *word, int64_t now_us)
{
	int64_t was = atomic_load_explicit(word, memory_order_relaxed);

	if (was == 0 || (was > 0 && now_us - was < HEALTH_QUIET))
		return HEALTH_SAME;
	return atomic_compare_exchange_strong(word, &was, 0) && was > 0 ? HEALTH_RECOVERED
									: HEALTH_SAME;
}

static enum health_change
seen_failing(_Atomic int64_t *word, int64_t now_us)
{
	return atomic_exchange(word, now_us) > 0 ? HEALTH_SAME : HEALTH_FAILED;
}

/* The same, with patience. */
static enum health_change
seen_missing(_Atomic int64_t *word, int64_t now_us)
{
	int64_t was = 0;

	if (atomic_compare_exchange_strong(word, &was, -now_us))
		return HEALTH_SAME;
	if (was < 0 && now_us + was < HEALTH_GRACE)
		return HEALTH_SAME;
	return seen_failing(word, now_us);
}

enum health_change
health_note(struct segment *s, enum check which, bool good, int64_t now_us)
{
	assert((unsigned)which < CHECK__MAX && now_us > 0);
	if (!s)
		return HEALTH_SAME;
	if (good)
		return seen_well(&s->map->health[which], now_us);
	if (which == CHECK_COURIER)
		return seen_missing(&s->map->health[which], now_us);
	return seen_failing(&s->map->health[which], now_us);
}

bool
health_good(const struct segment *s, enum check which)
{
	assert((unsigned)which < CHECK__MAX);
	return !s || atomic_load_explicit(&s->map->health[which], memory_order_relaxed) <= 0;
}
