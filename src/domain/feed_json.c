/*
 * JSON Feed 1.1. A member that has nothing to say is left out: the format knows neither null nor
 * empty strings.
 */
#include "base/time.h"
#include "domain/feed_writers.h"
#include "text/json.h"


static void
name_put(struct buf *b, const char *name, bool first)
{
	if (!first)
		buf_puts(b, ",");
	json_escape(b, str_z(name));
	buf_putc(b, ':');
}

/* A member that is not the object's first; nothing if it is empty. */
static void
member(struct buf *b, const char *name, struct str value)
{
	if (value.n == 0)
		return;
	name_put(b, name, false);
	json_escape(b, value);
}

static void
moment(struct buf *b, const char *name, int64_t seconds, int zone)
{
	name_put(b, name, false);
	buf_putc(b, '"');
	time_rfc3339(b, seconds, zone);
	buf_putc(b, '"');
}

static void
json_head(struct buf *b, const struct feed *feed)
{
	buf_putc(b, '{');
	name_put(b, "version", true);
	json_escape(b, S("https://jsonfeed.org/version/1.1"));
	member(b, "title", feed->title);
	member(b, "home_page_url", feed->home);
	member(b, "feed_url", feed->self);
	member(b, "description", feed->about);
	member(b, "next_url", feed->next);
	member(b, "icon", feed->large_icon);
	member(b, "favicon", feed->icon);
	member(b, "language", feed->language);
	name_put(b, "authors", false);
	buf_puts(b, "[{");
	name_put(b, "name", true);
	json_escape(b, feed->author);
	member(b, "url", feed->author_url);
	member(b, "avatar", feed->author_photo);
	buf_puts(b, "}]");
	name_put(b, "items", false);
	buf_puts(b, "[\n");
}

static void
tags_put(struct buf *b, const struct post_row *post)
{
	if (post->n_tags == 0)
		return;
	name_put(b, "tags", false);
	for (size_t i = 0; i < post->n_tags; i++) {
		buf_putc(b, i > 0 ? ',' : '[');
		json_escape(b, post->tags[i]);
	}
	buf_putc(b, ']');
}

static void
attachments_put(struct buf *b, const struct feed_item *item)
{
	const struct post_file *file;
	size_t n;

	for (n = 0; feed_file_at(item, n, &file); n++) {
		if (n == 0) {
			name_put(b, "attachments", false);
			buf_putc(b, '[');
		} else {
			buf_putc(b, ',');
		}
		buf_putc(b, '{');
		name_put(b, "url", true);
		json_escape(b, file->url);
		member(b, "mime_type", file->type);
		name_put(b, "size_in_bytes", false);
		buf_puti(b, file->bytes);
		buf_putc(b, '}');
	}
	if (n > 0)
		buf_putc(b, ']');
}

/* What the post is about elsewhere, where it is a bookmark. */
static struct str
external(const struct feed_item *item)
{
	const struct post_cites *of;

	if (!item->parts)
		return (struct str){0};
	of = &item->parts->relations[POST_BOOKMARK];
	return of->n > 0 ? of->list[0].url : (struct str){0};
}

static enum err
json_item(struct ctx *c, struct buf *b, const struct feed *feed, const struct feed_item *item,
	bool first)
{
	const struct post_row *post = item->post;

	(void)c;
	(void)feed;
	if (!first)
		buf_puts(b, ",\n");
	buf_putc(b, '{');
	name_put(b, "id", true);
	json_escape(b, item->id);
	member(b, "url", item->permalink);
	member(b, "external_url", external(item));
	member(b, "title", post->name);
	member(b, "content_html", item->html);
	if (item->html.n == 0)
		member(b, "content_text", item->title);
	member(b, "summary", post->summary);
	member(b, "image", item->picture);
	member(b, "language", item->language);
	moment(b, "date_published", post->published, post->published_zone);
	if (post->updated)
		moment(b, "date_modified", post->updated, post->published_zone);
	tags_put(b, post);
	attachments_put(b, item);
	buf_putc(b, '}');
	return OK;
}

static void
json_tail(struct buf *b)
{
	buf_puts(b, "\n]}\n");
}

const struct feed_writer feed_json = {json_head, json_item, json_tail};
