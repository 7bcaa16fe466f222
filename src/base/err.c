/*
 * The error slot and the rows of errors.def.
 */
#include "base/err.h"

#include "base/ctx.h"
#include "base/enc.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { N_STEPS = sizeof(((struct err_info *)0)->steps) / sizeof(const char *) };

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
	for (size_t i = 0; i < N_STEPS && info->steps[i]; i++) {
		buf_puts(b, ".It\n");
		enc_mdoc(b, str_z(info->steps[i]));
		buf_putc(b, '\n');
	}
	buf_puts(b, ".El\n");
}

/* Texts of the table have no controls: quotes and backslashes are all there is to escape. */
static void
json_escaped(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
}

static void
json_text(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "\"%s\":\"", name);
	json_escaped(b, text);
	buf_putc(b, '"');
}

static void
docs_json(struct buf *b, const struct err_info *info)
{
	json_text(b, "error", info->name);
	buf_printf(b, ",\"status\":%d,", info->status);
	json_text(b, "code", info->code);
	buf_putc(b, ',');
	json_text(b, "level", level_name(info->level));
	buf_putc(b, ',');
	json_text(b, "fault", info->fault == ERR_FAULT_USER ? "user" : "system");
	buf_printf(b, ",\"retry_after\":%d,", info->retry_after);
	json_text(b, "message", info->message);
	buf_putc(b, ',');
	json_text(b, "suggestion", info->suggestion);
	buf_puts(b, ",\"troubleshooting\":[");
	for (size_t i = 0; i < N_STEPS && info->steps[i]; i++) {
		buf_puts(b, i ? "," : "");
		buf_putc(b, '"');
		json_escaped(b, info->steps[i]);
		buf_putc(b, '"');
	}
	buf_puts(b, "]");
}

static void
docs_text(struct buf *b, const struct err_info *info)
{
	buf_printf(b, "%s: %s\n%s\n", info->name, info->message, info->suggestion);
	for (size_t i = 0; i < N_STEPS && info->steps[i]; i++)
		buf_printf(b, "  - %s\n", info->steps[i]);
	buf_printf(b, "\nAnswered %d with code %s; logged at level %s; for the %s to mend.\n",
		info->status, info->code, level_name(info->level),
		info->fault == ERR_FAULT_USER ? "client" : "operator");
	if (info->retry_after > 0)
		buf_printf(b, "The client is told to retry after %d seconds.\n", info->retry_after);
}

void
err_explain(enum err e, bool json, struct buf *out)
{
	if (!json) {
		docs_text(out, err_info(e));
		return;
	}
	buf_putc(out, '{');
	docs_json(out, err_info(e));
	buf_puts(out, "}\n");
}

void
err_docs(const char *format, struct buf *out)
{
	bool json = str_eq(str_z(format), S("json"));

	buf_puts(out, json ? "[" : ".Bl -tag -width Ds\n");
	for (int e = OK + 1; e < ERR__MAX; e++) {
		if (!json) {
			docs_mdoc(out, &infos[e]);
			continue;
		}
		buf_puts(out, e > OK + 1 ? ",\n{" : "{");
		docs_json(out, &infos[e]);
		buf_putc(out, '}');
	}
	buf_puts(out, json ? "]\n" : ".El\n");
}
