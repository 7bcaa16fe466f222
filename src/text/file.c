/*
 * Files that come with the site: templates and catalogues.
 */
#include "text/priv.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum err
text_file_read(struct ctx *c, struct arena *a, int fd, const char *path, size_t max, struct str *out)
{
	struct stat st;
	size_t n = 0;
	char *p;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return err_raise(c, ERR_TEMPLATE, "%s:1: not a file", path);
	if ((uintmax_t)st.st_size > max)
		return err_raise(c, ERR_TEMPLATE, "%s:1: larger than %zu bytes", path, max);
	p = arena_alloc(a, (size_t)st.st_size + 1);
	if (!p)
		return err_memory(c);
	while (n < (size_t)st.st_size) {
		ssize_t got = read(fd, p + n, (size_t)st.st_size - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_raise(c, ERR_TEMPLATE, "%s:1: %s", path, strerror(errno));
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*out = str_n(p, n);
	return OK;
}
