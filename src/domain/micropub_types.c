/*
 * The post types that this site shows, as clients are told of them (q=post-types), so that an
 * editor can offer a form for each. One row a type: what makes it one comes first among its
 * properties.
 */
#include "domain/priv.h"

enum { PROPERTIES_MAX = 16 };

struct type {
	struct str type;
	struct str name;
	struct str h;
	size_t n_required;	/* of the properties, the first ones */
	const char *properties;	/* separated by spaces */
};

#define TEXT " category published post-status visibility"
static const struct type types[] = {
	{S_INIT("note"), S_INIT("Note"), S_INIT("entry"), 1,
		"content location syndication" TEXT},
	{S_INIT("article"), S_INIT("Article"), S_INIT("entry"), 2,
		"name content summary featured location syndication" TEXT},
	{S_INIT("photo"), S_INIT("Photo"), S_INIT("entry"), 1,
		"photo content name summary location syndication" TEXT},
	{S_INIT("video"), S_INIT("Video"), S_INIT("entry"), 1,
		"video content name summary location syndication" TEXT},
	{S_INIT("audio"), S_INIT("Audio"), S_INIT("entry"), 1,
		"audio content name summary location syndication" TEXT},
	{S_INIT("reply"), S_INIT("Reply"), S_INIT("entry"), 2,
		"in-reply-to content photo syndication" TEXT},
	{S_INIT("like"), S_INIT("Like"), S_INIT("entry"), 1, "like-of content" TEXT},
	{S_INIT("repost"), S_INIT("Repost"), S_INIT("entry"), 1, "repost-of content" TEXT},
	{S_INIT("bookmark"), S_INIT("Bookmark"), S_INIT("entry"), 1,
		"bookmark-of name content summary" TEXT},
	{S_INIT("rsvp"), S_INIT("RSVP"), S_INIT("entry"), 2, "rsvp in-reply-to content" TEXT},
	{S_INIT("event"), S_INIT("Event"), S_INIT("event"), 2,
		"name start end location content summary photo" TEXT},
	{S_INIT("checkin"), S_INIT("Check-in"), S_INIT("entry"), 1,
		"checkin content photo location" TEXT},
	{S_INIT("read"), S_INIT("Read"), S_INIT("entry"), 1, "read-of read-status content" TEXT},
	{S_INIT("listen"), S_INIT("Listen"), S_INIT("entry"), 1, "listen-of content" TEXT},
};

static enum err
put_type(struct ctx *c, const struct type *type, struct json *list)
{
	struct str rest = str_z(type->properties), names[PROPERTIES_MAX];
	struct json *row;
	size_t n = 0;
	enum err err = json_object(c, &row);

	while (rest.p && n < PROPERTIES_MAX)
		names[n++] = str_cut(&rest, ' ');
	if (err == OK)
		err = json_set_str(c, row, S("type"), type->type);
	if (err == OK)
		err = json_set_str(c, row, S("name"), type->name);
	if (err == OK)
		err = json_set_str(c, row, S("h"), type->h);
	if (err == OK)
		err = query_set_texts(c, row, S("properties"), names, n);
	if (err == OK)
		err = query_set_texts(
			c, row, S("required-properties"), names, type->n_required);
	return err == OK ? json_push(c, list, row) : err;
}

enum err
micropub_put_types(struct ctx *c, struct json *out)
{
	struct json *list;
	enum err err = json_array(c, &list);

	for (size_t i = 0; err == OK && i < sizeof(types) / sizeof(types[0]); i++)
		err = put_type(c, &types[i], list);
	return err == OK ? json_set(c, out, S("post-types"), list) : err;
}
