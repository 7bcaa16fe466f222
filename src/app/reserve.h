/*
 * A descriptor held back, to be given up when none is left: whoever comes then is told what is
 * wrong, instead of waiting until the front server gives up and knows nothing. Threads may call
 * both at once.
 */
#ifndef APP_RESERVE_H
#define APP_RESERVE_H

#include <stdatomic.h>
#include <stdbool.h>

struct reserve {
	atomic_int fd;		/* RESERVE_EMPTY: given up */
};

enum { RESERVE_EMPTY = -1 };

/* Takes a copy of like, any descriptor, if the reserve is empty and one is to be had. */
void reserve_take(struct reserve *r, int like);

/* Closes what is held back. True: there was something, so that a descriptor is free now. */
bool reserve_give(struct reserve *r);

#endif
