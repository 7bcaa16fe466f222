/*
 * The process that starts the others and does nothing else: it opens the listening socket and the
 * shared segment, becomes the configured user, and keeps logger, courier and workers running. It
 * opens no database and parses no request.
 *
 *	TERM, INT	stop: requests in flight are answered, at most for stop_timeout
 *	HUP		read the configuration again; a good one replaces the processes one by one,
 *			a bad one is logged (config_refused) and the old processes stay
 *	USR1		the logger opens the log file anew (after a rotation)
 */
#ifndef APP_SUPERVISOR_H
#define APP_SUPERVISOR_H

#include "core/config.h"

/*
 * Runs the site until it is told to stop. *cfg, read from file, is in use until then and may have
 * been replaced; the caller frees it. workers: overrides the key; 0: does not. c->log is set and
 * closed here. An error is why the site could not be started.
 */
MUST enum err supervisor_run(struct ctx *c, const char *file, int64_t workers, struct config **cfg);

#endif
