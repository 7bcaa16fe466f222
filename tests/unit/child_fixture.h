/*
 * What children do in tests, and say of it.
 */
#ifndef UNIT_CHILD_FIXTURE_H
#define UNIT_CHILD_FIXTURE_H

#include "app_fixture.h"

#include "app/child.h"

/* Says it twice, of which the second has nobody to hear it. */
static inline enum err
is_ready(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)own;
	(void)arg;
	child_ready(ready);
	child_ready(ready);
	return OK;
}

/* Says at once what is usually said a while later. */
static inline enum err
leaves(struct ctx *own, void *arg, struct child_ready *ready)
{
	(void)own;
	(void)arg;
	child_ready_for_now(ready);
	child_leaving(ready);
	child_leaving(ready);
	(void)pause();
	return OK;
}

#endif
