/*
 * The pages that anybody may read: the newest posts, older ones, one post, the posts of a tag. Each
 * reads its rows, makes views of them and lets the template speak. There is one URL for each page:
 * other spellings are redirected to it or not found.
 */
#include "web/priv.h"

#include "base/enc.h"
#include "domain/site.h"
#include "http/cond.h"

enum { TITLE_MAX = 60, DESCRIPTION_MAX = 160, URL_MAX = 4096 };

/* Posts with what belongs to them. */
struct posts {
	struct post_list list;
	struct shown *shown;	/* as many */
};

/* A list page: what all of them have in common. */
static enum err
list_send(struct ctx *c, struct txn *t, const struct posts *posts, struct view_list *data)
{
	size_t n = posts->list.n;
	struct view_entry *entries = NULL;
	enum err err = OK;

	if (n > 0) {
		entries = ctx_calloc(c, n, sizeof(*entries));
		if (!entries)
			return ERR_MEMORY;
	}
	for (size_t i = 0; !err && i < n; i++)
		err = view_entry(c, t->web, &posts->shown[i], false, &entries[i]);
	if (err)
		return err;
	data->paged = data->page->newest.n + data->page->newer.n + data->page->older.n > 0;
	data->site = t->site;
	data->entries = (struct tmpl_list){entries, n};
	data->empty = n == 0;
	return view_send(c, t, VIEW_LIST, data);
}

static enum err
posts_shown(struct ctx *c, struct db *db, struct posts *posts)
{
	return shown_read(c, db, posts->list.rows, posts->list.n, &posts->shown);
}

/* The URL of page n; of the home page for 1. */
static enum err
page_url(struct ctx *c, uint64_t n, struct str *out)
{
	struct str path = S("/");
	enum err err = OK;

	if (n > 1)
		err = ctx_printf(c, &path, "/page/%llu", (unsigned long long)n);
	return err ? err : site_url(c, path, out);
}

static size_t
posts_per_page(const struct ctx *c)
{
	return (size_t)c->cfg->posts_per_page;
}

enum err
web_home(struct ctx *c, struct txn *t)
{
	struct view_page page = {.description = t->site->note};
	struct view_list data = {.page = &page,
		.home = true,
		.quiet = true,
		.heading = t->site->name,
		.url = t->site->url};
	struct posts posts = {0};
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = post_list_read(c, db, &posts_all, S(""), posts_per_page(c), &posts.list);
	if (!err)
		err = posts_shown(c, db, &posts);
	txn_db_release(c, t);
	page.canonical = data.url;
	if (!err && posts.list.more)
		err = page_url(c, 2, &page.older);
	return err ? err : list_send(c, t, &posts, &data);
}

enum err
web_page(struct ctx *c, struct txn *t)
{
	struct view_page page = {0};
	struct view_list data = {.page = &page};
	struct str arg = t->req.args[0];
	unsigned long long n;
	struct posts posts = {0};
	struct db *db;
	enum err err;

	if (!str_u64(arg, WEB_MAX_PAGE, &n) || arg.p[0] == '0')
		return err_raise(c, ERR_NOT_FOUND, "page '%.*s'", STR(arg));
	if (n == 1) {
		txn_redirect(t, 301, t->site->url);
		return OK;
	}
	err = txn_db(c, t, &db);
	if (!err)
		err = post_list_page(c, db, n, posts_per_page(c), &posts.list);
	if (!err)
		err = posts_shown(c, db, &posts);
	txn_db_release(c, t);
	if (!err && posts.list.n == 0)
		return err_raise(c, ERR_NOT_FOUND, "page %llu is beyond the last", n);
	if (!err)
		err = page_url(c, n, &data.url);
	if (!err)
		err = page_url(c, n - 1, &page.newer);
	if (!err && posts.list.more)
		err = page_url(c, n + 1, &page.older);
	if (!err)
		err = ctx_printf(c, &page.title, "Page %llu", n);
	page.canonical = data.url;
	data.heading = page.title;
	return err ? err : list_send(c, t, &posts, &data);
}

/* What stands where a post was, for people; it is an answer and an error at once. */
static enum err
gone_send(struct ctx *c, struct txn *t, const struct post_row *post)
{
	const struct view_page page = {.title = tr_str(c, "Deleted"), .hidden = true};
	struct view_date deleted;
	struct view_tombstone data = {.site = t->site, .page = &page};
	enum err err = site_permalink(c, post->slug, &data.url);

	if (!err && post->deleted) {
		err = view_date(c, post->deleted, post->published_zone, &deleted);
		data.deleted = &deleted;
	}
	t->resp.status = 410;
	c->facts->error = ERR_GONE;
	return err ? err : view_send(c, t, VIEW_GONE, &data);
}

/* What the head of a post's page says: title, description, and a picture for previews. */
static enum err
note_head(struct ctx *c, const struct shown *shown, struct view_page *out)
{
	const struct post_row *post = shown->post;
	const struct post_parts *parts = shown->parts;
	struct str about = post->summary.n ? post->summary : post->text;
	enum err err = view_excerpt(
		c, post->name.n ? post->name : post->text, TITLE_MAX, &out->title);

	if (!err && out->title.n == 0)
		err = post_label(c, post, parts, &out->title);
	if (parts && parts->photos.n > 0) {
		out->image = parts->photos.list[0].url;
		about = about.n ? about : parts->photos.list[0].alt;
	}
	if (parts && parts->featured.n > 0)
		out->image = parts->featured.list[0].url;
	return err ? err : view_excerpt(c, about, DESCRIPTION_MAX, &out->description);
}

static enum err
note_send(struct ctx *c, struct txn *t, const struct shown *shown)
{
	struct view_page page = {.article = true};
	struct view_entry entry = {0};
	struct view_single data = {.site = t->site, .page = &page, .entry = &entry};
	enum err err = view_entry(c, t->web, shown, true, &entry);

	if (!err)
		err = note_head(c, shown, &page);
	page.canonical = entry.url;
	entry.unlisted = t->owner_only && shown->post->visibility == POST_UNLISTED;
	page.hidden = entry.hidden || shown->post->visibility != POST_PUBLIC;
	return err ? err : view_send(c, t, VIEW_NOTE, &data);
}

/* A slug that the post had before: for good, to the one that it has. */
static enum err
note_moved(struct ctx *c, struct txn *t, const struct post_row *post)
{
	struct str url;
	enum err err = site_permalink(c, post->slug, &url);

	if (!err)
		txn_redirect(t, 301, url);
	return err;
}

/*
 * The post of the slug, if there is one for who asks. Only where strangers find nothing, or a post
 * that is in no list, is a cookie looked at: so pages that all may see cost what they did, and come
 * out of the cache for the owner, too.
 */
static enum err
note_find(struct ctx *c, struct txn *t, struct db *db, struct post_row *post)
{
	struct str slug = t->req.args[0];
	enum err err = post_find_public(c, db, slug, post);

	t->owner_marked = !err && post->visibility == POST_UNLISTED;
	if (err != ERR_NOT_FOUND && !t->owner_marked)
		return err;
	if (str_empty(req_cookie(&t->req, t->web->cookie)))
		return err;
	err_clear(c);
	err = gate_session(c, t);
	if (err == ERR_LOGIN_REQUIRED) {
		err_clear(c);
		if (t->owner_marked)
			return OK;
		return err_raise(c, ERR_NOT_FOUND, "post '%.*s' is not public", STR(slug));
	}
	if (err)
		return err;
	t->owner_only = true;
	return t->owner_marked ? OK : post_find_own(c, db, slug, post);
}

enum err
web_note(struct ctx *c, struct txn *t)
{
	struct post_row post;
	struct shown *shown;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = note_find(c, t, db, &post);
	if (!err)
		err = shown_read(c, db, &post, 1, &shown);
	txn_db_release(c, t);
	if (err == ERR_GONE && !accept_prefers_json(&t->req))
		return gone_send(c, t, &post);
	if (!err && !str_eq(post.slug, t->req.args[0]))
		return note_moved(c, t, &post);
	return err ? err : note_send(c, t, shown);
}

/* The tag's page behind a post; of its first posts if before is empty. */
static enum err
tag_page_url(struct ctx *c, struct str name, struct str before, struct str *out)
{
	struct str url;
	struct buf b;
	enum err err = site_tag_url(c, name, &url);

	*out = url;
	if (err || before.n == 0)
		return err;
	buf_init(&b, &c->arena, URL_MAX);
	buf_put(&b, url);
	buf_puts(&b, "?before=");
	enc_percent(&b, before, (struct str){0});
	return buf_end(c, &b, out);
}

/* The tag as it was first written, and its posts. ERR_NOT_FOUND if there are none. */
static enum err
tag_read(struct ctx *c, struct txn *t, struct str before, struct str *name, struct posts *posts)
{
	struct post_scope scope = {.kind = POSTS_TAG};
	uint64_t count = 0;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = post_row_tag_count(c, db, t->req.args[0], name, &count);
	if (!err && count > 0) {
		scope.name = *name;
		err = post_list_read(c, db, &scope, before, posts_per_page(c), &posts->list);
	}
	if (!err)
		err = posts_shown(c, db, posts);
	txn_db_release(c, t);
	if (!err && (count == 0 || posts->list.n == 0))
		return err_raise(c, ERR_NOT_FOUND, "no posts of tag '%.*s'", STR(t->req.args[0]));
	return err;
}

enum err
web_tag(struct ctx *c, struct txn *t)
{
	struct view_page page = {0};
	struct view_list data = {.page = &page};
	struct posts posts = {0};
	struct str before, name;
	enum err err = req_query(c, &t->req, S("before"), &before);

	if (!err)
		err = tag_read(c, t, before, &name, &posts);
	if (!err)
		err = tag_page_url(c, name, before, &data.url);
	if (err)
		return err;
	if (!str_eq(name, t->req.args[0])) {
		txn_redirect(t, 301, data.url);
		return OK;
	}
	if (before.n > 0)
		err = tag_page_url(c, name, (struct str){0}, &page.newest);
	if (!err && posts.list.more)
		err = tag_page_url(c, name, posts.list.rows[posts.list.n - 1].slug, &page.older);
	if (!err)
		err = ctx_printf(c, &data.heading, "Tagged “%.*s”", STR(name));
	page.title = data.heading;
	page.canonical = data.url;
	return err ? err : list_send(c, t, &posts, &data);
}
