/*
 * The process that does what no request should wait for, with one database connection of its own:
 * it is the one checkpointer of the write-ahead log (every db_checkpoint_interval), publishes
 * scheduled posts at their second, clears away dead sessions and tokens every hour, and does the
 * jobs that others have left for it (domain/job). A failure is logged and the work tried again when
 * it is next due; what needs a disk that does not answer waits until it does. TERM ends it.
 */
#ifndef APP_COURIER_H
#define APP_COURIER_H

#include "app/child.h"
#include "core/segment.h"

/* Runs until it is told to end. c->cfg and c->log are set. */
MUST enum err courier_run(struct ctx *c, struct segment *seg, struct child_ready *ready);

#endif
