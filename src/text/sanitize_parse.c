/*
 * Gumbo, kept on a leash. It knows no failure of memory and no limit of time: its allocator, an
 * arena of the tree's own, leaves it by longjmp when its budget is spent. Since nothing of it lives
 * outside that arena, nothing is lost. What it may take is counted in allocations, about six for a
 * tag, so that every machine refuses the same texts; time is only the last resort, for work between
 * two allocations that grows with what is there already.
 */
#include "text/sanitize_priv.h"

#include <setjmp.h>
#include <time.h>

enum {
	MEMORY_MAX = 64 * 1024 * 1024,
	ALLOCATIONS_MAX = 120 * 1000,
	CPU_MAX_US = 150 * 1000,
	CLOCK_EVERY = 64, /* allocations between two looks at the thread's clock */
};

struct parser {
	struct arena *arena;
	jmp_buf spent;
	unsigned allocations;
	int64_t cpu_end_us;
};

static int64_t
cpu_us(void)
{
	struct timespec t;

	/* lint: allow clock: the thread's processor time; it is no moment that others could want */
	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

static void *
parser_alloc(void *self, size_t n)
{
	struct parser *p = self;
	void *block = arena_alloc(p->arena, n);

	if (!block || ++p->allocations > ALLOCATIONS_MAX ||
		(p->allocations % CLOCK_EVERY == 0 && cpu_us() > p->cpu_end_us))
		longjmp(p->spent, 1);
	return block;
}

static void
parser_free(void *self, void *block)
{
	(void)self;
	(void)block;
}

static const GumboNode *
parse(struct parser *p, struct str s, GumboTag context)
{
	GumboOptions options = kGumboDefaultOptions;

	options.allocator = parser_alloc;
	options.deallocator = parser_free;
	options.userdata = p;
	options.max_errors = 0;
	options.fragment_context = context;
	p->cpu_end_us = cpu_us() + CPU_MAX_US;
	if (setjmp(p->spent) != 0)
		return NULL;
	return gumbo_parse_with_options(&options, s.p, s.n)->root;
}

static enum err
parse_into(struct ctx *c, struct str s, GumboTag context, struct sanitize_tree *out)
{
	struct parser p = {.arena = &out->arena};

	arena_init(&out->arena, MEMORY_MAX);
	out->root = parse(&p, s, context);
	if (!out->root)
		return err_raise(c, ERR_CONTENT_TOO_COMPLEX, "the parser's budget is spent");
	return OK;
}

enum err
sanitize_parse(struct ctx *c, struct str s, struct sanitize_tree *out)
{
	return parse_into(c, s, GUMBO_TAG_DIV, out);
}

enum err
sanitize_parse_page(struct ctx *c, struct str s, struct sanitize_tree *out)
{
	return parse_into(c, s, GUMBO_TAG_LAST, out);
}

void
sanitize_tree_fini(struct sanitize_tree *t)
{
	arena_fini(&t->arena);
}
