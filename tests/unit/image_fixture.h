/*
 * Uploads for the tests of image: files of tests/fixtures/images or bytes of the test's own in a
 * descriptor, given to the real helper of this build, and what came out of it.
 */
#ifndef UNIT_IMAGE_FIXTURE_H
#define UNIT_IMAGE_FIXTURE_H

#include "base/time.h"
#include "core/config.h"
#include "image/image.h"

#include "fixture.h"
#include "tempdir.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cmocka.h>

struct studio {
	struct ctx c;
	struct config cfg;
	char helper[4096];
	struct tempdir dir;
	int in, out;		/* memory files */
	struct image_info info;	/* of the last one prepared */
};

static inline int
studio_setup(void **state)
{
	static struct studio s;
	const char *build = getenv("SP_TOP_BUILDDIR");

	s = (struct studio){.in = -1, .out = -1};
	(void)snprintf(s.helper, sizeof(s.helper), "%s/starpunk-media", build ? build : ".");
	s.cfg.media_helper = s.helper;
	ctx_init(&s.c, 8 << 20);
	s.c.cfg = &s.cfg;
	tempdir_init(&s.dir);
	*state = &s;
	return 0;
}

static inline void
studio_close(struct studio *s)
{
	if (s->in >= 0)
		(void)close(s->in);
	if (s->out >= 0)
		(void)close(s->out);
	s->in = s->out = -1;
}

static inline int
studio_teardown(void **state)
{
	struct studio *s = *state;

	studio_close(s);
	ctx_fini(&s->c);
	tempdir_fini(&s->dir);
	return 0;
}

#define STUDIO_TEST(f) cmocka_unit_test_setup_teardown(f, studio_setup, studio_teardown)

/* A memory file of those bytes, its position at their end. */
static inline int
studio_file(struct str bytes)
{
	int fd = memfd_create("upload", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes.p ? bytes.p : "", bytes.n), bytes.n);
	return fd;
}

/* Everything in it; in c's arena. */
static inline struct str
studio_read(struct studio *s, int fd)
{
	struct stat st;
	char *p;

	assert_int_equal(fstat(fd, &st), 0);
	p = ctx_alloc(&s->c, (size_t)st.st_size + 1);
	assert_non_null(p);
	assert_int_equal(pread(fd, p, (size_t)st.st_size, 0), st.st_size);
	return str_n(p, (size_t)st.st_size);
}

/* Takes them for an upload. */
static inline enum err
studio_prepare(struct studio *s, struct str bytes)
{
	studio_close(s);
	err_clear(&s->c);
	s->in = studio_file(bytes);
	s->out = studio_file(S(""));
	return image_prepare(&s->c, s->in, s->out, &s->info);
}

static inline enum err
studio_prepare_fixture(struct studio *s, const char *name)
{
	char path[256];
	struct str bytes;
	enum err e;

	(void)snprintf(path, sizeof(path), "images/%s", name);
	bytes = fixture_read(path);
	e = studio_prepare(s, bytes);
	fixture_free(bytes);
	return e;
}

#endif
