/*
 * Arithmetic on two clocks; the looking is the caller's.
 */
#include "app/vigil.h"

enum { LATE = 2 };	/* a look may come after so many times its interval and still count */

void
vigil_init(struct vigil *v, int64_t every_us, int64_t mono_us, int64_t wall_us)
{
	*v = (struct vigil){.every_us = every_us, .looked_us = mono_us,
		.ahead_us = wall_us - mono_us};
}

int64_t
vigil_look(struct vigil *v, int64_t mono_us, int64_t wall_us)
{
	int64_t passed = mono_us - v->looked_us;
	int64_t jump = wall_us - mono_us - v->ahead_us;

	v->awake_us += passed < LATE * v->every_us ? passed : LATE * v->every_us;
	v->looked_us = mono_us;
	v->ahead_us += jump;
	return jump > -VIGIL_JUMP && jump < VIGIL_JUMP ? 0 : jump;
}

int64_t
vigil_pause(const struct vigil *v, int64_t mono_us)
{
	int64_t left = v->looked_us + v->every_us - mono_us;

	return left > 0 ? left : 0;
}

int64_t
vigil_silence(const struct vigil *v, struct vigil_mark *mark, int64_t beat_us)
{
	if (mark->beat_us != beat_us)
		*mark = (struct vigil_mark){beat_us, v->awake_us};
	return v->awake_us - mark->since_us;
}
