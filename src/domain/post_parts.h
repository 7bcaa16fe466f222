/*
 * What a post shows beside its title and text: pictures and players, what it answers, likes or
 * reposts, when and where something is, who is in it, where else it stands, what language it is
 * in. All of it is read out of the stored properties when a page is made, and judged again: whoever
 * put it there, only http and https URLs become links, text is on one line and cut, and lists have
 * an end.
 *
 *	if (row->rich) {
 *		err = post_parts_read(c, row, &parts);
 *		err = post_parts_files(c, db, &parts);
 *	}
 *
 * Vocabulary: microformats2 h-entry, h-event, h-card, h-adr, h-geo, h-cite.
 */
#ifndef DOMAIN_POST_PARTS_H
#define DOMAIN_POST_PARTS_H

#include "domain/post.h"

enum {
	POST_FILES_MAX = 50,		/* pictures of a post that are shown; players likewise */
	POST_CITES_MAX = 20,		/* posts answered, people tagged, copies elsewhere, of each */
	POST_LINK_MAX = 4096,		/* bytes of a URL; longer ones are no links */
	POST_LABEL_MAX = 300,		/* bytes of the name of something */
	POST_ALT_MAX = 2000		/* bytes of a picture's alternative text */
};

/* A picture, a film or a recording. */
struct post_file {
	struct str url;		/* absolute */
	struct str alt;		/* of a picture; may be empty */
	struct str name;	/* path below /media/, if it is ours; empty otherwise */
	struct str type;	/* "image/jpeg"; this and what follows: of uploads we know */
	int64_t bytes;
	int64_t width, height;	/* 0: not known */
	struct str sizes;	/* widths of the smaller pictures that there are: "480 960" */
};

struct post_files {
	struct post_file *list;
	size_t n;
};

/* Something or somebody named: a post elsewhere, a book, a person. url or name is not empty. */
struct post_cite {
	struct str url;		/* absolute; may be empty */
	struct str name;	/* as given, or else the URL as people write it */
	struct str author;	/* may be empty */
};

struct post_cites {
	struct post_cite *list;
	size_t n;
};

/* What a post is to others. */
enum post_relation {
	POST_REPLY,		/* in-reply-to */
	POST_LIKE,		/* like-of */
	POST_REPOST,		/* repost-of */
	POST_BOOKMARK,		/* bookmark-of */
	POST_QUOTATION,		/* quotation-of */
	POST_READ,		/* read-of */
	POST_LISTEN,		/* listen-of */
	POST_WATCH,		/* watch-of */
	POST_RELATION__MAX
};

/* Parts of an address, from the nearest to the widest. */
enum post_address {
	POST_STREET,		/* street-address */
	POST_EXTENDED,		/* extended-address */
	POST_POSTAL_CODE,	/* postal-code */
	POST_LOCALITY,
	POST_REGION,
	POST_COUNTRY,		/* country-name */
	POST_ADDRESS__MAX
};

/* A place. Without a root it is words, in name; without anything it is none. */
struct post_place {
	struct str root;	/* "h-card", "h-adr", "h-geo", or empty */
	struct str name;
	struct str url;		/* absolute */
	struct str address[POST_ADDRESS__MAX];
	struct str latitude, longitude;	/* decimal degrees; both or none */
};

/* A moment, or a day. */
struct post_time {
	bool set;
	bool day;		/* a date alone */
	int64_t seconds;
	int zone;		/* minutes */
};

struct post_parts {
	struct post_files photos, videos, audios, featured;
	struct post_cites relations[POST_RELATION__MAX];
	struct post_cites people;	/* tagged: categories that are h-cards */
	struct post_cites syndication;
	struct str rsvp;		/* "yes", "no", "maybe", "interested", or empty */
	struct str lang;		/* language tag of what the author wrote; empty: the site's */
	struct str read_status;		/* "to-read", "reading", "finished", or empty */
	struct post_time start, end;	/* of an event */
	struct post_place location, checkin;
};

/* True if the properties hold anything that post_parts_read() would look at: row->rich. */
bool post_parts_any(const struct json *properties);

/* The parts of a row that has its mf2. A row without, or whose mf2 is no JSON, has no parts. */
MUST enum err post_parts_read(struct ctx *c, const struct post_row *row, struct post_parts *out);

/* Fills in what is known of files that were uploaded here. One statement a file. */
MUST enum err post_parts_files(struct ctx *c, struct db *db, struct post_parts *parts);

/* False for a place that says nothing. */
bool post_place_known(const struct post_place *place);

/*
 * What a post without title and text is called: "Liked bob.example/7", "Checked in at Café Nord",
 * "Photo, 1 March 2026". parts may be NULL. Plain text, on one line.
 */
MUST enum err post_label(struct ctx *c, const struct post_row *row, const struct post_parts *parts,
	struct str *out);

/*
 * A title for any post, plain text on one line, never empty: its name, or the first words of its text
 * or summary, or its label. Of the row it looks at type, name, summary, html and published.
 */
enum { POST_TITLE_CHARS = 60 };
MUST enum err post_title(struct ctx *c, const struct post_row *row, const struct post_parts *parts,
	struct str *out);

/*
 * The URL of a smaller picture of an upload: "https://ada.example/media/ab/cdef-480.webp" for the
 * width 480 and the suffix ".webp".
 */
MUST enum err post_file_size(struct ctx *c, const struct post_file *file, struct str width,
	struct str suffix, struct str *out);

#endif
