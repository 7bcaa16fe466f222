/*
 * Locking and unlocking, with the assertion that it was done.
 */
#include "base/mutex.h"

#include <assert.h>

void
mutex_lock(pthread_mutex_t *m)
{
	int rc = pthread_mutex_lock(m);

	assert(rc == 0);
	(void)rc;
}

void
mutex_unlock(pthread_mutex_t *m)
{
	int rc = pthread_mutex_unlock(m);

	assert(rc == 0);
	(void)rc;
}
