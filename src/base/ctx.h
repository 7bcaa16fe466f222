/*
 * What goes down with every call: the arena, the error slot, who asked, what time it is, how long
 * it may take, and where facts go. One per thread that works; never shared between threads.
 *
 * base knows the pointers below only by name: core fills them. ctx_reset() begins the next piece
 * of work (a request, a job, a command) with everything of the last one gone.
 */
#ifndef BASE_CTX_H
#define BASE_CTX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct catalog;
struct config;
struct facts;
struct log;
struct metrics;
struct site_settings;
struct ctx_defer;

struct ctx {
	struct arena arena;		/* memory of this piece of work */
	struct err_slot err;		/* its first failure */
	char request_id[33];		/* 16 to 32 letters, digits, - _ @; "" outside a request */
	int64_t now_us;			/* wall clock at its start, microseconds since 1970, UTC */
	int64_t start_us;		/* monotonic clock at its start, microseconds */
	int64_t deadline_us;		/* monotonic time at which waiting must end; 0: none */
	bool read_only;			/* this piece of work may not begin a write transaction */
	const struct config *cfg;	/* core/config.h; for the process */
	const struct site_settings *settings;	/* domain/settings.h: as this piece of work sees
						   them; NULL: as the configuration says */
	const struct catalog *words;	/* text/words.h: the language people read; NULL: English */
	struct log *log;		/* core/log.h; may be NULL in tests */
	struct metrics *metrics; /* core/metrics.h: this process's slot; may be NULL in tests */
	struct facts *facts;		/* core/facts.h: of the request; never NULL in a request */
	struct ctx_defer *defers;	/* newest first */
};

/* An arena of cap bytes, everything else zero. */
void ctx_init(struct ctx *c, size_t arena_cap);

/* Runs what was deferred, then empties arena, error slot, id, times, read_only, settings, words. */
void ctx_reset(struct ctx *c);

/* ctx_reset() and frees the arena. */
void ctx_fini(struct ctx *c);

/*
 * fn(p) will run at the next ctx_reset(), last deferred first: for foreign objects whose life is
 * the request's (json_object_put, mkd_cleanup). On ERR_MEMORY fn(p) has been run already.
 */
MUST enum err ctx_defer(struct ctx *c, void (*fn)(void *), void *p);

/* Runs what was deferred now, without touching the rest. */
void ctx_run_defers(struct ctx *c);

/* The same for what was deferred since c->defers was mark: foreign objects of one step of many. */
void ctx_run_defers_since(struct ctx *c, const struct ctx_defer *mark);

/* arena_alloc() and arena_str() that raise ERR_MEMORY; NULL, p NULL then. */
void *ctx_alloc(struct ctx *c, size_t n) __attribute__((warn_unused_result));
void *ctx_calloc(struct ctx *c, size_t n, size_t size) __attribute__((warn_unused_result));
/*
 * A list of n elements, NULL while it is empty, with room for one more, which is zeroed: the same
 * list, or a copy of twice the length whenever n comes to a power of two. To be called with each
 * element that is added.
 */
void *ctx_grow(struct ctx *c, void *list, size_t n, size_t size)
	__attribute__((warn_unused_result));
MUST enum err ctx_str(struct ctx *c, struct str s, struct str *out);
MUST enum err ctx_printf(struct ctx *c, struct str *out, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
