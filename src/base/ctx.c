/*
 * Life of a context: init, reset between requests, fini.
 */
#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>

struct ctx_defer {
	struct ctx_defer *next;
	void (*fn)(void *);
	void *p;
};

void
ctx_init(struct ctx *c, size_t arena_cap)
{
	*c = (struct ctx){0};
	arena_init(&c->arena, arena_cap);
}

void
ctx_run_defers_since(struct ctx *c, const struct ctx_defer *mark)
{
	while (c->defers != mark) {
		struct ctx_defer *d = c->defers;

		c->defers = d->next;
		d->fn(d->p);
	}
}

void
ctx_run_defers(struct ctx *c)
{
	ctx_run_defers_since(c, NULL);
}

void
ctx_reset(struct ctx *c)
{
	ctx_run_defers(c);
	arena_reset(&c->arena);
	err_clear(c);
	c->request_id[0] = '\0';
	c->now_us = c->start_us = c->deadline_us = 0;
	c->read_only = false;
	c->settings = NULL;
	c->words = NULL;
}

void
ctx_fini(struct ctx *c)
{
	ctx_reset(c);
	arena_fini(&c->arena);
}

enum err
ctx_defer(struct ctx *c, void (*fn)(void *), void *p)
{
	struct ctx_defer *d = arena_alloc(&c->arena, sizeof(*d));

	if (!d) {
		fn(p);
		return err_memory(c);
	}
	*d = (struct ctx_defer){c->defers, fn, p};
	c->defers = d;
	return OK;
}

void *
ctx_alloc(struct ctx *c, size_t n)
{
	void *p = arena_alloc(&c->arena, n);

	if (!p)
		(void)err_memory(c);
	return p;
}

void *
ctx_calloc(struct ctx *c, size_t n, size_t size)
{
	void *p = arena_calloc(&c->arena, n, size);

	if (!p)
		(void)err_memory(c);
	return p;
}

void *
ctx_grow(struct ctx *c, void *list, size_t n, size_t size)
{
	void *more;

	if (n & (n - 1))
		return list;
	more = ctx_calloc(c, n ? 2 * n : 1, size);
	if (more && n)
		memcpy(more, list, n * size);
	return more;
}

enum err
ctx_str(struct ctx *c, struct str s, struct str *out)
{
	*out = arena_str(&c->arena, s);
	return out->p ? OK : err_memory(c);
}

enum err
ctx_printf(struct ctx *c, struct str *out, const char *fmt, ...)
{
	char few[256];
	va_list ap;
	char *p;
	int n;

	/* Most texts are short; only others are written twice. */
	va_start(ap, fmt);
	n = vsnprintf(few, sizeof(few), fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : arena_bytes(&c->arena, (size_t)n + 1);
	if (!p)
		return err_memory(c);
	*out = str_n(p, (size_t)n);
	if ((size_t)n < sizeof(few)) {
		memcpy(p, few, (size_t)n + 1);
		return OK;
	}
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return OK;
}
