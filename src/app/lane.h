/*
 * How many threads of a worker may be busy with requests that change something. Those wait: for the
 * database's writers, for the disk, for a body, for a password's hash. There is a thread more than they get, so that
 * who only wants to read, a monitor that asks whether all is well among them, does not queue behind them.
 *
 *	lane_enter(l, fd, now)		the thread has a place; or fd has to wait, and is the lane's now
 *	lane_leave(l, now)		the place goes to who has waited longest: that one is to be answered next
 *
 * Waiting is for as long as there are turns. When nobody has left for a while, somebody else keeps the
 * database, or a body does not come: then all may in, as if there were no lane, to be told so by who knows.
 */
#ifndef APP_LANE_H
#define APP_LANE_H

#include "base/ctx.h"

struct lane;

/* Places: at least one; cap: connections that may wait. Heap; lane_free(). */
MUST enum err lane_new(struct ctx *c, size_t places, size_t cap, struct lane **out);

/* NULL is fine. Nobody waits. */
void lane_free(struct lane *l);

/* now: monotonic microseconds. False: fd waits, and whoever leaves is given it. */
bool lane_enter(struct lane *l, int fd, int64_t now);

/* Gives the place up. A descriptor: whose turn it is, with that place; -1: nobody waits. */
int lane_leave(struct lane *l, int64_t now);

/* For the main thread, now and then: one who waits while nobody leaves, and is to try again; -1: none. */
int lane_stuck(struct lane *l, int64_t now);

#endif
