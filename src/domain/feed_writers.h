/*
 * The writers of tables/feeds.def, and what several of them write alike.
 */
#ifndef DOMAIN_FEED_WRITERS_H
#define DOMAIN_FEED_WRITERS_H

#include "domain/feed.h"

#define FEED(sym, extension, type, others, version, name, writer) \
	extern const struct feed_writer writer;
#include "tables/feeds.def"
#undef FEED

/*
 * The pages of a feed that this one knows of, as links of Atom (RFC 5005 section 3), whose element is
 * called name; with itself, of that media type.
 */
void feed_pages_put(struct buf *b, const char *name, struct str type, const struct feed *feed);

/*
 * The files of a post that readers may fetch by themselves: those that were uploaded here, of which
 * type and length are known. What is elsewhere is shown or linked in the HTML. In the order in which
 * readers that take one file only should take them: audio, video, pictures; false beyond the last.
 */
bool feed_file_at(const struct feed_item *item, size_t i, const struct post_file **out);

#endif
