/*
 * Searching in tests: a site to search, what a search finds as one line of slugs, and the four states
 * in which all of it has to be found alike: by either engine, before and after the courier has come.
 */
#ifndef UNIT_SEARCH_FIXTURE_H
#define UNIT_SEARCH_FIXTURE_H

#include "domain_fixture.h"
#include "domain/search_index.h"

/* The site's connection anew, with that engine. */
static inline void
use_engine(struct site *s, enum config_search engine)
{
	db_close(s->db);
	s->db = NULL;
	s->cfg->search_engine = (int)engine;
	assert_ok(s, db_open(&s->c, NULL, &s->db));
}

/* All that the courier has to do. */
static inline void
keep_up(struct site *s)
{
	bool left = true;

	for (int i = 0; left && i < 1000; i++)
		assert_ok(s, search_upkeep(&s->c, s->db, 1000000, &left));
	assert_false(left);
}

static inline struct search_result
search_page(struct site *s, struct str text, enum search_order order, struct str before, size_t limit)
{
	struct search_request r = {.text = text, .before = before, .order = order, .limit = limit};
	struct search_result found;

	assert_ok(s, search_run(&s->c, s->db, &r, &found));
	return found;
}

/* Slugs, with spaces between. */
static inline struct str
slugs_of(struct site *s, const struct post_list *list)
{
	struct str out;
	struct buf b;

	buf_init(&b, &s->c.arena, 65536);
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			buf_putc(&b, ' ');
		buf_put(&b, list->rows[i].slug);
	}
	assert_ok(s, buf_end(&s->c, &b, &out));
	return out;
}

static inline struct str
search_for(struct site *s, const char *text, enum search_order order)
{
	struct search_result found = search_page(s, str_z(text), order, S(""), 50);

	return slugs_of(s, &found.list);
}

/* Text of pieces, with [] around what is marked. */
static inline struct str
pieces_text(struct site *s, const struct search_pieces *pieces)
{
	struct str out;
	struct buf b;

	buf_init(&b, &s->c.arena, 65536);
	for (size_t i = 0; i < pieces->n; i++)
		buf_printf(&b, pieces->list[i].marked ? "[%.*s]" : "%.*s",
			STR(pieces->list[i].text));
	assert_ok(s, buf_end(&s->c, &b, &out));
	return out;
}

#endif
