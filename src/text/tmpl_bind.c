/*
 * Names to slots. Every instance of a file is walked once with the types that surround it: a name
 * is looked for in the innermost type, then outwards; a dotted name finds its first part so and the
 * rest only inside (specification 1.4, "context stack"). What is not there, or not of a kind that
 * can stand where it stands, is an error of the file.
 */
#include "text/tmpl_priv.h"

struct binder {
	struct ctx *c;
	struct tmpl_set *set;
	const struct tmpl_finder *finder;
	const struct tmpl_file *file; /* the one being bound */
	uint32_t self;                /* the instance being bound */
};

static enum err
refuse(struct binder *b, const struct tmpl_node *n, const char *what)
{
	return err_raise(b->c, ERR_TEMPLATE, "%s:%u: '%.*s' %s", b->file->path, (unsigned)n->line,
		STR(n->name), what);
}

/* The index of a type in the set, which learns it if it is new. */
static enum err
type_index(struct ctx *c, struct tmpl_set *s, const struct tmpl_type *type, uint8_t *out)
{
	size_t i = 0;

	while (i < s->ntypes && s->types[i] != type)
		i++;
	if (i == TMPL_TYPES_MAX || type->size > UINT16_MAX)
		return err_raise(
			c, ERR_TEMPLATE, "too many or too large types at '%s'", type->name);
	if (i == s->ntypes)
		s->types[s->ntypes++] = type;
	*out = (uint8_t)i;
	return OK;
}

static void
scope_push(struct tmpl_scope *scope, uint8_t type)
{
	size_t n = 0;

	for (size_t i = 0; i < scope->n; i++)
		if (scope->types[i] != type)
			scope->types[n++] = scope->types[i];
	scope->types[n++] = type;
	scope->n = n;
	scope->dot = TMPL__MAX;
}

static bool
scope_equal(const struct tmpl_scope *a, const struct tmpl_scope *b)
{
	return a->n == b->n && a->dot == b->dot && memcmp(a->types, b->types, a->n) == 0;
}

/* ---- instances ----------------------------------------------------------------------------- */

static enum err
instance_get(struct ctx *c, struct tmpl_set *s, const struct tmpl_file *file,
	const struct tmpl_scope *scope, uint32_t parent, uint32_t *out)
{
	uint32_t i = 0;

	while (i < s->ninstances &&
		(s->instances[i].file != file || !scope_equal(&s->instances[i].scope, scope)))
		i++;
	if (i == TMPL_INSTANCES_MAX)
		return err_raise(
			c, ERR_TEMPLATE, "%s:1: included in too many different ways", file->path);
	if (i == s->ninstances)
		s->instances[s->ninstances++] =
			(struct tmpl_instance){.file = file, .parent = parent, .scope = *scope};
	*out = i;
	return OK;
}

enum err
tmpl_bind_view(struct ctx *c, struct tmpl_set *s, const struct tmpl_file *file,
	const struct tmpl_type *type)
{
	struct tmpl_scope scope = {.n = 1, .dot = TMPL__MAX};
	uint32_t i = (uint32_t)s->ninstances;
	enum err e = type_index(c, s, type, &scope.types[0]);

	/* Not instance_get(): the views' numbers are their places, equal ones included. */
	if (e == OK && i == TMPL_INSTANCES_MAX)
		e = err_raise(c, ERR_TEMPLATE, "%s:1: too many views", file->path);
	if (e != OK)
		return e;
	s->instances[s->ninstances++] =
		(struct tmpl_instance){.file = file, .parent = i, .scope = scope};
	s->nviews = s->ninstances;
	return OK;
}

/* ---- names --------------------------------------------------------------------------------- */

static const struct tmpl_field *
field_find(const struct tmpl_type *type, struct str name)
{
	for (size_t i = 0; i < type->n; i++)
		if (str_eq(name, str_z(type->fields[i].name)))
			return &type->fields[i];
	return NULL;
}

/* The field of the innermost type that has one of this name; *base says which. */
static const struct tmpl_field *
scope_find(const struct binder *b, const struct tmpl_scope *scope, struct str name, uint8_t *base)
{
	const struct tmpl_field *f = NULL;

	for (size_t i = scope->n; !f && i-- > 0;) {
		*base = scope->types[i];
		f = field_find(b->set->types[*base], name);
	}
	return f;
}

/* Looks whether a type has a name nearer to the unknown one than the best so far. */
static void
look_near(const struct tmpl_type *type, struct str name, const char **best, unsigned *least)
{
	for (size_t k = 0; k < type->n; k++) {
		unsigned d = str_distance(name, str_z(type->fields[k].name));

		if (d < *least) {
			*least = d;
			*best = type->fields[k].name;
		}
	}
}

/* record: in which the part of a dotted name was looked for; NULL: in all that are around. */
static enum err
unknown(struct binder *b, const struct tmpl_scope *scope, const struct tmpl_type *record,
	struct tmpl_node *n, struct str part)
{
	const struct tmpl_type *in = record ? record : b->set->types[scope->types[scope->n - 1]];
	const char *near = NULL;
	unsigned least = 3;

	if (b->finder->lenient) {
		n->slot = (struct tmpl_slot){.kind = TMPL__MAX};
		return OK;
	}
	if (record)
		look_near(record, part, &near, &least);
	for (size_t i = scope->n; !record && i-- > 0;)
		look_near(b->set->types[scope->types[i]], part, &near, &least);
	return err_raise(b->c, ERR_TEMPLATE, "%s:%u: '%.*s': unknown name in '%s'%s%s%s",
		b->file->path, (unsigned)n->line, STR(n->name), in->name,
		near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Fills the node's slot. */
static enum err
resolve(struct binder *b, const struct tmpl_scope *scope, struct tmpl_node *n)
{
	struct tmpl_slot *slot = &n->slot;
	bool dot = str_eq(n->name, S("."));
	struct str rest = dot ? (struct str){0} : n->name;
	struct str part = dot ? n->name : str_cut(&rest, '.');
	const struct tmpl_type *record = NULL;
	const struct tmpl_field *f;

	if (dot && scope->dot != TMPL__MAX) {
		*slot = (struct tmpl_slot){.kind = scope->dot, .base = TMPL_BASE_DOT};
		return OK;
	}
	f = scope_find(b, scope, part, &slot->base);
	while (f && slot->n < TMPL_PATH_MAX) {
		slot->offsets[slot->n++] = (uint16_t)f->offset;
		slot->kind = f->kind;
		if (!rest.p)
			break;
		part = str_cut(&rest, '.');
		record = f->kind == TMPL_RECORD ? f->type() : record;
		f = f->kind == TMPL_RECORD ? field_find(record, part) : NULL;
	}
	if (!f || rest.p)
		return unknown(b, scope, record, n, part);
	if (f->kind == TMPL_RECORD || f->kind == TMPL_LIST)
		return type_index(b->c, b->set, f->type(), &slot->type);
	return OK;
}

/* ---- nodes --------------------------------------------------------------------------------- */

static enum err
bind_variable(struct binder *b, const struct tmpl_scope *scope, struct tmpl_node *n)
{
	enum err e = resolve(b, scope, n);
	enum tmpl_kind kind = n->slot.kind;

	if (e != OK || b->finder->lenient)
		return e;
	if (kind == TMPL_RECORD || kind == TMPL_LIST || kind == TMPL_TEXTS)
		return refuse(b, n, "is no text: it can only be a section");
	if (n->op == TMPL_OP_RAW && kind != TMPL_HTML)
		return refuse(b, n, "is not HTML: it must be escaped, with two braces");
	return OK;
}

/* Opens the scope of a section, which stands in *inner. */
static enum err
bind_section(struct binder *b, const struct tmpl_scope *outer, struct tmpl_node *n,
	struct tmpl_scope *inner)
{
	enum err e = resolve(b, outer, n);

	*inner = *outer;
	if (e != OK || n->op == TMPL_OP_INVERTED || n->slot.kind == TMPL__MAX)
		return e;
	if (n->slot.kind == TMPL_RECORD || n->slot.kind == TMPL_LIST)
		scope_push(inner, n->slot.type);
	else
		inner->dot = n->slot.kind == TMPL_TEXTS ? TMPL_TEXT : n->slot.kind;
	return OK;
}

static enum err
bind_partial(struct binder *b, const struct tmpl_scope *scope, struct tmpl_node *n)
{
	const struct tmpl_file *file = NULL;
	enum err e = b->finder->find(b->c, b->finder->self, n->name, &file);

	if (e != OK)
		return e;
	if (file)
		return instance_get(b->c, b->set, file, scope, b->self, &n->instance);
	if (!b->finder->lenient)
		return refuse(b, n, "is no template: there is no file of that name");
	*n = (struct tmpl_node){.op = TMPL_OP_TEXT};
	return OK;
}

static enum err
bind_instance(struct binder *b, struct tmpl_instance *in)
{
	struct tmpl_scope scopes[TMPL_NEST_MAX + 1];
	size_t depth = 0;
	enum err e = OK;

	in->n = in->file->n;
	in->nodes = arena_calloc(&b->set->arena, in->n + 1, sizeof(*in->nodes));
	if (!in->nodes)
		return err_memory(b->c);
	scopes[0] = in->scope;
	for (size_t i = 0; e == OK && i < in->n; i++) {
		struct tmpl_node *n = &in->nodes[i];

		*n = in->file->nodes[i];
		if (n->op == TMPL_OP_VAR || n->op == TMPL_OP_RAW) {
			e = bind_variable(b, &scopes[depth], n);
		} else if (n->op == TMPL_OP_SECTION || n->op == TMPL_OP_INVERTED) {
			e = bind_section(b, &scopes[depth], n, &scopes[depth + 1]);
			depth++;
		} else if (n->op == TMPL_OP_END) {
			depth--;
		} else if (n->op == TMPL_OP_PARTIAL) {
			e = bind_partial(b, &scopes[depth], n);
		}
	}
	return e;
}

enum err
tmpl_bind_all(
	struct ctx *c, struct tmpl_set *s, const struct tmpl_finder *finder, uint32_t *culprit)
{
	struct binder b = {.c = c, .set = s, .finder = finder};
	enum err e = OK;

	/* Binding one adds those it includes behind it. */
	for (uint32_t i = 0; e == OK && i < s->ninstances; i++) {
		*culprit = i;
		b.file = s->instances[i].file;
		b.self = i;
		e = bind_instance(&b, &s->instances[i]);
	}
	return e;
}
