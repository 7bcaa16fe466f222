/*
 * The home page and the older posts behind it, and one post. Each page reads its rows, makes views of
 * them and lets the template speak. There is one URL for each page: other spellings are redirected to
 * it or not found.
 */
#include "domain/site.h"
#include "http/cond.h"
#include "web/linked.h"
#include "web/lists.h"
#include "web/priv.h"

enum { TITLE_MAX = 60, DESCRIPTION_MAX = 160 };

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

enum err
web_home(struct ctx *c, struct txn *t)
{
	struct list l;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	list_init(&l, posts_all, (struct str){0});
	l.page.description = t->site->note;
	l.page.canonical = t->site->url;
	l.data.home = true;
	l.data.quiet = true;
	l.data.heading = t->site->name;
	l.data.url = t->site->url;
	if (!err)
		err = post_list_read(c, db, &posts_all, S(""), list_length(c), &l.posts);
	if (!err)
		err = shown_read(c, db, l.posts.rows, l.posts.n, &l.shown);
	txn_db_release(c, t);
	if (!err && l.posts.more)
		err = page_url(c, 2, &l.page.older);
	if (!err)
		err = linked_home(c, t, &l.page.linked);
	return err ? err : list_send(c, t, &l);
}

/* ERR_NOT_FOUND for a page without posts. */
static enum err
page_read(struct ctx *c, struct txn *t, uint64_t n, struct list *l)
{
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = post_list_page(c, db, n, list_length(c), &l->posts);
	if (!err)
		err = shown_read(c, db, l->posts.rows, l->posts.n, &l->shown);
	txn_db_release(c, t);
	if (!err && l->posts.n == 0)
		err = err_raise(c, ERR_NOT_FOUND, "page %llu is beyond the last",
			(unsigned long long)n);
	return err;
}

enum err
web_page(struct ctx *c, struct txn *t)
{
	struct str arg = t->req.args[0], name;
	unsigned long long n;
	struct list l;
	enum err err;

	if (!str_u64(arg, WEB_MAX_PAGE, &n) || arg.p[0] == '0')
		return err_raise(c, ERR_NOT_FOUND, "page '%.*s'", STR(arg));
	if (n == 1) {
		txn_redirect(t, 301, t->site->url);
		return OK;
	}
	err = ctx_printf(c, &name, tr(c, "Page %llu"), n);
	if (err)
		return err;
	list_init(&l, posts_all, name);
	err = page_read(c, t, n, &l);
	if (!err)
		err = page_url(c, n, &l.data.url);
	if (!err)
		err = page_url(c, n - 1, &l.page.newer);
	if (!err && l.posts.more)
		err = page_url(c, n + 1, &l.page.older);
	l.page.canonical = l.data.url;
	return err ? err : list_send(c, t, &l);
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

/* The picture that stands for the post elsewhere. */
static enum err
note_preview(struct ctx *c, const struct post_parts *parts, const struct view_preview **out)
{
	const struct post_file *file;
	struct view_preview *image;
	enum err err = OK;

	if (!parts || parts->photos.n + parts->featured.n == 0)
		return OK;
	file = parts->featured.n > 0 ? parts->featured.list : parts->photos.list;
	image = ctx_calloc(c, 1, sizeof(*image));
	if (!image)
		return ERR_MEMORY;
	image->url = file->url;
	image->alt = file->alt;
	if (file->width > 0)
		err = ctx_printf(c, &image->width, "%lld", (long long)file->width);
	if (!err && file->width > 0)
		err = ctx_printf(c, &image->height, "%lld", (long long)file->height);
	*out = image;
	return err;
}

/* What the head of a post's page says: title, description, and a picture for previews. */
static enum err
note_head(struct ctx *c, const struct shown *shown, const struct view_entry *entry,
	struct view_page *out)
{
	const struct post_row *post = shown->post;
	const struct post_parts *parts = shown->parts;
	struct str about = post->summary.n ? post->summary : post->text;
	enum err err = view_excerpt(
		c, post->name.n ? post->name : post->text, TITLE_MAX, &out->title);

	if (!err && out->title.n == 0)
		err = post_label(c, post, parts, &out->title);
	if (!err)
		err = note_preview(c, parts, &out->image);
	if (about.n == 0 && parts && parts->photos.n > 0)
		about = parts->photos.list[0].alt;
	out->canonical = entry->url;
	out->published = entry->published ? entry->published->iso : (struct str){0};
	out->modified = entry->updated ? entry->updated->iso : (struct str){0};
	out->tags = (struct tmpl_list){post->tags, post->n_tags};
	return err ? err : view_excerpt(c, about, DESCRIPTION_MAX, &out->description);
}

/* A link to a post that stands beside another; *out NULL: there is none. */
static enum err
beside_link(struct ctx *c, const struct post_row *post, const struct view_link **out)
{
	struct view_link *link;
	enum err err;

	*out = NULL;
	if (post->slug.n == 0)
		return OK;
	*out = link = ctx_calloc(c, 1, sizeof(*link));
	if (!link)
		return ERR_MEMORY;
	err = site_permalink(c, post->slug, &link->url);
	return err ? err : post_title(c, post, NULL, &link->label);
}

/* Where a reader goes on. From a post that is in no list, nowhere. */
static enum err
note_beside(struct ctx *c, struct db *db, const struct post_row *post, struct view_single *out)
{
	struct post_row older, newer;
	enum err err;

	if (post->status != POST_PUBLISHED || post->visibility != POST_PUBLIC)
		return OK;
	err = post_beside(c, db, post, &older, &newer);
	if (!err)
		err = beside_link(c, &older, &out->older);
	if (!err)
		err = beside_link(c, &newer, &out->newer);
	out->beside = out->older || out->newer;
	return err;
}

static enum err
note_send(struct ctx *c, struct txn *t, const struct shown *shown, const struct view_single *beside)
{
	struct view_single data = *beside;
	struct view_page page = {.article = true};
	struct view_entry entry = {0};
	enum err err = view_entry(c, t->web, shown, true, &entry);

	data.site = t->site;
	data.page = &page;
	data.entry = &entry;

	entry.unlisted = t->owner_only && shown->post->visibility == POST_UNLISTED;
	page.hidden = entry.hidden || shown->post->visibility != POST_PUBLIC;
	if (!err)
		err = note_head(c, shown, &entry, &page);
	if (!err && !page.hidden)
		err = linked_post(c, t, shown, &page, &page.linked);
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
	struct view_single data = {.site = NULL};
	struct post_row post;
	struct shown *shown;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = note_find(c, t, db, &post);
	if (!err)
		err = shown_read(c, db, &post, 1, &shown);
	if (!err)
		err = note_beside(c, db, &post, &data);
	txn_db_release(c, t);
	if (err == ERR_GONE && !accept_prefers_json(&t->req))
		return gone_send(c, t, &post);
	if (!err && !str_eq(post.slug, t->req.args[0]))
		return note_moved(c, t, &post);
	return err ? err : note_send(c, t, shown, &data);
}
