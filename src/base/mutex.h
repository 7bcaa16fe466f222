/*
 * Mutexes whose failure is a mistake of the program's, as that of all that are neither robust nor
 * shared between processes is.
 */
#ifndef BASE_MUTEX_H
#define BASE_MUTEX_H

#include <pthread.h>

void mutex_lock(pthread_mutex_t *m);
void mutex_unlock(pthread_mutex_t *m);

#endif
