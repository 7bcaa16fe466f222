/*
 * A reader's sums, plain memory in the arena of whoever asked. Private to the files of core that
 * show them; everybody else uses the functions of metrics.h.
 */
#ifndef CORE_METRICS_VIEW_H
#define CORE_METRICS_VIEW_H

#include "core/layout.h"

struct metrics_view {
	const struct segment *seg;
	int64_t start_us, uptime_us;
	uint64_t cpu_us;
	uint64_t counter[COUNTER__MAX];
	uint64_t error[ERR__MAX];
	int64_t gauge[GAUGE__MAX];
	uint64_t request[ROUTE__MAX][METHOD__MAX][LAYOUT_CLASSES];
	struct histogram_sums http;     /* all routes */
	struct histogram_sums database; /* all statements */
	struct histogram_sums route[ROUTE__MAX];
	struct histogram_sums row[HISTOGRAM__MAX];
	struct histogram_sums statement[DBOP__MAX][DBTABLE__MAX];
	struct metrics_process process[LAYOUT_SLOTS];
	size_t n_processes;
	uint64_t *record; /* numbers of the ring's records, newest first */
	size_t n_records;
};

/* Resident memory of a process, bytes; 0 if it cannot be known. */
int64_t metrics_process_memory(int pid);

/* Appends text as Prometheus wants it in HELP or, with quotes, in a label's value. */
void metrics_escape(struct buf *b, const char *text, bool quotes);

#endif
