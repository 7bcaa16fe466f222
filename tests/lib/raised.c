/*
 * Which errors a test has really met: err_raise() of the code under test comes through here (see --wrap
 * in ld(1); configure.ac names it), and each error that the product's own code raises is written once, by name, to
 * the file that SP_RAISED names. Errors that a test raises itself do not count. tests/drift/errors.t asks.
 */
#include "base/err.h"

#include "base/ctx.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DETAIL_MAX = 512 };

enum err __real_err_raise_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
enum err __wrap_err_raise_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
enum err __real_err_raise_hint_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
enum err __wrap_err_raise_hint_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static void
note(const char *file, enum err code)
{
	static _Atomic bool seen[ERR__MAX];
	const char *path = getenv("SP_RAISED");
	char name[64];
	ssize_t done;
	int fd, n;

	if (!path || seen[code] || !strstr(file, "src/") || strstr(file, "tests/"))
		return;
	seen[code] = true;
	n = snprintf(name, sizeof(name), "%s\n", err_info(code)->name);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	done = fd >= 0 ? write(fd, name, (size_t)n) : 0;
	if (done != n)
		seen[code] = false;
	if (fd >= 0)
		(void)close(fd);
}

enum err
__wrap_err_raise_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
{
	char detail[DETAIL_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	note(file, code);
	return __real_err_raise_at(c, file, line, code, "%s", detail);
}

enum err
__wrap_err_raise_hint_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
{
	char detail[DETAIL_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	note(file, code);
	return __real_err_raise_hint_at(c, file, line, code, "%s", detail);
}
