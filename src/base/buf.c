/*
 * A buffer that doubles inside an arena and remembers whether it ever failed.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void
buf_init(struct buf *b, struct arena *a, size_t cap)
{
	*b = (struct buf){.arena = a, .cap = cap};
}

/* Makes more room, for n more bytes and a NUL; never for more than the cap. */
static bool
enlarge(struct buf *b, size_t n)
{
	size_t room = b->room ? b->room : 256;
	char *p;

	if (b->failed)
		return false;
	if (n > b->cap || b->n > b->cap - n)
		goto fail;
	while (room <= b->n + n)
		room *= 2;
	if (room > b->cap)
		room = b->cap + 1;
	p = b->p ? arena_grow(b->arena, b->p, b->room, room) : arena_bytes(b->arena, room);
	if (!p)
		goto fail;
	b->p = p;
	b->room = room;
	return true;
fail:
	b->failed = true;
	return false;
}

static inline bool
reserve(struct buf *b, size_t n)
{
	return (n < b->room - b->n && !b->failed) || enlarge(b, n);
}

void
buf_put(struct buf *b, struct str s)
{
	if (s.n == 0 || !reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void
buf_puts(struct buf *b, const char *z)
{
	buf_put(b, str_z(z));
}

void
buf_putc(struct buf *b, char ch)
{
	if (!reserve(b, 1))
		return;
	b->p[b->n++] = ch;
}

void
buf_putu(struct buf *b, unsigned long long v)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	buf_put(b, str_n(digits + at, sizeof(digits) - at));
}

void
buf_puti(struct buf *b, long long v)
{
	if (v < 0)
		buf_putc(b, '-');
	buf_putu(b, v < 0 ? 0ULL - (unsigned long long)v : (unsigned long long)v);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	/* Most texts fit into the room there is; only others are written twice. */
	if (!reserve(b, 0) || (!b->p && !reserve(b, 1)))
		return;
	va_start(ap, fmt);
	n = vsnprintf(b->p + b->n, b->room - b->n, fmt, ap);
	va_end(ap);
	if (n < 0) {
		b->failed = true;
		return;
	}
	if ((size_t)n < b->room - b->n && (size_t)n <= b->cap - b->n) {
		b->n += (size_t)n;
		return;
	}
	if (!reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

struct str
buf_str(const struct buf *b)
{
	return str_n(b->p, b->n);
}

enum err
buf_end(struct ctx *c, struct buf *b, struct str *out)
{
	if (!reserve(b, 0) || (!b->p && !reserve(b, 1)))
		return err_raise(
			c, ERR_MEMORY, "text of %zu bytes exceeds its cap of %zu", b->n, b->cap);
	if (b->p)
		b->p[b->n] = '\0';
	*out = b->p ? str_n(b->p, b->n) : S("");
	return OK;
}
