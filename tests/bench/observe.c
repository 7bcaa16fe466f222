/*
 * What looking costs, each beside the least it could: a log line beside a bare write(2) of its bytes, a
 * counter and a histogram beside an atomic addition, a request's connection out of the pool beside one opened for it.
 *
 *	observe CONFIGURATION ROUNDS MILLISECONDS
 *
 * The configuration is that of a site with a database. Both sides of a case run in turn; a line each: name,
 * nanoseconds ours and least, the median of the rounds' ratios. Rounds should be many and short: what else the
 * machine does then falls on both sides, and that the disk begins to write back on few.
 */
#include "base/time.h"
#include "core/config.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/metrics.h"
#include "store/pool.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_MAX = 64 * 1024 * 1024, ROUNDS_MAX = 499, STEP = 64, LINE_MAX = 1024 };

struct bench {
	struct ctx c;
	struct segment *seg;
	struct pool *pool;
	int fd;			/* a file, for bare writes */
	size_t line_bytes;	/* of which so many are a line of ours */
	atomic_ullong cell;
	int rounds;
	int64_t round_us;
};

typedef bool step(struct bench *b);

static bool
line_ours(struct bench *b)
{
	static const struct facts facts = {.status = 200, .duration_us = 1234, .db_us = 321, .db_queries = 3,
		.body_bytes = 12345, .head_bytes = 400, .remote_addr = S_INIT("203.0.113.77"),
		.path = S_INIT("/note/2026/11/28/a-walk-along-the-dyke"),
		.user_agent = S_INIT("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")};

	log_request(&b->c, &facts);
	return true;
}

static bool
line_least(struct bench *b)
{
	static const char line[LINE_MAX] = "{";

	return write(b->fd, line, b->line_bytes) == (ssize_t)b->line_bytes;
}

/* How long a line of ours is: what the file grows by. */
static enum err
line_measure(struct bench *b, const char *file)
{
	struct stat before, after;
	bool seen = stat(file, &before) == 0 && line_ours(b) && stat(file, &after) == 0;

	if (!seen || after.st_size <= before.st_size || after.st_size - before.st_size > LINE_MAX)
		return err_raise(&b->c, ERR_IO, "%s: no line came", file);
	b->line_bytes = (size_t)(after.st_size - before.st_size);
	return OK;
}

static bool
metric_ours(struct bench *b)
{
	metrics_add(b->c.metrics, COUNTER_BYTES_SENT, 1);
	metrics_observe(b->c.metrics, HISTOGRAM_RENDER, 100);
	return true;
}

static bool
metric_least(struct bench *b)
{
	atomic_fetch_add_explicit(&b->cell, 1, memory_order_relaxed);
	return true;
}

static bool
connection_pooled(struct bench *b)
{
	struct db *db;

	ctx_reset(&b->c);
	return pool_acquire(&b->c, b->pool, &db) == OK && db_ping(&b->c, db) == OK &&
		pool_release(&b->c, b->pool, db);
}

static bool
connection_opened(struct bench *b)
{
	struct db *db;
	bool good;

	ctx_reset(&b->c);
	if (db_open(&b->c, b->seg, &db) != OK)
		return false;
	good = db_ping(&b->c, db) == OK;
	db_close(db);
	return good;
}

/* Nanoseconds a step, over a round; negative: it failed. */
static double
round_run(struct bench *b, step *fn)
{
	int64_t start = time_mono_us(), now;
	uint64_t n = 0;

	do {
		for (int i = 0; i < STEP; i++, n++)
			if (!fn(b))
				return -1.0;
		now = time_mono_us();
	} while (now - start < b->round_us);
	return (double)(now - start) * 1000.0 / (double)n;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), ascending);
	return v[n / 2];
}

static bool
compare(struct bench *b, const char *name, step *ours, step *least)
{
	double x[ROUNDS_MAX], y[ROUNDS_MAX], ratio[ROUNDS_MAX];

	for (int i = 0; i < b->rounds; i++) {
		x[i] = round_run(b, ours);
		y[i] = round_run(b, least);
		if (x[i] < 0 || y[i] < 0)
			return false;
		ratio[i] = x[i] / y[i];
	}
	(void)printf("%-34s %9.1f %9.1f   %5.2f\n", name, median(x, b->rounds), median(y, b->rounds),
		median(ratio, b->rounds));
	return fflush(stdout) == 0;
}

static enum err
prepare(struct bench *b, const char *file, struct config **cfg)
{
	struct buf problems;
	struct str path;
	enum err err;

	buf_init(&problems, &b->c.arena, 64 * 1024);
	err = config_load(&b->c, file, &problems, cfg);
	if (err)
		return err;
	b->c.cfg = *cfg;
	err = crypto_init(&b->c);
	if (!err)
		err = log_open(&b->c, *cfg, &b->c.log);
	if (!err)
		err = line_measure(b, (*cfg)->log_file);
	if (!err)
		err = segment_create(&b->c, (*cfg)->runtime_path, &b->seg);
	if (!err)
		err = metrics_open(&b->c, b->seg, METRICS_WORKER, *cfg, &b->c.metrics);
	if (!err)
		err = pool_open(&b->c, b->seg, 4, &b->pool);
	if (!err)
		err = ctx_printf(&b->c, &path, "%s.bare", (*cfg)->log_file);
	if (err)
		return err;
	b->fd = open(path.p, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	return b->fd >= 0 ? OK : err_raise(&b->c, ERR_IO, "%s cannot be written", path.p);
}

int
main(int argc, char **argv)
{
	static struct bench b = {.fd = -1};
	struct config *cfg = NULL;
	enum err err;
	bool good;

	if (argc != 4)
		return 2;
	b.rounds = (int)strtol(argv[2], NULL, 10);
	b.round_us = strtol(argv[3], NULL, 10) * 1000;
	if (b.rounds < 1 || b.rounds > ROUNDS_MAX)
		return 2;
	ctx_init(&b.c, ARENA_MAX);
	err = prepare(&b, argv[1], &cfg);
	good = !err && compare(&b, "log line / bare write, ns", line_ours, line_least) &&
		compare(&b, "counter and histogram / addition, ns", metric_ours, metric_least) &&
		compare(&b, "pooled connection / opened, ns", connection_pooled, connection_opened);
	if (!good)
		(void)fprintf(stderr, "observe: %s\n", b.c.err.detail);
	pool_close(&b.c, b.pool);
	metrics_close(b.c.metrics);
	segment_close(b.seg);
	log_close(b.c.log);
	config_free(cfg);
	ctx_fini(&b.c);
	return good ? 0 : 1;
}
