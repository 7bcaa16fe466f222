/*
 * How each check of tables/checks.def was last seen, by whoever of the site looked: one word each in the
 * shared segment. Workers look when they are asked, the courier by itself; the change is told by the one
 * that made it, so it is told once, however many look.
 *
 * One who sees a check fail is right at once: a worker may have a trouble of its own. It is over when
 * nobody has seen it fail for HEALTH_QUIET and somebody sees it well.
 */
#ifndef CORE_HEALTH_H
#define CORE_HEALTH_H

#include "core/segment.h"

enum check {
#define CHECK(sym, ...) CHECK_##sym,
#include "tables/checks.def"
#undef CHECK
	CHECK__MAX
};

#define HEALTH_QUIET ((int64_t)10 * 1000000)	/* us; the courier looks twice meanwhile */

/* A check that is told only if it fails for so long: a reload ends the courier before it starts the next. */
#define HEALTH_GRACE ((int64_t)10 * 1000000)	/* us */

enum health_change { HEALTH_SAME, HEALTH_FAILED, HEALTH_RECOVERED };

/* Notes what was seen at that monotonic time, and says what that changes. With s NULL: nothing. */
enum health_change health_note(struct segment *s, enum check which, bool good, int64_t now_us);

/* False if it fails. With s NULL: true. */
bool health_good(const struct segment *s, enum check which);

#endif
