/*
 * Names for what has neither title nor text, for the head of its page and for feeds, which cannot
 * do without: what the post says of something else, or else what it is and of which day.
 */
#include "base/time.h"
#include "domain/post_kind.h"
#include "domain/post_parts.h"
#include "domain/priv.h"

/* What is said of something else, in the order in which it makes a post's type. */
static const struct {
	enum post_relation relation;
	const char *words;
} sayings[] = {
	{POST_REPOST, "Reposted"},
	{POST_LIKE, "Liked"},
	{POST_REPLY, "In reply to"},
	{POST_BOOKMARK, "Bookmarked"},
	{POST_QUOTATION, "Quoted"},
	{POST_READ, "Read"},
	{POST_LISTEN, "Listened to"},
	{POST_WATCH, "Watched"},
};

/* "Photo, 1 March 2026" */
static enum err
label_of_time(struct ctx *c, const struct post_row *row, struct str *out)
{
	const struct post_kind *kind = post_kind_find(row->type);
	struct str words = kind ? kind->singular : S("Post");
	struct time_parts p;

	time_split(row->published, row->published_zone, &p);
	return ctx_printf(
		c, out, "%.*s, %d %s %d", STR(words), p.day, time_month_long(p.month), p.year);
}

static const char *
answer_words(struct str rsvp)
{
	if (str_eq(rsvp, S("yes")))
		return "Going to";
	if (str_eq(rsvp, S("no")))
		return "Not going to";
	return str_eq(rsvp, S("maybe")) ? "Maybe going to" : "Interested in";
}

static const char *
reading_words(struct str status)
{
	if (str_eq(status, S("to-read")))
		return "Wants to read";
	return str_eq(status, S("reading")) ? "Reading" : "Finished reading";
}

static enum err
say(struct ctx *c, const char *words, struct str of, struct str *out)
{
	return ctx_printf(c, out, "%s %.*s", words, STR(of));
}

enum err
post_label(struct ctx *c, const struct post_row *row, const struct post_parts *parts,
	struct str *out)
{
	const struct post_cites *reply = parts ? &parts->relations[POST_REPLY] : NULL;

	if (!parts)
		return label_of_time(c, row, out);
	if (parts->rsvp.n > 0 && reply->n > 0)
		return say(c, answer_words(parts->rsvp), reply->list[0].name, out);
	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		const struct post_cites *of = &parts->relations[sayings[i].relation];
		const char *words = sayings[i].words;

		if (of->n == 0)
			continue;
		if (sayings[i].relation == POST_READ && parts->read_status.n > 0)
			words = reading_words(parts->read_status);
		return say(c, words, of->list[0].name, out);
	}
	if (parts->checkin.name.n > 0)
		return say(c, "Checked in at", parts->checkin.name, out);
	return label_of_time(c, row, out);
}
