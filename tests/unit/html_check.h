/*
 * A second opinion on sanitised HTML: reads it with a grammar much narrower than HTML's and lists
 * of its own, and says what does not belong there. For the sanitizer's tests and fuzz targets.
 */
#ifndef UNIT_HTML_CHECK_H
#define UNIT_HTML_CHECK_H

#include "base/enc.h"
#include "base/str.h"

#include <stdio.h>

#define HTML_CHECK_ELEMENTS                                                                        \
	"a abbr audio b bdi bdo blockquote br caption cite code dd del details dfn div dl dt em "  \
	"figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s "    \
	"samp "                                                                                    \
	"small source span strong sub summary sup table tbody td tfoot th thead time tr u ul var " \
	"video wbr"
#define HTML_CHECK_ATTRIBUTES                                                                      \
	"alt cite class colspan controls datetime dir height href id lang loop muted open "  \
	"poster reversed rowspan scope src start title type value width"

/*
 * Whether the URL (escaped text) is relative or of a harmless scheme. A scheme is letters, digits,
 * "+", "-" and "."; a browser ignores white space and controls in it, so there must be none.
 */
static inline bool
html_check_url(struct str v)
{
	size_t end = 0;

	for (size_t i = 0; i < v.n; i++)
		if ((unsigned char)v.p[i] < 0x20)
			return false;
	while (end < v.n &&
		((v.p[end] >= '0' && v.p[end] <= '9') || (v.p[end] >= 'a' && v.p[end] <= 'z') ||
			(v.p[end] >= 'A' && v.p[end] <= 'Z') || strchr("+-.", v.p[end])))
		end++;
	if (end == v.n || v.p[end] != ':')
		return v.n > 0 && v.p[0] != ' ' && !str_starts(str_sub(v, end, v.n), S("&#1"));
	v = str_sub(v, 0, end);
	return str_eqi(v, S("http")) || str_eqi(v, S("https")) || str_eqi(v, S("mailto")) ||
	       str_eqi(v, S("tel"));
}

static inline bool
html_check_attribute(struct str name, struct str value)
{
	if (!str_has_word(S(HTML_CHECK_ATTRIBUTES), name))
		return false;
	if (str_eq(name, S("id")))
		return str_starts(value, S("fn:")) || str_starts(value, S("fnref:"));
	if (str_eq(name, S("class")))
		return (str_starts(value, S("language-")) && str_find(value, ' ', 0) == value.n) ||
			str_has_word(S("align-left align-center align-right"), value);
	if (str_eq(name, S("href")) || str_eq(name, S("src")) || str_eq(name, S("cite")) ||
		str_eq(name, S("poster")))
		return html_check_url(value);
	return true;
}

/* Past the tag at h.p[at] == '<'; 0 if it is not one that the sanitizer writes. */
static inline size_t
html_check_tag(struct str h, size_t at)
{
	bool end = at + 1 < h.n && h.p[at + 1] == '/';
	size_t from = at + 1 + end;

	for (at = from; at < h.n && h.p[at] != ' ' && h.p[at] != '>';)
		at++;
	if (!str_has_word(S(HTML_CHECK_ELEMENTS), str_sub(h, from, at)))
		return 0;
	while (at < h.n && h.p[at] == ' ' && !end) {
		struct str name, value = {0};

		for (from = ++at; at < h.n && !strchr(" =>", h.p[at]);)
			at++;
		name = str_sub(h, from, at);
		if (at + 1 < h.n && h.p[at] == '=' && h.p[at + 1] == '"') {
			from = at + 2;
			at = str_find(h, '"', from);
			value = str_sub(h, from, at++);
		}
		if (str_find(value, '<', 0) < value.n || !html_check_attribute(name, value))
			return 0;
	}
	return at < h.n && h.p[at] == '>' ? at + 1 : 0;
}

/* NULL if h is harmless, or the place where it is not. */
static inline const char *
html_check(struct str h)
{
	if (!enc_utf8_valid(h))
		return "bad UTF-8";
	for (size_t at = 0; at < h.n;) {
		unsigned char ch = (unsigned char)h.p[at];

		if (ch == '>' || ch == '"' || ch == 0x7F || (ch < 0x20 && ch != '\n' && ch != '\t'))
			return h.p + at;
		if (ch == '<') {
			size_t next = html_check_tag(h, at);

			if (next == 0)
				return h.p + at;
			at = next;
		} else {
			at++;
		}
	}
	return NULL;
}

#endif
