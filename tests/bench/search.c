/*
 * Times searches in a database that fill made:
 *
 *	search CONFIGURATION ROUNDS QUERY...
 *
 * For each query a line: median and slowest of ROUNDS in milliseconds, the engine, how many posts were
 * found, and whether time was up first.
 */
#include "base/mem.h"
#include "base/time.h"
#include "core/config.h"
#include "core/crypto.h"
#include "domain/search.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS_MAX = 1000 };

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x == y ? 0 : x < y ? -1 : 1;
}

static enum err
measure(struct ctx *c, const struct config *cfg, struct db *db, size_t rounds, const char *query)
{
	struct search_request r = {.text = str_z(query), .limit = 20};
	static double ms[ROUNDS_MAX];
	struct search_result found;

	for (size_t i = 0; i < rounds; i++) {
		int64_t start = time_mono_us();
		enum err err;

		ctx_reset(c);
		c->cfg = cfg;
		err = search_run(c, db, &r, &found);
		if (err)
			return err;
		ms[i] = (double)(time_mono_us() - start) / 1000;
	}
	qsort(ms, rounds, sizeof(ms[0]), by_value);
	(void)printf("%9.3f ms %9.3f ms  %s  %zu%s%s  %s\n", ms[rounds / 2], ms[rounds - 1],
		search_engine_name(found.engine), found.found, found.at_least ? "+" : "",
		found.partial ? " partial" : "", query);
	return OK;
}

int
main(int argc, char **argv)
{
	unsigned long long rounds = 0;
	struct config *cfg = NULL;
	struct buf problems;
	struct db *db = NULL;
	struct ctx c;
	enum err err;

	if (argc < 4 || !str_u64(str_z(argv[2]), ROUNDS_MAX, &rounds) || rounds == 0) {
		(void)fputs("usage: search CONFIGURATION ROUNDS QUERY...\n", stderr);
		return 2;
	}
	ctx_init(&c, 64 << 20);
	buf_init(&problems, &c.arena, 65536);
	err = crypto_init(&c);
	if (!err)
		err = config_load(&c, argv[1], &problems, &cfg);
	c.cfg = cfg;
	if (!err)
		err = db_open(&c, NULL, &db);
	for (int i = 3; !err && i < argc; i++)
		err = measure(&c, cfg, db, (size_t)rounds, argv[i]);
	if (err)
		(void)fprintf(stderr, "%s: %s\n", err_info(err)->name, c.err.detail);
	db_close(db);
	config_free(cfg);
	ctx_fini(&c);
	return err ? 1 : 0;
}
