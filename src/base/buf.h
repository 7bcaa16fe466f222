/*
 * Building text. A buffer states its largest size at birth, grows inside an arena and keeps the
 * first failure: append as often as you like, then look once, at buf_end().
 *
 *	struct buf b;
 *	buf_init(&b, &c->arena, 64 * 1024);
 *	buf_puts(&b, "Hello, ");
 *	buf_put(&b, name);
 *	err = buf_end(c, &b, &out);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/ctx.h"
#include "base/str.h"

struct buf {
	struct arena *arena;
	char *p;
	size_t n;	/* bytes written */
	size_t room;	/* bytes allocated */
	size_t cap;	/* bytes it may ever hold */
	bool failed;	/* sticky: memory or cap reached; later appends do nothing */
};

/* cap in bytes. Allocates nothing yet. */
void buf_init(struct buf *b, struct arena *a, size_t cap);

void buf_put(struct buf *b, struct str s);
void buf_puts(struct buf *b, const char *z);
void buf_putc(struct buf *b, char ch);
void buf_putu(struct buf *b, unsigned long long v);
void buf_puti(struct buf *b, long long v);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* What is there so far; valid until the next append. */
struct str buf_str(const struct buf *b);

/* The finished text, NUL-terminated behind n, or ERR_MEMORY. The arena owns it. */
MUST enum err buf_end(struct ctx *c, struct buf *b, struct str *out);

#endif
