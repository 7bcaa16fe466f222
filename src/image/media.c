/*
 * Reading, writing and refusing, for the files of starpunk-media.
 */
#include "image/media.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum media_verdict
media_refuse(struct media *m, enum media_verdict verdict, const char *problem)
{
	size_t n = 0;

	for (; *problem && n < sizeof(m->problem) - 1; problem++)
		m->problem[n++] = *problem >= ' ' && *problem <= '~' ? *problem : ' ';
	while (n > 0 && m->problem[n - 1] == ' ')
		n--;
	m->problem[n] = '\0';
	return verdict;
}

bool
media_read(int64_t at, void *out, size_t n)
{
	char *p = out;

	while (n > 0) {
		ssize_t got = pread(MEDIA_IN, p, n, at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
		at += got;
	}
	return true;
}

enum media_verdict
media_write(struct media *m, const void *p, size_t n)
{
	const char *from = p;

	while (n > 0) {
		ssize_t put = write(MEDIA_OUT, from, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return media_refuse(m, MEDIA_DISK, strerror(errno));
		from += put;
		n -= (size_t)put;
	}
	return MEDIA_OK;
}
