/*
 * From properties to what pages show. Plain content is Markdown, {"html"} is sanitised HTML; both
 * are rendered once, here, when the post is written. What was sent stays beside it untouched.
 */
#include "domain/priv.h"
#include "text/markdown.h"
#include "text/sanitize.h"

enum { TEXT_MAX = 64 * 1024 };

static enum err
content_render(struct ctx *c, const struct json *content, struct html *out)
{
	const struct json *html = json_find(content, S("html"));
	struct str text = json_str(content);

	*out = html_stored((struct str){0});
	if (html)
		return sanitize_html(c, json_str(html), out);
	if (json_kind(content) == JSON_OBJECT)
		text = json_str(json_find(content, S("value")));
	return text.n > 0 ? markdown_html(c, text, out) : OK;
}

/* A post that is nothing but a name is a note whose text, all of it, came under the wrong name. */
static enum err
name_as_content(struct ctx *c, const struct json *properties, struct post_row *row,
	struct html *html)
{
	row->name = (struct str){0};
	return markdown_html(c, json_str(post_first(properties, S("name"))), html);
}

static bool
tag_known(const struct post_row *row, struct str tag)
{
	for (size_t i = 0; i < row->n_tags; i++)
		if (str_eqi(row->tags[i], tag))
			return true;
	return false;
}

/* A category on one line, each slash a hyphen: an encoded slash in a URL is refused everywhere. */
static enum err
tag_make(struct ctx *c, struct str category, struct str *out)
{
	struct str tag;
	struct buf b;
	enum err err = post_fold(c, category, POST_TAG_MAX, &tag);

	if (err != OK)
		return err;
	buf_init(&b, &c->arena, tag.n + 1);
	for (size_t i = 0; i < tag.n; i++)
		buf_putc(&b, tag.p[i] == '/' || tag.p[i] == '\\' ? '-' : tag.p[i]);
	return buf_end(c, &b, out);
}

/*
 * Tags are the categories that are plain text; a person tagged by an h-card stays in the
 * properties. "." and ".." cannot be part of a URL and are no tags.
 */
static enum err
tags_render(struct ctx *c, const struct json *properties, struct post_row *row)
{
	const struct json *values = json_find(properties, S("category"));
	size_t n = json_len(values);
	struct str tag;

	if (n > POST_TAGS_MAX)
		n = POST_TAGS_MAX;
	row->tags = n > 0 ? ctx_calloc(c, n, sizeof(*row->tags)) : NULL;
	if (n > 0 && !row->tags)
		return ERR_MEMORY;
	for (size_t i = 0; i < json_len(values) && row->n_tags < n; i++) {
		enum err err = tag_make(c, json_str(json_at(values, i)), &tag);

		if (err != OK)
			return err;
		if (tag.n > 0 && !str_eq(tag, S(".")) && !str_eq(tag, S("..")) &&
		    !tag_known(row, tag))
			row->tags[row->n_tags++] = tag;
	}
	return OK;
}

static enum err
line_of(struct ctx *c, const struct json *properties, struct str name, size_t max, struct str *out)
{
	return post_fold(c, json_str(post_first(properties, name)), max, out);
}

enum err
post_render(struct ctx *c, const struct post_draft *draft, struct post_row *row)
{
	const struct json *properties = draft->properties;
	struct html html;
	enum err err;

	err = line_of(c, properties, S("name"), POST_NAME_MAX, &row->name);
	if (err != OK)
		return err;
	err = line_of(c, properties, S("summary"), POST_SUMMARY_MAX, &row->summary);
	if (err != OK)
		return err;
	err = content_render(c, post_first(properties, S("content")), &html);
	if (err != OK)
		return err;
	err = html_text(c, html, TEXT_MAX, &row->text);
	if (err != OK)
		return err;
	row->type = post_type_discover(properties, draft->kind,
		row->text.n > 0 ? row->text : row->summary);
	if (str_eq(row->type, S("note")) && html.s.n + row->summary.n == 0 && row->name.n > 0) {
		err = name_as_content(c, properties, row, &html);
		if (err == OK)
			err = html_text(c, html, TEXT_MAX, &row->text);
		if (err != OK)
			return err;
	}
	if (row->name.n > 0 && str_starts(row->text, row->name) && !str_eq(row->type, S("event")))
		row->name = (struct str){0};
	row->html = html.s;
	row->rich = post_parts_any(properties);
	return tags_render(c, properties, row);
}
