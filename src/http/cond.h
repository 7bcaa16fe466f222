/*
 * Conditional requests (RFC 9110 section 13) and content negotiation (section 12).
 */
#ifndef HTTP_COND_H
#define HTTP_COND_H

#include "http/req.h"

enum cond { COND_PROCEED, COND_NOT_MODIFIED, COND_FAILED };

/*
 * What the request's conditions say about a representation with this entity tag (quotes and W/
 * included; empty: none) and modification time (seconds; 0: unknown), in the order of section
 * 13.2.2. Only to be asked when the plain answer would be 2xx. A malformed list matches nothing, an
 * invalid or future date is as if not sent; of a list the first 100 tags count.
 */
enum cond cond_check(const struct req *q, struct str etag, int64_t modified, int64_t now);

/*
 * The quality (0 to 1000) that an Accept header gives to a media type ("text/html"), by the most
 * specific match; 1000 when the header is absent, empty or malformed. A range with parameters fits
 * the type, less closely than one without. Of a list the first 100 ranges count.
 */
int accept_quality(struct str header, struct str type);

/*
 * True if JSON is what the client asked for rather than HTML: it ranks higher, or as high while
 * only JSON is named and HTML comes in by a wildcard.
 */
bool accept_prefers_json(const struct req *q);

/*
 * The one of n offers that the client ranks highest; n if it takes none of them. An offer is one or more
 * media types, separated by spaces, the one that it will have first: whichever of them the header
 * speaks of most closely decides. Among equals the one that is named is before one that comes in by a
 * wildcard, and then the first.
 */
size_t accept_choose(struct str header, const struct str *offers, size_t n);

#endif
