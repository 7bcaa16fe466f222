/*
 * The error slot and the rows of errors.def.
 */
#include "base/err.h"

#include "base/ctx.h"
#include "base/enc.h"

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

static const char *
level_name(enum err_level level)
{
	static const char *const names[] = {
		[ERR_LEVEL_DEBUG] = "debug",
		[ERR_LEVEL_INFO] = "info",
		[ERR_LEVEL_WARNING] = "warning",
		[ERR_LEVEL_ERROR] = "error",
		[ERR_LEVEL_CRITICAL] = "critical",
	};

	return names[level];
}

/* One error as an item of an mdoc list: name and answer, what happened, what to do. */
static void
docs_mdoc(struct buf *b, const struct err_info *info)
{
	buf_printf(b, ".It Sy %s\nAnswered %d with code\n.Ql %s ;\nlogged at level %s; %s.\n",
		info->name, info->status, info->code, level_name(info->level),
		info->fault == ERR_FAULT_USER ? "for the client to mend"
					      : "for the operator to mend");
	if (info->retry_after > 0)
		buf_printf(b, "The client is told to retry after %d seconds.\n", info->retry_after);
	buf_puts(b, ".Pp\n");
	enc_mdoc(b, str_z(info->message));
	buf_putc(b, '\n');
	enc_mdoc(b, str_z(info->suggestion));
	buf_puts(b, "\n.Bl -bullet -compact\n");
	for (size_t i = 0; i < sizeof(info->steps) / sizeof(info->steps[0]) && info->steps[i];
		i++) {
		buf_puts(b, ".It\n");
		enc_mdoc(b, str_z(info->steps[i]));
		buf_putc(b, '\n');
	}
	buf_puts(b, ".El\n");
}

void
err_docs(const char *format, struct buf *out)
{
	assert(str_eq(str_z(format), S("mdoc")));
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (int e = OK + 1; e < ERR__MAX; e++)
		docs_mdoc(out, &infos[e]);
	buf_puts(out, ".El\n");
}
