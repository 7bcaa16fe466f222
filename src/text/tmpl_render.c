/*
 * Walks the nodes of an instance with data at hand. Names were turned into places before, so here
 * nothing is looked up: the newest frame of each type is at its index, a value at an offset in it.
 *
 * Sections and partials recurse; both are bounded by TMPL_NEST_MAX.
 */
#include "text/tmpl_priv.h"

#include "base/time.h"
#include "core/facts.h"
#include "core/metrics.h"

#include <assert.h>

struct run {
	const struct tmpl_set *set;
	struct buf *b;
	struct arena *arena;
	const char *frames[TMPL_TYPES_MAX]; /* newest struct of each type */
	const void *dot;                    /* what TMPL_BASE_DOT is */
	struct str indent;                  /* of the lines of the partial being rendered */
	unsigned depth;                     /* of partials */
	unsigned evals;
	const char *problem; /* the limit that was reached; NULL: none */
};

/* The value's place; NULL when a record on the way is absent. */
static const void *
place(const struct run *r, const struct tmpl_slot *slot)
{
	const char *p;

	if (slot->kind == TMPL__MAX)
		return NULL;
	if (slot->base == TMPL_BASE_DOT)
		return r->dot;
	p = r->frames[slot->base] + slot->offsets[0];
	for (unsigned i = 1; i < slot->n; i++) {
		p = *(const char *const *)(const void *)p;
		if (!p)
			return NULL;
		p += slot->offsets[i];
	}
	return p;
}

static void
put_value(struct run *r, const struct tmpl_node *n)
{
	const void *p = place(r, &n->slot);

	if (!p)
		return;
	switch (n->slot.kind) {
	case TMPL_TEXT:
		if (n->op == TMPL_OP_RAW) /* lenient sets only */
			buf_put(r->b, *(const struct str *)p);
		else
			html_escape(r->b, *(const struct str *)p);
		break;
	case TMPL_HTML:
		if (n->op == TMPL_OP_RAW)
			buf_put(r->b, ((const struct html *)p)->s);
		else
			html_escape(r->b, ((const struct html *)p)->s);
		break;
	case TMPL_FLAG:
		buf_puts(r->b, *(const bool *)p ? "true" : "false");
		break;
	case TMPL_NUMBER:
		buf_puti(r->b, *(const int64_t *)p);
		break;
	default:
		break;
	}
}

/* Literal text; inside an indented partial each of its lines gets the indentation. */
static void
put_text(struct run *r, const struct tmpl_node *n)
{
	size_t from = 0;
	size_t to = r->indent.n > 0 ? str_find(n->text, '\n', 0) + 1 : n->text.n;

	while (to < n->text.n) {
		buf_put(r->b, str_sub(n->text, from, to));
		buf_put(r->b, r->indent);
		from = to;
		to = str_find(n->text, '\n', from) + 1;
	}
	buf_put(r->b, str_sub(n->text, from, n->text.n));
}

/* Whether a section of this value is shown; for a list, whether it has items. */
static bool
truth(const struct tmpl_slot *slot, const void *p)
{
	if (!p)
		return false;
	switch (slot->kind) {
	case TMPL_TEXT:
		return ((const struct str *)p)->n > 0;
	case TMPL_HTML:
		return ((const struct html *)p)->s.n > 0;
	case TMPL_FLAG:
		return *(const bool *)p;
	case TMPL_RECORD:
		return *(const void *const *)p != NULL;
	case TMPL_LIST:
	case TMPL_TEXTS:
		return ((const struct tmpl_list *)p)->n > 0;
	default:
		return slot->kind == TMPL_NUMBER;
	}
}

static void run_nodes(struct run *r, const struct tmpl_instance *in, size_t from, size_t to);

/* The nodes [from, to) once for every item of a section's value, or once with the value itself. */
static void
run_section(struct run *r, const struct tmpl_instance *in, size_t from, size_t to,
	const struct tmpl_slot *slot, const void *p)
{
	const struct tmpl_list *list = p;
	const char *frame = r->frames[slot->type];
	const void *dot = r->dot;

	switch (slot->kind) {
	case TMPL_RECORD:
		memcpy(&r->frames[slot->type], p, sizeof(r->frames[0]));
		run_nodes(r, in, from, to);
		break;
	case TMPL_LIST:
		for (size_t i = 0; i < list->n && !r->problem; i++) {
			r->frames[slot->type] =
				(const char *)list->items + i * r->set->types[slot->type]->size;
			run_nodes(r, in, from, to);
		}
		break;
	case TMPL_TEXTS:
		for (size_t i = 0; i < list->n && !r->problem; i++) {
			r->dot = (const struct str *)list->items + i;
			run_nodes(r, in, from, to);
		}
		break;
	default:
		r->dot = p;
		run_nodes(r, in, from, to);
		break;
	}
	r->frames[slot->type] = frame;
	r->dot = dot;
}

static void
run_partial(struct run *r, const struct tmpl_node *n)
{
	const struct tmpl_instance *in = &r->set->instances[n->instance];
	struct str outer = r->indent;

	if (++r->depth > TMPL_NEST_MAX) {
		r->problem = "partials are nested too deeply";
		return;
	}
	/* The line of a standalone partial is gone; one inside a line carries nothing on. */
	if (!n->standalone)
		r->indent = (struct str){0};
	else if (outer.n == 0)
		r->indent = n->text;
	else if (n->text.n > 0)
		r->indent = arena_printf(r->arena, "%.*s%.*s", STR(outer), STR(n->text));
	if (n->standalone && outer.n + n->text.n > 0 && !r->indent.p)
		r->problem = "out of memory";
	else
		run_nodes(r, in, 0, in->n);
	r->indent = outer;
	r->depth--;
}

static void
run_nodes(struct run *r, const struct tmpl_instance *in, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		const struct tmpl_node *n = &in->nodes[i];
		const void *p;

		if (++r->evals > TMPL_EVALS_MAX)
			r->problem = "too many tags";
		if (r->problem)
			return;
		if (n->bol)
			buf_put(r->b, r->indent);
		switch (n->op) {
		case TMPL_OP_TEXT:
			put_text(r, n);
			break;
		case TMPL_OP_VAR:
		case TMPL_OP_RAW:
			put_value(r, n);
			break;
		case TMPL_OP_SECTION:
			p = place(r, &n->slot);
			if (truth(&n->slot, p))
				run_section(r, in, i + 1, n->jump + 1, &n->slot, p);
			i = n->jump;
			break;
		case TMPL_OP_INVERTED:
			if (truth(&n->slot, place(r, &n->slot)))
				i = n->jump;
			break;
		case TMPL_OP_END:
			break;
		case TMPL_OP_PARTIAL:
			run_partial(r, n);
			break;
		}
	}
}

enum err
tmpl_render(struct ctx *c, const struct tmpl_set *s, size_t i, const void *data, struct buf *b)
{
	const struct tmpl_instance *in = &s->instances[i];
	struct run r = {.set = s, .b = b, .arena = &c->arena};
	int64_t start = time_mono_us();
	int64_t us;

	assert(i < s->nviews);
	r.frames[in->scope.types[0]] = data;
	run_nodes(&r, in, 0, in->n);
	us = time_mono_us() - start;
	if (c->facts)
		c->facts->render_us += us;
	metrics_observe(c->metrics, HISTOGRAM_RENDER, us);
	if (r.problem)
		return err_raise(c, ERR_TEMPLATE, "%s: %s", in->file->path, r.problem);
	return OK;
}
