/*
 * core/layout: what doc/SEGMENT.md says lies where. Who reads a segment with a program of their own has that page.
 */
#include "metrics_fixture.h"

#include "core/histogram.h"
#include "core/history.h"

#include <stddef.h>
#include <string.h>

/* A part as the page's table names it, and where it begins. */
struct part {
	const char *text;
	size_t at;
};

static const char *
page(void)
{
	static char text[64 * 1024];
	const char *top = getenv("SP_TOP_SRCDIR");
	char path[4096];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/doc/SEGMENT.md", top ? top : ".");
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	text[n] = '\0';
	return text;
}

static void
assert_says(const char *format, unsigned long long figure)
{
	char text[128];

	(void)snprintf(text, sizeof(text), format, figure);
	if (!strstr(page(), text))
		fail_msg("doc/SEGMENT.md does not say \"%s\"", text);
}

static void
the_page_names_the_parts_in_their_order(void **state)
{
	static const struct part parts[] = {
		{"\n| `header` |", offsetof(struct layout, header)},
		{"\n| `generation`, `moved_us`, `unwritable_us`, `locked_us`, `configured_us` |", offsetof(struct layout, generation)},
		{"\n| `writer` |", offsetof(struct layout, writer)},
		{"\n| `ring_next` |", offsetof(struct layout, ring_next)},
		{"\n| `health` |", offsetof(struct layout, health)},
		{"\n| `head[", offsetof(struct layout, head)},
		{"\n| `rate[", offsetof(struct layout, rate)},
		{"\n| `history[", offsetof(struct layout, history)},
		{"\n| `counts[", offsetof(struct layout, counts)},
		{"\n| ring |", sizeof(struct layout)},
	};
	const char *from = page();

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		from = strstr(from, parts[i].text);
		if (!from)
			fail_msg("\"%s\" is not at its place", parts[i].text + 1);
		assert_true(i == 0 || parts[i].at > parts[i - 1].at);
	}
}

static void
the_page_has_the_figures_of_the_code(void **state)
{
	(void)state;
	assert_says("`head[%llu]`", LAYOUT_SLOTS);
	assert_says("`counts[%llu]`", LAYOUT_SLOTS);
	assert_says("Sums over up to %llu slots", LAYOUT_SLOTS);
	assert_says("`rate[%llu]", SEGMENT_LIMIT__MAX);
	assert_says("[%llu]`", LAYOUT_RATE_BUCKETS);
	assert_says("`history[%llu]`", HISTORY_CELLS);
	assert_says("%llu cells for 10 minutes", HISTORY_FINE_CELLS);
	assert_says("%llu for a day", HISTORY_COARSE_CELLS);
	assert_says("up to 2^%llu\n", HISTOGRAM_TOP_BITS);
	assert_int_equal(history_step(HISTORY_FINE) * HISTORY_FINE_CELLS, 600 * SECOND);
	assert_int_equal(history_step(HISTORY_COARSE) * HISTORY_COARSE_CELLS, 86400 * SECOND);
}

static void
what_each_slot_counts_is_on_pages_of_its_own_and_each_line_apart(void **state)
{
	(void)state;
	assert_int_equal(offsetof(struct layout, counts) % LAYOUT_PAGE, 0);
	assert_int_equal(sizeof(struct layout_counts) % LAYOUT_PAGE, 0);
	assert_int_equal(offsetof(struct layout, writer) % LAYOUT_LINE, 0);
	assert_int_equal(offsetof(struct layout, ring_next) % LAYOUT_LINE, 0);
	assert_true(offsetof(struct layout_head, requests) >= LAYOUT_LINE);
	assert_int_equal(sizeof(struct layout_head) % LAYOUT_LINE, 0);
}

static void
a_made_segment_begins_as_the_page_says(void **state)
{
	struct fixture *f = *state;
	const struct layout_header *h = &f->seg->map->header;

	assert_memory_equal(h->magic, "STARPUNK", 8);
	assert_true(h->hash == layout_hash());
	assert_int_equal(h->size, layout_size((size_t)h->ring_size));
	assert_int_equal(h->ring_at % LAYOUT_LINE, 0);
	assert_true(h->ring_at >= sizeof(struct layout));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_names_the_parts_in_their_order),
		cmocka_unit_test(the_page_has_the_figures_of_the_code),
		cmocka_unit_test(what_each_slot_counts_is_on_pages_of_its_own_and_each_line_apart),
		cmocka_unit_test_setup_teardown(a_made_segment_begins_as_the_page_says, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
