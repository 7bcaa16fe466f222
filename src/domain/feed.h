/*
 * Feeds of listed posts. Atom (RFC 4287) first; written entry by entry so that a feed can be
 * streamed: feed_atom_head, feed_atom_entry for each post, feed_atom_tail.
 */
#ifndef DOMAIN_FEED_H
#define DOMAIN_FEED_H

#include "domain/post.h"

MUST enum err feed_atom_head(struct ctx *c, struct buf *b, int64_t updated);
MUST enum err feed_atom_entry(struct ctx *c, struct buf *b, const struct post_row *post);
void feed_atom_tail(struct buf *b);

#endif
