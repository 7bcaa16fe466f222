/*
 * The search page and the same as JSON. What is asked stands in the address, so a search can be kept
 * and sent; nothing of it is kept here, since there are more searches than a cache has room for.
 */
#include "web/priv.h"

#include "base/enc.h"
#include "domain/post_kind.h"
#include "domain/search.h"
#include "domain/site.h"
#include "text/words.h"
#include "web/build.h"
#include "web/feeds.h"

enum { RESULTS = 20, RESULTS_MAX = 50, LABEL_MAX = 80, SEARCH_URL_MAX = 8192 };

/* A search, and the posts that it found with what there is to show of them. */
struct asked {
	struct search_request request;
	struct search_result result;
	struct shown *shown;	/* as many as result.list */
};

/* ---- asking ---------------------------------------------------------------------------------- */

static enum err
query_read(struct ctx *c, struct txn *t, struct asked *a)
{
	enum err err = req_query(c, &t->req, S("q"), &a->request.text);

	a->request.limit = RESULTS;
	return err ? err : req_query(c, &t->req, S("before"), &a->request.before);
}

static enum err
run(struct ctx *c, struct txn *t, struct asked *a)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = search_run(c, db, &a->request, &a->result);
	if (!err)
		err = shown_read(c, db, a->result.list.rows, a->result.list.n, &a->shown);
	txn_db_release(c, t);
	return err;
}

/* The address of a search under path, from a cursor on. */
static enum err
search_url(struct ctx *c, struct str path, const struct asked *a, struct str before,
	struct str *out)
{
	struct buf b;
	enum err err = site_url(c, path, out);

	buf_init(&b, &c->arena, SEARCH_URL_MAX);
	if (err)
		return err;
	buf_put(&b, *out);
	buf_puts(&b, "?q=");
	enc_percent(&b, a->result.query.text, (struct str){0});
	if (before.n > 0)
		buf_puts(&b, "&before=");
	enc_percent(&b, before, (struct str){0});
	return buf_end(c, &b, out);
}

/* ---- what is shown of a post ----------------------------------------------------------------- */

static enum err
pieces_of(struct ctx *c, const struct search_pieces *pieces, struct tmpl_list *out)
{
	struct view_piece *list = NULL;

	if (pieces->n > 0) {
		list = ctx_calloc(c, pieces->n, sizeof(*list));
		if (!list)
			return ERR_MEMORY;
	}
	for (size_t i = 0; i < pieces->n; i++) {
		list[i].text = pieces->list[i].text;
		list[i].marked = pieces->list[i].marked;
	}
	*out = (struct tmpl_list){list, pieces->n};
	return OK;
}

/* A post's text: what was searched for may stand in the summary alone. */
static struct str
text_of(const struct post_row *post)
{
	return post->text.n > 0 ? post->text : post->summary;
}

/* What the post is called: its title, or what it is if there are no words to show. */
static enum err
title_of(struct ctx *c, const struct shown *shown, struct str *out)
{
	*out = shown->post->name;
	if (out->n > 0 || text_of(shown->post).n > 0)
		return OK;
	return post_label(c, shown->post, shown->parts, out);
}

static struct str
kind_name(const struct ctx *c, struct str type)
{
	const struct post_kind *kind = post_kind_find(type);

	return kind ? tr_text(c, kind->singular) : type;
}

static enum err
finding_fill(struct ctx *c, const struct web *w, const struct asked *a, size_t i,
	struct view_finding *out)
{
	const struct search_query *q = &a->result.query;
	struct search_pieces pieces;
	struct view_entry entry = {0};
	struct str title;
	enum err err = view_entry(c, w, &a->shown[i], false, &entry);

	out->url = entry.url;
	out->lang = entry.lang;
	out->type = entry.type;
	out->kind = kind_name(c, entry.type);
	out->published = entry.published;
	out->tags = entry.tags;
	if (!err)
		err = title_of(c, &a->shown[i], &title);
	if (!err)
		err = search_mark(c, q, title, &pieces);
	if (!err)
		err = pieces_of(c, &pieces, &out->title);
	out->titled = !err && title.n > 0;
	if (!err)
		err = search_snippet(c, q, text_of(a->shown[i].post), &pieces);
	if (!err)
		err = pieces_of(c, &pieces, &out->snippet);
	out->has_snippet = out->snippet.n > 0;
	return err;
}

/* How many posts were found; empty where that is not known, as on pages far behind. */
static enum err
count_text(struct ctx *c, const struct search_result *r, struct str *out)
{
	unsigned long long n = r->found;

	*out = S("");
	if (n == 0)
		return OK;
	if (r->at_least)
		return ctx_printf(c, out, tr_n(c, "More than %llu post", "More than %llu posts", n), n);
	return ctx_printf(c, out, tr_n(c, "%llu post", "%llu posts", n), n);
}

/* ---- the page -------------------------------------------------------------------------------- */

static enum err
findings_fill(struct ctx *c, struct txn *t, const struct asked *a, struct view_search *out)
{
	size_t n = a->result.list.n;
	struct view_finding *list = ctx_calloc(c, n + 1, sizeof(*list));
	enum err err = OK;

	if (!list)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < n; i++)
		err = finding_fill(c, t->web, a, i, &list[i]);
	out->findings = (struct tmpl_list){list, n};
	out->empty = n == 0;
	out->partial = a->result.partial;
	out->cut = a->result.query.cut;
	if (!err)
		err = count_text(c, &a->result, &out->count);
	if (!err && a->request.before.n > 0)
		err = search_url(c, S("/search"), a, S(""), &out->first);
	if (!err && a->result.next.n > 0)
		err = search_url(c, S("/search"), a, a->result.next, &out->next);
	out->paged = out->first.n + out->next.n > 0;
	return err;
}

/* Its feeds, for who wants to hear of what it finds next. */
static enum err
put_feeds(struct ctx *c, const struct txn *t, struct str text, struct str heading,
	struct tmpl_list *out)
{
	struct str title;
	enum err err = ctx_printf(c, &title, "%.*s · %.*s", STR(heading), STR(t->site->name));

	return err ? err : feeds_of_search(c, text, title, out);
}

enum err
web_search(struct ctx *c, struct txn *t)
{
	struct view_page page = {.title = tr_str(c, "Search")};
	struct view_search data = {.site = t->site, .page = &page, .action = S("/search")};
	struct asked a = {.shown = NULL};
	enum err err = query_read(c, t, &a);

	if (!err)
		err = run(c, t, &a);
	if (err)
		return err;
	data.query = a.result.query.text;
	data.asked = data.query.n > 0;
	page.hidden = data.asked;
	if (!data.asked)
		err = site_url(c, S("/search"), &page.canonical);
	else
		err = findings_fill(c, t, &a, &data);
	if (!err && data.asked)
		err = ctx_printf(c, &page.title, tr(c, "Search: %.*s"), STR(data.query));
	if (!err && data.asked)
		err = put_feeds(c, t, data.query, page.title, &page.feeds);
	return err ? err : view_send(c, t, VIEW_SEARCH, &data);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* The text of pieces, and the same as HTML. */
static void
build_pieces(struct build *b, const struct txn *t, struct json *o, const struct view_finding *f)
{
	const struct view_piece *pieces = f->snippet.items;
	struct buf plain, html;

	buf_init(&plain, &b->c->arena, WEB_MAX_HTML);
	buf_init(&html, &b->c->arena, WEB_MAX_HTML);
	for (size_t i = 0; i < f->snippet.n; i++)
		buf_put(&plain, pieces[i].text);
	if (!b->err)
		b->err = tmpl_render(b->c, t->web->templates, VIEW_SNIPPET, f, &html);
	build_str(b, o, "snippet", buf_str(&plain));
	build_str(b, o, "snippet_html", str_trim(buf_str(&html)));
}

static struct json *
build_finding(struct build *b, const struct txn *t, const struct post_row *post,
	const struct view_finding *f)
{
	struct json *o = build_object(b), *tags = build_array(b);
	const struct view_piece *title = f->title.items;
	struct buf name;

	buf_init(&name, &b->c->arena, WEB_MAX_HTML);
	for (size_t i = 0; i < f->title.n; i++)
		buf_put(&name, title[i].text);
	build_str(b, o, "url", f->url);
	build_str(b, o, "title", buf_str(&name));
	build_pieces(b, t, o, f);
	build_str(b, o, "published", f->published->iso);
	build_str(b, o, "type", f->type);
	for (size_t i = 0; i < post->n_tags; i++)
		build_push_str(b, tags, post->tags[i]);
	build_put(b, o, "tags", tags);
	return o;
}

static enum err
answer_json(struct ctx *c, struct txn *t, const struct asked *a)
{
	const struct search_result *r = &a->result;
	struct build b = {c, OK};
	struct json *o = build_object(&b), *list = build_array(&b);
	struct str next;

	build_str(&b, o, "query", r->query.text);
	build_str(&b, o, "engine", str_z(search_engine_name(r->engine)));
	for (size_t i = 0; !b.err && i < r->list.n; i++) {
		struct view_finding f = {.titled = false};

		b.err = finding_fill(c, t->web, a, i, &f);
		if (!b.err)
			build_push(&b, list, build_finding(&b, t, &r->list.rows[i], &f));
	}
	build_put(&b, o, "results", list);
	build_uint(&b, o, "found", r->found);
	build_bool(&b, o, "at_least", r->at_least);
	build_bool(&b, o, "partial", r->partial);
	build_bool(&b, o, "more", r->next.n > 0);
	if (!b.err && r->next.n > 0) {
		b.err = search_url(c, S("/api/search"), a, r->next, &next);
		build_str(&b, o, "next", next);
	}
	return b.err ? b.err : txn_json(c, t, "application/json", o);
}

enum err
web_api_search(struct ctx *c, struct txn *t)
{
	struct asked a = {.shown = NULL};
	unsigned long long limit = RESULTS;
	struct str given;
	enum err err = query_read(c, t, &a);

	if (!err)
		err = req_query(c, &t->req, S("limit"), &given);
	if (!err && given.n > 0 && (!str_u64(given, RESULTS_MAX, &limit) || limit == 0))
		err = err_raise_hint(c, ERR_BAD_REQUEST, "limit is a number from 1 to %d",
			RESULTS_MAX);
	a.request.limit = (size_t)limit;
	if (!err)
		err = run(c, t, &a);
	return err ? err : answer_json(c, t, &a);
}
