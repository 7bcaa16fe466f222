/*
 * What RSS and Atom write alike, and which files of a post go into a feed.
 */
#include "domain/feed_writers.h"
#include "text/xml.h"

static void
page_put(struct buf *b, const char *name, const char *rel, struct str type, struct str url)
{
	if (url.n == 0)
		return;
	xml_begin(b, name);
	xml_attribute(b, "rel", str_z(rel));
	xml_attribute(b, "type", type);
	xml_attribute(b, "href", url);
	xml_empty(b);
}

void
feed_pages_put(struct buf *b, const char *name, struct str type, const struct feed *feed)
{
	bool paged = feed->next.n > 0 || !str_eq(feed->self, feed->first);

	page_put(b, name, "self", type, feed->self);
	if (paged)
		page_put(b, name, "first", type, feed->first);
	page_put(b, name, "previous", type, feed->previous);
	page_put(b, name, "next", type, feed->next);
}

bool
feed_file_at(const struct feed_item *item, size_t i, const struct post_file **out)
{
	const struct post_parts *parts = item->parts;
	size_t passed = 0;

	if (!parts)
		return false;
	for (size_t k = 0; k < 3; k++) {
		const struct post_files *files = k == 0 ? &parts->audios
			: k == 1			? &parts->videos
							: &parts->photos;

		for (size_t j = 0; j < files->n; j++) {
			if (files->list[j].type.n == 0)
				continue;
			*out = &files->list[j];
			if (passed++ == i)
				return true;
		}
	}
	return false;
}
