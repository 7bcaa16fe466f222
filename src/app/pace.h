/*
 * How long a body may take to come: as long as any request, or, where it is long and somebody has
 * seen to it that not too many are, a second more for each 500 bytes of it. So much the front
 * servers ask of clients. Times are monotonic, in microseconds.
 */
#ifndef APP_PACE_H
#define APP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
	int64_t time;		/* of a body that does not grow; set by the owner */
	int64_t deadline;
	int64_t latest;		/* past which the deadline does not grow; 0: it does not at all */
};

enum { PACE_BYTES = 500, PACE_SECONDS_MAX = 3600 };

/* The time begins, anew; grow: what comes makes it longer, up to PACE_SECONDS_MAX. */
void pace_begin(struct pace *p, int64_t now, bool grow);

/* More bytes have come. */
void pace_count(struct pace *p, size_t bytes);

bool pace_over(const struct pace *p, int64_t now);

#endif
