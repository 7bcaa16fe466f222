/*
 * How long a process has been silent, and whether the clock has jumped, as seen by somebody who looks
 * every now and then.
 *
 * Silence is measured in the time that the watcher itself was awake. A machine that slept, a virtual
 * one that was suspended, a container that was frozen and a watcher that was stopped have one thing in
 * common: its next look comes late. What is beyond the time in which it should have come counts for
 * nobody, so all of them find the others as they were.
 */
#ifndef APP_VIGIL_H
#define APP_VIGIL_H

#include <stdint.h>

struct vigil {
	int64_t every_us;	/* how often somebody should look */
	int64_t looked_us;	/* monotonic: the last look */
	int64_t awake_us;	/* time that the watcher has seen pass */
	int64_t ahead_us;	/* what the wall clock was ahead of the monotonic one */
};

/* Begins now, at these times of monotonic and wall clock. */
void vigil_init(struct vigil *v, int64_t every_us, int64_t mono_us, int64_t wall_us);

/*
 * Looks. Returns by how much the wall clock has gone ahead of the monotonic one since the last look,
 * negative if it was set back; 0 if by less than VIGIL_JUMP, as clocks do that are kept right.
 */
#define VIGIL_JUMP ((int64_t)5 * 1000000)	/* us */
int64_t vigil_look(struct vigil *v, int64_t mono_us, int64_t wall_us);

/* Microseconds until the next look is due; never negative. */
int64_t vigil_pause(const struct vigil *v, int64_t mono_us);

/* What is remembered of one process; zeroed at its beginning. */
struct vigil_mark {
	int64_t beat_us;	/* its last sign of life, whatever clock that was */
	int64_t since_us;	/* awake_us when that was first seen */
};

/* After a look: for how long its sign of life has been this one. */
int64_t vigil_silence(const struct vigil *v, struct vigil_mark *mark, int64_t beat_us);

#endif
