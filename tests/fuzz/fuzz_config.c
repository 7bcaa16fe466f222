/*
 * A configuration file of any bytes: it is taken, or it is refused with a problem a line; and what
 * is taken and then shown is a configuration again, with the same values.
 */
#include "core/config.h"

#include "fuzz.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Loads text out of a file that exists in memory only. */
static struct config *
load(struct ctx *c, struct str text)
{
	struct config *cfg = NULL;
	struct buf problems;
	char path[32];
	int fd = memfd_create("config", MFD_CLOEXEC);
	enum err err;

	if (fd < 0 || write(fd, text.p, text.n) != (ssize_t)text.n)
		abort();
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	buf_init(&problems, &c->arena, 1 << 20);
	err = config_load(c, path, &problems, &cfg);
	(void)close(fd);
	assert((err == OK) == (cfg != NULL));
	assert((err == OK) == (problems.n == 0));
	assert(err == OK || problems.p[problems.n - 1] == '\n');
	for (size_t i = 0; i < problems.n; i++)
		assert((unsigned char)problems.p[i] >= 0x20 || problems.p[i] == '\n');
	return cfg;
}

static void
assert_same(const struct config *a, const struct config *b)
{
	assert(strcmp(a->site_url, b->site_url) == 0);
	assert(strcmp(a->site_name, b->site_name) == 0);
	assert(strcmp(a->author_note, b->author_note) == 0);
	assert(strcmp(a->listen, b->listen) == 0);
	assert(strcmp(a->media_path, b->media_path) == 0);
	assert(strcmp(a->metrics_allow, b->metrics_allow) == 0);
	assert(a->environment == b->environment && a->metrics_enabled == b->metrics_enabled);
	assert(a->workers == b->workers && a->request_timeout == b->request_timeout);
	assert(a->rate_limit.count == b->rate_limit.count && a->max_body_size == b->max_body_size);
	assert(a->metrics_sampling_rate <= b->metrics_sampling_rate &&
		a->metrics_sampling_rate >= b->metrics_sampling_rate);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *cfg, *again;
	struct buf shown;
	struct ctx c;

	ctx_init(&c, 4 << 20);
	cfg = load(&c, str_n((const char *)data, size));
	if (cfg) {
		buf_init(&shown, &c.arena, 1 << 20);
		config_show(cfg, false, NULL, 0, &shown);
		again = load(&c, buf_str(&shown));
		assert(again);
		assert_same(cfg, again);
		config_free(again);
	}
	config_free(cfg);
	ctx_fini(&c);
	return 0;
}
