/*
 * Rows as the templates see them: permalinks, dates for people and for machines, tags with their
 * pages. The templates decide what a page looks like; nothing here does.
 */
#include "web/view.h"

#include "web/priv.h"

#include "base/enc.h"
#include "base/time.h"
#include "domain/site.h"
#include "text/date.h"

enum { DATE_MAX = 64 };

enum err
view_date(struct ctx *c, int64_t seconds, int zone, struct view_date *out)
{
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, DATE_MAX);
	time_rfc3339(&b, seconds, zone);
	err = buf_end(c, &b, &out->iso);
	if (err)
		return err;
	return date_text(c, DATE_MOMENT, seconds, zone, &out->text);
}

enum err
view_excerpt(struct ctx *c, struct str text, size_t max, struct str *out)
{
	struct str cut;
	size_t end;

	*out = text;
	if (text.n <= max)
		return OK;
	cut = enc_utf8_cut(text, max);
	for (end = cut.n; end > 0 && cut.p[end] != ' '; end--)
		;
	/* A text without spaces, or one word longer than half of what fits, is cut anywhere. */
	if (end > cut.n / 2)
		cut = str_sub(cut, 0, end);
	return ctx_printf(c, out, "%.*s…", STR(cut));
}

/* A date in c's arena. */
static enum err
date_of(struct ctx *c, int64_t seconds, int zone, const struct view_date **out)
{
	struct view_date *d = ctx_alloc(c, sizeof(*d));

	*out = d;
	return d ? view_date(c, seconds, zone, d) : ERR_MEMORY;
}

static enum err
tags_of(struct ctx *c, const struct post_row *post, struct tmpl_list *out)
{
	struct view_tag *tags = NULL;
	enum err err = OK;

	if (post->n_tags > 0) {
		tags = ctx_calloc(c, post->n_tags, sizeof(*tags));
		if (!tags)
			return ERR_MEMORY;
	}
	for (size_t i = 0; !err && i < post->n_tags; i++) {
		tags[i].name = post->tags[i];
		err = site_tag_url(c, post->tags[i], &tags[i].url);
	}
	*out = (struct tmpl_list){tags, post->n_tags};
	return err;
}

/* The stable id as a URL; empty where it is the permalink, as it is until slug or site move. */
static enum err
uid_of(struct ctx *c, const struct post_row *post, struct str permalink, struct str *out)
{
	struct str uid;
	enum err err = site_url(c, post->uid, &uid);

	if (!err)
		err = site_id(c, uid, &uid);
	*out = !err && !str_eq(uid, permalink) ? uid : (struct str){0};
	return err;
}

/* What only the owner sees is marked as such. */
static enum err
state_of(struct ctx *c, const struct post_row *post, struct view_entry *out)
{
	out->draft = post->status == POST_DRAFT;
	out->private = post->visibility == POST_PRIVATE;
	out->hidden = out->private || post->status != POST_PUBLISHED;
	if (post->status != POST_SCHEDULED)
		return OK;
	return date_of(c, post->published, post->published_zone, &out->scheduled);
}

static enum err
parts_of(struct ctx *c, const struct web *w, const struct shown *shown, struct str page,
	const struct view_parts **out)
{
	struct view_parts *parts;

	*out = NULL;
	if (!shown->parts)
		return OK;
	parts = ctx_calloc(c, 1, sizeof(*parts));
	*out = parts;
	return parts ? view_parts(c, w, shown, page, parts) : ERR_MEMORY;
}

enum err
view_entry(struct ctx *c, const struct web *w, const struct shown *shown, bool single,
	struct view_entry *out)
{
	const struct post_row *post = shown->post;
	int zone = post->published_zone;
	enum err err = site_permalink(c, post->slug, &out->url);

	if (!err)
		err = uid_of(c, post, out->url, &out->uid);
	out->root = str_eq(post->type, S("event")) ? S("h-event") : S("h-entry");
	out->type = post->type;
	out->lang = shown->parts ? shown->parts->lang : (struct str){0};
	out->title = post->name;
	out->summary = post->summary;
	out->content = html_stored(post->html);
	out->single = single;
	out->brief = !single && post->name.n > 0 && post->summary.n > 0;
	out->bare = post->name.n + post->summary.n + post->html.n == 0;
	if (!err)
		err = state_of(c, post, out);
	if (!err)
		err = date_of(c, post->published, zone, &out->published);
	out->updated = NULL;
	if (!err && post->updated)
		err = date_of(c, post->updated, zone, &out->updated);
	if (!err)
		err = parts_of(c, w, shown, single ? (struct str){0} : out->url, &out->parts);
	out->tagged = post->n_tags > 0;
	return err ? err : tags_of(c, post, &out->tags);
}

static enum err
shown_one(struct ctx *c, struct db *db, const struct post_row *post, struct shown *out)
{
	struct post_parts *parts;
	enum err err;

	*out = (struct shown){.post = post};
	if (!post->rich)
		return OK;
	parts = ctx_alloc(c, sizeof(*parts));
	if (!parts)
		return ERR_MEMORY;
	out->parts = parts;
	err = post_parts_read(c, post, parts);
	return err ? err : post_parts_files(c, db, parts);
}

enum err
shown_read(struct ctx *c, struct db *db, const struct post_row *rows, size_t n, struct shown **out)
{
	enum err err = OK;

	*out = NULL;
	if (n == 0)
		return OK;
	*out = ctx_calloc(c, n, sizeof(**out));
	if (!*out)
		return ERR_MEMORY;
	for (size_t i = 0; !err && i < n; i++)
		err = shown_one(c, db, &rows[i], &(*out)[i]);
	return err;
}

enum err
view_feed(struct ctx *c, const struct web *w, const struct shown *shown, struct html *out)
{
	struct view_entry entry = {0};
	struct buf b;
	enum err err;

	*out = html_stored(shown->post->html);
	if (!shown->parts)
		return OK;
	err = view_entry(c, w, shown, true, &entry);
	buf_init(&b, &c->arena, WEB_MAX_HTML);
	if (!err)
		err = tmpl_render(c, w->templates, VIEW_FEED, &entry, &b);
	return err ? err : buf_end(c, &b, &out->s);
}

enum err
view_send(struct ctx *c, struct txn *t, enum view view, const void *data)
{
	struct str body;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, WEB_MAX_HTML);
	err = tmpl_render(c, t->web->templates, view, data, &b);
	if (!err)
		err = buf_end(c, &b, &body);
	if (!err)
		resp_buf(&t->resp, "text/html; charset=utf-8", body);
	return err;
}
