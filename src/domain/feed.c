/*
 * What all formats have in common: the feed as a whole, and a post made ready to be written. Whatever
 * a format leaves to taste is decided here, so that readers see the same in all of them.
 */
#include "domain/feed.h"

#include "core/config.h"
#include "domain/feed_writers.h"
#include "domain/settings.h"
#include "domain/site.h"
#include "text/xml.h"

const struct feed_kind feed_kinds[FEED__MAX] = {
#define FEED(sym, extension, type, others, version, name, writer)                         \
	[FEED_##sym] = {S_INIT(extension), S_INIT(type), S_INIT(others), S_INIT(version), \
		S_INIT(name), &writer},
#include "tables/feeds.def"
#undef FEED
};

enum feed_format
feed_format_find(struct str extension)
{
	enum feed_format f = 0;

	while (f < FEED__MAX && !str_eq(feed_kinds[f].extension, extension))
		f++;
	return f;
}

/* ---- the feed as a whole --------------------------------------------------------------------- */

/* The page of a feed behind a post; url itself if before is empty. */
static enum err
page_url(struct ctx *c, struct str url, struct str before, struct str *out)
{
	*out = url;
	return before.n > 0 ? site_url_query(c, url, S("before"), before, out) : OK;
}

static enum err
pages_make(struct ctx *c, const struct feed_place *place, struct feed *feed)
{
	enum err err = page_url(c, feed->first, place->before, &feed->self);

	feed->previous = feed->next = (struct str){0};
	if (!err && place->has_previous)
		err = page_url(c, feed->first, place->previous, &feed->previous);
	if (!err && place->next.n > 0)
		err = page_url(c, feed->first, place->next, &feed->next);
	return err;
}

enum err
feed_make(struct ctx *c, struct str heading, const struct feed_place *place, struct feed *feed)
{
	struct str name = site_name(c);
	enum err err = pages_make(c, place, feed);

	feed->title = name;
	feed->about = setting_text(c, SETTING_author_note);
	feed->author = site_author(c);
	feed->language = str_z(c->cfg->language);
	if (!err && heading.n > 0)
		err = ctx_printf(c, &feed->title, "%.*s · %.*s", STR(heading), STR(name));
	if (!err)
		err = site_id(c, feed->first, &feed->id);
	if (!err)
		err = site_url(c, S("/"), &feed->author_url);
	return err ? err : site_photo(c, &feed->author_photo);
}

int64_t
feed_updated(const struct post_list *posts, int64_t since)
{
	for (size_t i = 0; i < posts->n; i++) {
		const struct post_row *post = &posts->rows[i];

		if (post->published > since)
			since = post->published;
		if (post->updated > since)
			since = post->updated;
	}
	return since;
}

/* ---- how much goes into it ------------------------------------------------------------------- */

enum { ITEM_BYTES = 2000, LINE_BYTES = 400, WORST = 6 };

static size_t
files_bytes(const struct post_files *files)
{
	size_t n = 0;

	for (size_t i = 0; i < files->n; i++)
		n += 2 * LINE_BYTES + 2 * WORST * (files->list[i].alt.n + files->list[i].url.n);
	return n;
}

static size_t
cites_bytes(const struct post_cites *cites)
{
	size_t n = 0;

	for (size_t i = 0; i < cites->n; i++)
		n += LINE_BYTES + WORST * (4 * cites->list[i].url.n + cites->list[i].name.n +
						  cites->list[i].author.n);
	return n;
}

static size_t
parts_bytes(const struct post_parts *parts)
{
	size_t n = files_bytes(&parts->featured) + files_bytes(&parts->photos) +
		files_bytes(&parts->videos) + files_bytes(&parts->audios) +
		cites_bytes(&parts->people) + cites_bytes(&parts->syndication);

	for (size_t i = 0; i < POST_RELATION__MAX; i++)
		n += cites_bytes(&parts->relations[i]);
	return n;
}

/*
 * An upper bound of what a post makes in any format: XML escapes more than JSON does, and RSS gives
 * the beginning of the HTML twice.
 */
static size_t
item_bytes(const struct post_row *post, const struct post_parts *parts)
{
	size_t n = ITEM_BYTES + WORST * (post->name.n + 2 * post->summary.n + 4 * post->slug.n);

	n += xml_length(str_sub(post->html, 0, FEED_CONTENT_MAX));
	n += xml_length(str_sub(post->html, 0, FEED_BRIEF_MAX));
	for (size_t i = 0; i < post->n_tags; i++)
		n += LINE_BYTES / 10 + WORST * post->tags[i].n;
	return parts ? n + parts_bytes(parts) : n;
}

size_t
feed_fit(const struct post_list *posts, const struct post_parts *const *parts)
{
	size_t n = 0, bytes = 0;

	for (; n < posts->n; n++) {
		bytes += item_bytes(&posts->rows[n], parts[n]);
		if (bytes > FEED_BYTES_MAX && n > 0)
			break;
	}
	return n;
}

/* ---- a post ---------------------------------------------------------------------------------- */

static struct str
item_picture(const struct post_parts *parts)
{
	if (parts && parts->featured.n > 0)
		return parts->featured.list[0].url;
	return parts && parts->photos.n > 0 ? parts->photos.list[0].url : (struct str){0};
}

enum err
feed_item_make(struct ctx *c, const struct post_row *post, const struct post_parts *parts,
	struct html content, struct feed_item *out)
{
	enum err err = site_url(c, post->uid, &out->id);

	out->post = post;
	out->parts = parts;
	out->picture = item_picture(parts);
	out->language = parts ? parts->lang : (struct str){0};
	if (err == OK)
		err = site_id(c, out->id, &out->id);
	if (err == OK)
		err = site_permalink(c, post->slug, &out->permalink);
	if (err == OK)
		err = post_title(c, post, parts, &out->title);
	if (err == OK)
		err = feed_html(c, html_stored(str_trim(content.s)), out->permalink,
			FEED_CONTENT_MAX, &out->html);
	return err;
}
