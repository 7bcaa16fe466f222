/*
 * The error slot and the rows of errors.def.
 */
#include "base/err.h"

#include "base/ctx.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct err_info infos[ERR__MAX] = {
	[OK] = {"ok", 200, "ok", ERR_LEVEL_DEBUG, ERR_FAULT_USER, 0, "", "", {0}},
#define STEPS(...) {__VA_ARGS__}
#define ERROR(sym, name_, status_, code_, level_, fault_, retry_, message_, suggestion_, steps_) \
	[ERR_##sym] = {name_, status_, code_, ERR_LEVEL_##level_, ERR_FAULT_##fault_, retry_, \
		message_, suggestion_, steps_},
#include "tables/errors.def"
#undef ERROR
#undef STEPS
};

const struct err_info *
err_info(enum err e)
{
	assert((unsigned)e < ERR__MAX);
	return &infos[e];
}

static enum err
raise_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, va_list ap)
{
	if (c->err.code != OK)
		return code;
	c->err.code = code;
	c->err.file = file;
	c->err.line = line;
	c->err.hint[0] = '\0';
	(void)vsnprintf(c->err.detail, sizeof(c->err.detail), fmt, ap);
	return code;
}

enum err
err_raise_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
{
	va_list ap;

	assert(code != OK);
	va_start(ap, fmt);
	(void)raise_at(c, file, line, code, fmt, ap);
	va_end(ap);
	return code;
}

enum err
err_raise_hint_at(struct ctx *c, const char *file, int line, enum err code, const char *fmt, ...)
{
	va_list ap;
	bool first = c->err.code == OK;

	assert(code != OK);
	va_start(ap, fmt);
	(void)raise_at(c, file, line, code, fmt, ap);
	va_end(ap);
	if (first)
		(void)snprintf(c->err.hint, sizeof(c->err.hint), "%.*s",
			(int)sizeof(c->err.hint) - 1, c->err.detail);
	return code;
}

void
err_clear(struct ctx *c)
{
	c->err = (struct err_slot){0};
}
