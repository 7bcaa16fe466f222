/*
 * Rows of sitemaps.
 */
#include "store/sitemap.h"

#include "store/stmt.h"

enum err
sitemap_row_list(struct ctx *c, struct db *db, int64_t after, int64_t to, size_t limit,
	struct sitemap_row *out, size_t *n)
{
	struct stmt s;

	*n = 0;
	stmt_begin(c, db, SQL_SITEMAP_POSTS, &s);
	stmt_bind_int(&s, IN_SITEMAP_POSTS_AFTER, after);
	stmt_bind_int(&s, IN_SITEMAP_POSTS_TO, to);
	stmt_bind_int(&s, IN_SITEMAP_POSTS_LIMIT, (int64_t)limit);
	while (*n < limit && stmt_next(&s)) {
		struct sitemap_row *row = &out[(*n)++];

		row->id = stmt_int(&s, OUT_SITEMAP_POSTS_ID);
		row->slug = stmt_text(&s, OUT_SITEMAP_POSTS_SLUG);
		row->modified = stmt_int(&s, OUT_SITEMAP_POSTS_MODIFIED);
	}
	return stmt_end(&s);
}

enum err
sitemap_row_next(struct ctx *c, struct db *db, int64_t after, int64_t *id)
{
	struct stmt s;

	*id = 0;
	stmt_begin(c, db, SQL_SITEMAP_NEXT, &s);
	stmt_bind_int(&s, IN_SITEMAP_NEXT_AFTER, after);
	if (stmt_next(&s))
		*id = stmt_int(&s, OUT_SITEMAP_NEXT_ID);
	return stmt_end(&s);
}
