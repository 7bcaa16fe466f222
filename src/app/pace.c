/*
 * A deadline that moves with what has been done.
 */
#include "app/pace.h"

static const int64_t second = 1000000;

void
pace_begin(struct pace *p, int64_t now, bool grow)
{
	p->deadline = now + p->time;
	p->latest = grow ? now + PACE_SECONDS_MAX * second : 0;
}

void
pace_count(struct pace *p, size_t bytes)
{
	if (p->latest == 0)
		return;
	p->deadline += (int64_t)bytes * (second / PACE_BYTES);
	if (p->deadline > p->latest)
		p->deadline = p->latest;
}

bool
pace_over(const struct pace *p, int64_t now)
{
	return now >= p->deadline;
}
