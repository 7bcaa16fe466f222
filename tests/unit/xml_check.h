/*
 * A second opinion on XML that we wrote: reads it with a grammar much narrower than XML's, and says
 * what is wrong. For the feeds' tests and fuzz targets.
 */
#ifndef UNIT_XML_CHECK_H
#define UNIT_XML_CHECK_H

#include "base/enc.h"
#include "base/str.h"

enum { XML_CHECK_DEPTH = 16 };

struct xml_check {
	struct str xml;
	size_t at;
	struct str open[XML_CHECK_DEPTH];
	size_t depth;
	const char *problem; /* NULL: none yet */
};

static inline bool
xml_check_fail(struct xml_check *x, const char *problem)
{
	if (!x->problem)
		x->problem = problem;
	return false;
}

/* Text up to one of the ends; escaped as we escape, of characters that XML 1.0 has. */
static inline bool
xml_check_text(struct xml_check *x, const char *ends)
{
	static const char *const entities[] = {"amp;", "lt;", "gt;", "quot;", "#39;", "#13;", "#x26;",
		"#x3C;"};

	while (x->at < x->xml.n && !strchr(ends, x->xml.p[x->at])) {
		struct str rest = str_sub(x->xml, x->at + 1, x->xml.n);
		unsigned ch = enc_utf8_next(x->xml, &x->at);
		bool known = ch != '&';

		for (size_t i = 0; !known && i < sizeof(entities) / sizeof(entities[0]); i++)
			known = str_starts(rest, str_z(entities[i]));
		if (!known)
			return xml_check_fail(x, "an ampersand is not escaped");
		if (ch == '<' || ch == '>' || ch == '"')
			return xml_check_fail(x, "a sign is not escaped");
		if ((ch < 0x20 && ch != '\t' && ch != '\n') || ch == 0xFFFE || ch == 0xFFFF)
			return xml_check_fail(x, "a character is forbidden");
	}
	return x->at < x->xml.n || xml_check_fail(x, "it ends too early");
}

static inline struct str
xml_check_name(struct xml_check *x)
{
	size_t from = x->at;

	while (x->at < x->xml.n && !strchr(" =/>?", x->xml.p[x->at]))
		x->at++;
	return str_sub(x->xml, from, x->at);
}

/* Attributes, up to what ends the tag. */
static inline bool
xml_check_attributes(struct xml_check *x)
{
	while (x->at < x->xml.n && x->xml.p[x->at] == ' ') {
		x->at++;
		if (xml_check_name(x).n == 0 ||
			!str_starts(str_sub(x->xml, x->at, x->xml.n), S("=\"")))
			return xml_check_fail(x, "an attribute is malformed");
		x->at += 2;
		if (!xml_check_text(x, "\""))
			return false;
		x->at++;
	}
	return true;
}

/* A tag; x->at stands behind its "<". */
static inline bool
xml_check_tag(struct xml_check *x)
{
	bool closing = x->at < x->xml.n && x->xml.p[x->at] == '/';
	struct str name, rest;

	x->at += closing;
	name = xml_check_name(x);
	if (closing) {
		if (x->depth == 0 || !str_eq(name, x->open[--x->depth]))
			return xml_check_fail(x, "the wrong element ends");
	} else if (!xml_check_attributes(x)) {
		return false;
	}
	rest = str_sub(x->xml, x->at, x->xml.n);
	if (!closing && str_starts(rest, S("/>"))) {
		x->at += 2;
		return true;
	}
	if (!str_starts(rest, S(">")) || name.n == 0)
		return xml_check_fail(x, "a tag is malformed");
	x->at++;
	if (!closing && x->depth == XML_CHECK_DEPTH)
		return xml_check_fail(x, "it is too deep");
	if (!closing)
		x->open[x->depth++] = name;
	return true;
}

/* What is wrong with a document, or a part of one; NULL: nothing. */
static inline const char *
xml_check(struct str xml)
{
	struct xml_check x = {.xml = xml};

	if (!enc_utf8_valid(xml))
		return "it is not UTF-8";
	while (str_starts(str_sub(xml, x.at, xml.n), S("<?")))
		x.at = str_search(xml, S("?>\n"), x.at) + 3;
	while (x.at < xml.n && !x.problem) {
		if (xml.p[x.at] == '<') {
			x.at++;
			(void)xml_check_tag(&x);
		} else if (xml.p[x.at] == '\n' && x.depth == 0) {
			x.at++;
		} else if (x.depth == 0) {
			return "text stands outside of elements";
		} else {
			(void)xml_check_text(&x, "<");
		}
	}
	if (!x.problem && x.depth > 0)
		return "an element does not end";
	return x.problem;
}

#endif
