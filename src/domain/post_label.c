/*
 * Names for what has neither title nor text, for the head of its page and for feeds, which cannot
 * do without: what the post says of something else, or else what it is and of which day. And titles
 * for all that has no name, which are made of the text where there is one.
 */
#include "base/enc.h"
#include "domain/post_kind.h"
#include "domain/post_parts.h"
#include "domain/priv.h"
#include "text/date.h"
#include "text/words.h"

/* What is said of something else, in the order in which it makes a post's type. */
static const struct {
	enum post_relation relation;
	const char *words;
} sayings[] = {
	{POST_REPOST, N_("Reposted %.*s")},
	{POST_LIKE, N_("Liked %.*s")},
	{POST_REPLY, N_("In reply to %.*s")},
	{POST_BOOKMARK, N_("Bookmarked %.*s")},
	{POST_QUOTATION, N_("Quoted %.*s")},
	{POST_READ, N_("Read %.*s")},
	{POST_LISTEN, N_("Listened to %.*s")},
	{POST_WATCH, N_("Watched %.*s")},
};

/* "Photo, 1 March 2026" */
static enum err
label_of_time(struct ctx *c, const struct post_row *row, struct str *out)
{
	const struct post_kind *kind = post_kind_find(row->type);
	struct str words = kind ? kind->singular : S(N_("Post")), day;
	enum err err = date_text(c, DATE_DAY, row->published, row->published_zone, &day);

	words = tr_text(c, words);
	return err ? err : ctx_printf(c, out, tr(c, "%.*s, %.*s"), STR(words), STR(day));
}

static const char *
answer_words(struct str rsvp)
{
	if (str_eq(rsvp, S("yes")))
		return N_("Going to %.*s");
	if (str_eq(rsvp, S("no")))
		return N_("Not going to %.*s");
	return str_eq(rsvp, S("maybe")) ? N_("Maybe going to %.*s") : N_("Interested in %.*s");
}

static const char *
reading_words(struct str status)
{
	if (str_eq(status, S("to-read")))
		return N_("Wants to read %.*s");
	return str_eq(status, S("reading")) ? N_("Reading %.*s") : N_("Finished reading %.*s");
}

static enum err
say(struct ctx *c, const char *words, struct str of, struct str *out)
{
	return ctx_printf(c, out, tr(c, words), STR(of));
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
		return say(c, N_("Checked in at %.*s"), parts->checkin.name, out);
	return label_of_time(c, row, out);
}

/* ---- titles ---------------------------------------------------------------------------------- */

/* The first so many characters, cut between words where that loses no more than a third. */
static struct str
title_cut(struct str text)
{
	size_t at = 0, space = 0;

	for (size_t chars = 0; at < text.n && chars < POST_TITLE_CHARS; chars++) {
		if (text.p[at] == ' ' && chars > POST_TITLE_CHARS * 2 / 3)
			space = at;
		(void)enc_utf8_next(text, &at);
	}
	if (at < text.n && text.p[at] != ' ' && space > 0)
		at = space;
	return str_sub(text, 0, at);
}

enum err
post_title(struct ctx *c, const struct post_row *post, const struct post_parts *parts,
	struct str *out)
{
	struct str text, cut;
	enum err err;

	*out = post->name;
	if (out->n > 0)
		return OK;
	err = html_text(c, html_stored(post->html), 8 * POST_TITLE_CHARS, &text);
	if (err != OK)
		return err;
	if (text.n == 0)
		text = post->summary;
	cut = title_cut(text);
	if (cut.n == 0)
		return post_label(c, post, parts, out);
	if (cut.n < text.n)
		return ctx_printf(c, out, "%.*s…", STR(cut));
	*out = cut;
	return OK;
}
