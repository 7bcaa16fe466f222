/*
 * A directory of the test's own, and files in it.
 */
#ifndef UNIT_TEMPDIR_H
#define UNIT_TEMPDIR_H

#include "base/str.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct tempdir {
	char path[64];
};

/* Makes it under /tmp. Aborts the test program if that fails. */
static inline void
tempdir_init(struct tempdir *d)
{
	(void)snprintf(d->path, sizeof(d->path), "/tmp/starpunk-test-XXXXXX");
	if (!mkdtemp(d->path)) {
		perror(d->path);
		abort();
	}
}

static inline void
tempdir_write(const struct tempdir *d, const char *name, struct str text)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", d->path, name);
	f = fopen(path, "wb");
	if (!f || fwrite(text.p ? text.p : "", 1, text.n, f) != text.n || fclose(f) != 0) {
		perror(path);
		abort();
	}
}

/* Removes the files, not the directory. */
static inline void
tempdir_clear(const struct tempdir *d)
{
	char path[512];
	struct dirent *e;
	DIR *dir = opendir(d->path);

	while (dir && (e = readdir(dir))) {
		(void)snprintf(path, sizeof(path), "%s/%s", d->path, e->d_name);
		if (e->d_name[0] != '.')
			(void)unlink(path);
	}
	if (dir)
		(void)closedir(dir);
}

static inline void
tempdir_fini(const struct tempdir *d)
{
	tempdir_clear(d);
	(void)rmdir(d->path);
}

#endif
