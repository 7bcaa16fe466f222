/*
 * From a feed's address to the list it is of.
 */
#include "web/feed_source.h"

#include "domain/post_kind.h"
#include "domain/search.h"
#include "domain/site.h"
#include "web/priv.h"

/* The tag as it was first written. ERR_NOT_FOUND if no listed post has it. */
static enum err
tag_find(struct ctx *c, struct str asked, struct db *db, struct feed_source *out)
{
	uint64_t count = 1;
	enum err err = OK;

	out->scope = (struct post_scope){.kind = POSTS_TAG, .name = asked};
	if (db)
		err = post_row_tag_count(c, db, asked, &out->scope.name, &count);
	if (!err && count == 0)
		return err_raise(c, ERR_NOT_FOUND, "no posts of tag '%.*s'", STR(asked));
	out->respelled = !str_eq(asked, out->scope.name);
	return err ? err : ctx_printf(
		c, &out->heading, tr(c, "Tagged “%.*s”"), STR(out->scope.name));
}

static enum err
channel_find(struct ctx *c, struct str uid, struct feed_source *out)
{
	out->scope = (struct post_scope){.kind = POSTS_CHANNEL, .name = uid};
	out->heading = config_name_find(c->cfg->channels, uid);
	if (!out->heading.p)
		return err_raise(c, ERR_NOT_FOUND, "no channel '%.*s'", STR(uid));
	return OK;
}

static enum err
type_find(struct ctx *c, struct str path, struct feed_source *out)
{
	const struct post_kind *kind = post_kind_of_path(path);

	if (!kind)
		return err_raise(c, ERR_NOT_FOUND, "no type at '%.*s'", STR(path));
	out->scope = (struct post_scope){.kind = POSTS_TYPE, .name = kind->type};
	out->heading = tr_str(c, kind->plural.p);
	return OK;
}

/* ERR_NOT_FOUND if nothing is searched for, or nothing can be. */
static enum err
search_find(struct ctx *c, const struct txn *t, struct feed_source *out)
{
	struct search_query query = {0};
	struct str text;
	enum err err = req_query(c, &t->req, S("q"), &text);

	if (!err)
		err = search_query_parse(c, text, &query);
	out->search = query.text;
	if (!err && (!c->cfg->search_enabled || query.text.n == 0))
		return err_raise(c, ERR_NOT_FOUND, "no search");
	return err ? err : ctx_printf(c, &out->heading, tr(c, "Search: %.*s"), STR(query.text));
}

enum err
feed_source_find(struct ctx *c, const struct txn *t, struct db *db, struct feed_source *out)
{
	struct str arg = t->req.args[0], page;
	enum err err = req_query(c, &t->req, S("before"), &out->before);

	out->scope = posts_all;
	out->heading = out->search = out->follows = (struct str){0};
	out->respelled = false;
	if (!err)
		err = req_query(c, &t->req, S("page"), &page);
	/* Whoever counts pages would be given the first one for ever. */
	if (!err && page.p)
		return err_raise(c, ERR_NOT_FOUND, "feeds have no page '%.*s'", STR(page));
	if (err)
		return err;
	switch (t->row->route) {
	case ROUTE_FEED_TAG:
	case ROUTE_FEED_TAG_CHOICE:
		return tag_find(c, arg, db, out);
	case ROUTE_FEED_TYPE:
	case ROUTE_FEED_TYPE_CHOICE:
		return type_find(c, arg, out);
	case ROUTE_FEED_CHANNEL:
	case ROUTE_FEED_CHANNEL_CHOICE:
		return channel_find(c, arg, out);
	case ROUTE_FEED_SEARCH:
	case ROUTE_FEED_SEARCH_CHOICE:
		return search_find(c, t, out);
	default:
		return OK;
	}
}

static enum err
search_url(struct ctx *c, const struct feed_source *source, struct str path, struct str *out)
{
	enum err err = site_url(c, path, out);

	return err ? err : site_url_query(c, *out, S("q"), source->search, out);
}

enum err
feed_source_page(struct ctx *c, const struct feed_source *source, struct str *out)
{
	if (source->search.n > 0)
		return search_url(c, source, S("/search"), out);
	return site_list_url(c, &source->scope, out);
}

enum err
feed_source_feed(struct ctx *c, const struct feed_source *source, enum feed_format format,
	struct str *out)
{
	struct str extension = feed_kinds[format].extension, path;
	enum err err;

	if (source->search.n == 0)
		return site_feed_url(c, &source->scope, extension, out);
	err = ctx_printf(c, &path, "/search/feed.%.*s", STR(extension));
	return err ? err : search_url(c, source, path, out);
}

/* The newest posts that fit, and where the others begin. */
static enum err
search_read(struct ctx *c, struct db *db, const struct feed_source *source, size_t limit,
	struct post_list *out, struct str *follows)
{
	const struct search_request request = {.text = source->search,
		.before = source->before,
		.order = SEARCH_NEWEST_FIRST,
		.limit = limit};
	struct search_result result = {0};
	enum err err = search_run(c, db, &request, &result);

	*out = result.list;
	*follows = result.next;
	return err;
}

enum err
feed_source_read(struct ctx *c, struct db *db, struct feed_source *source, struct post_list *out)
{
	enum err err;

	if (source->search.n > 0)
		err = search_read(c, db, source, FEED_POSTS, out, &source->follows);
	else
		err = post_list_read(c, db, &source->scope, source->before, FEED_POSTS, out);

	if (!err && out->n == 0 && source->before.n > 0)
		return err_raise(c, ERR_NOT_FOUND, "nothing behind '%.*s'", STR(source->before));
	return err;
}

enum err
feed_source_place(struct ctx *c, struct db *db, const struct feed_source *source,
	const struct post_list *posts, size_t n, struct feed_place *out)
{
	struct post_list other;
	enum err err;

	*out = (struct feed_place){.before = source->before, .next = source->follows};
	/* Only a search itself knows where it goes on. */
	if (source->search.n > 0)
		return n < posts->n ? search_read(c, db, source, n, &other, &out->next) : OK;
	if (n < posts->n || posts->more)
		out->next = posts->rows[n - 1].slug;
	if (source->before.n == 0)
		return OK;
	err = post_list_newer(c, db, &source->scope, posts->rows[0].slug, FEED_POSTS, &other);
	out->has_previous = true;
	out->previous = other.more ? other.next : (struct str){0};
	return err;
}
