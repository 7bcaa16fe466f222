/*
 * What robots ask for: robots.txt, the sitemap, the OpenSearch description.
 */
#include "domain/robots.h"

#include "domain/site.h"
#include "domain/sitemap.h"
#include "web/priv.h"

enum { TEXT_MAX_BYTES = 64 * 1024, PARTS_MAX = 1000000 };

/* ---- short texts ----------------------------------------------------------------------------- */

enum err
web_robots(struct ctx *c, struct txn *t)
{
	struct str text;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, TEXT_MAX_BYTES);
	err = robots_text(c, &b);
	if (!err)
		err = buf_end(c, &b, &text);
	if (!err)
		resp_buf(&t->resp, "text/plain; charset=utf-8", text);
	return err;
}

enum err
web_opensearch(struct ctx *c, struct txn *t)
{
	struct str text;
	struct buf b;
	enum err err;

	if (t->site->search.n == 0)
		return err_raise(c, ERR_NOT_FOUND, "the site is not searched");
	buf_init(&b, &c->arena, TEXT_MAX_BYTES);
	err = robots_opensearch(c, t->site->small_icon, &b);
	if (!err)
		err = buf_end(c, &b, &text);
	if (!err)
		resp_buf(&t->resp, "application/opensearchdescription+xml; charset=utf-8", text);
	return err;
}

/* ---- icons ----------------------------------------------------------------------------------- */

/*
 * Who asks for an icon by a name of old is sent to the one that there is. For a day: it is asked for
 * with each page, and nothing tells when another one is chosen.
 */
static enum err
icon_lead(struct ctx *c, struct txn *t, struct str path)
{
	struct str url;
	enum err err = site_url(c, path, &url);

	if (err)
		return err;
	txn_redirect(t, 302, url);
	resp_set(&t->resp, "Cache-Control", S("public, max-age=86400"));
	return OK;
}

/* Not as the page names it: that may be an SVG, which who asks for this name does not know. */
enum err
web_favicon(struct ctx *c, struct txn *t)
{
	bool drawn = str_eq(t->site->icon_type, S("image/svg+xml"));

	return icon_lead(c, t, drawn ? t->site->small_icon : t->site->icon);
}

enum err
web_touch_icon(struct ctx *c, struct txn *t)
{
	return icon_lead(c, t, t->site->touch_icon);
}

/* ---- the sitemap ----------------------------------------------------------------------------- */

struct stream {
	struct txn *txn;
	struct sitemap map;
};

/* A connection for a piece, and none while the reader takes it. */
static enum err
sitemap_pull(struct ctx *c, void *self, struct buf *chunk, bool *end)
{
	struct stream *s = self;
	struct db *db;
	enum err err = txn_db(c, s->txn, &db);

	if (!err)
		err = sitemap_next(c, db, &s->map, chunk, end);
	txn_db_release(c, s->txn);
	return err;
}

static enum err
sitemap_answer(struct ctx *c, struct txn *t, bool whole, uint64_t part)
{
	struct stream *s = ctx_calloc(c, 1, sizeof(*s));
	int64_t revision;
	struct db *db;
	enum err err = s ? txn_db(c, t, &db) : ERR_MEMORY;

	if (!err)
		err = post_row_revision(c, db, &revision);
	if (!err)
		err = whole ? sitemap_open(c, db, &s->map) : sitemap_open_part(c, db, part, &s->map);
	txn_db_release(c, t);
	if (!err)
		err = ctx_printf(c, &t->etag, "W/\"sitemap-%llx\"", (unsigned long long)revision);
	if (err)
		return err;
	s->txn = t;
	resp_stream(&t->resp, "application/xml; charset=utf-8", sitemap_pull, s);
	return OK;
}

enum err
web_sitemap(struct ctx *c, struct txn *t)
{
	return sitemap_answer(c, t, true, 0);
}

/* "sitemap-3.xml". A part has one address: no noughts before its number. */
enum err
web_sitemap_part(struct ctx *c, struct txn *t)
{
	struct str name = t->req.args[0], number = str_sub(name, 0, str_find(name, '.', 0));
	unsigned long long part;

	if (!str_eq(str_sub(name, number.n, name.n), S(".xml")) ||
		!str_u64(number, PARTS_MAX, &part) || (number.n > 1 && number.p[0] == '0'))
		return err_raise(c, ERR_NOT_FOUND, "sitemap '%.*s'", STR(name));
	return sitemap_answer(c, t, false, part);
}
