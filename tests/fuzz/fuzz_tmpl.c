/*
 * Any bytes as a template, which is its own partial under every name: it is refused or rendered
 * with some data, within the limits.
 */
#include "fuzz.h"

#define VIEW_TABLE "tmpl_views.def"
#include "text/view_bind.h"

#include "text/tmpl_priv.h"

static const struct str tags[] = {S_INIT("a"), S_INIT("<b>")};
static const struct view_person ada = {
	.name = S_INIT("Ada"), .url = S_INIT("https://ada.example/")};
static const struct view_entry entries[] = {
	{.title = S_INIT("One\n"),
		.content = {S_INIT("<p>1</p>\n")},
		.pinned = true,
		.replies = 7,
		.author = &ada,
		.tags = {tags, 2}},
	{.title = S_INIT("Two")},
};
static const struct view_node leaves[] = {{.name = S_INIT("leaf")}};
static const struct view_node roots[] = {{.name = S_INIT("root"), .nodes = {leaves, 1}}};
static const struct view_page page = {.title = S_INIT("Home"),
	.site = S_INIT("A's"),
	.author = &ada,
	.entries = {entries, 2},
	.nodes = {roots, 1},
	.count = 2};

static enum err
find(struct ctx *c, void *self, struct str name, const struct tmpl_file **out)
{
	(void)c;
	*out = str_eq(name, S("none")) ? NULL : self;
	return OK;
}

static enum err
render(struct ctx *c, struct tmpl_set *s, struct str source, bool lenient)
{
	struct tmpl_file file = {.name = "fuzz", .path = "fuzz.html"};
	const struct tmpl_finder finder = {.find = find, .self = &file, .lenient = lenient};
	struct buf b;
	uint32_t culprit;
	enum err e = tmpl_parse(c, &s->arena, source, &file);

	if (e == OK)
		e = tmpl_bind_view(c, s, &file, view_page_type());
	if (e == OK)
		e = tmpl_bind_all(c, s, &finder, &culprit);
	if (e != OK)
		return e;
	buf_init(&b, &c->arena, 8 * 1024 * 1024);
	return tmpl_render(c, s, 0, &page, &b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctx c;

	ctx_init(&c, 64 * 1024 * 1024);
	for (int lenient = 0; lenient < 2; lenient++) {
		struct tmpl_set s = {0};

		arena_init(&s.arena, 64 * 1024 * 1024);
		s.instances = arena_calloc(&s.arena, TMPL_INSTANCES_MAX, sizeof(*s.instances));
		/* Whether it is good is the template's affair; that this ends well is ours. */
		if (s.instances &&
			render(&c, &s, str_n((const char *)data, size), lenient != 0) != OK)
			err_clear(&c);
		arena_fini(&s.arena);
		ctx_reset(&c);
	}
	ctx_fini(&c);
	return 0;
}
