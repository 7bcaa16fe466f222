/*
 * Files that tests read: vectors under tests/fixtures, found from the source tree's top.
 */
#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include "base/ctx.h"

#include <stdio.h>
#include <stdlib.h>

/* The whole file, NUL-terminated, for the caller to free(). Aborts the test program without it. */
static inline struct str
fixture_read(const char *name)
{
	const char *top = getenv("SP_TOP_SRCDIR");
	enum { ROOM = 1024 * 1024 };
	char *p = malloc(ROOM);
	char path[4096];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/tests/fixtures/%s", top ? top : ".", name);
	f = fopen(path, "rb");
	if (!f || !p) {
		perror(path);
		abort();
	}
	n = fread(p, 1, ROOM - 1, f);
	(void)fclose(f);
	p[n] = '\0';
	return str_n(p, n);
}

static inline void
fixture_free(struct str s)
{
	union {
		const char *in;
		void *out;
	} u = {.in = s.p};

	free(u.out);
}

#endif
