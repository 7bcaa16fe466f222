/*
 * The allow-list: elements, their attributes, and what may be in them. An element that is not here
 * loses its tags and keeps its content, unless that content is not for reading.
 */
#include "text/sanitize_priv.h"

enum {
	KEEP = SANITIZE_KEEP,
	KILL = SANITIZE_KILL,
	EMPTY = SANITIZE_EMPTY,
	BLOCK = SANITIZE_BLOCK,
	AS_IS = SANITIZE_AS_IS,
};

static const struct sanitize_rule rules[GUMBO_TAG_LAST] = {
	[GUMBO_TAG_P] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_DIV] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_H1] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_H2] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_H3] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_H4] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_H5] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_H6] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_HR] = {KEEP | BLOCK | EMPTY, ""},
	[GUMBO_TAG_BLOCKQUOTE] = {KEEP | BLOCK, "cite"},
	[GUMBO_TAG_PRE] = {KEEP | BLOCK | AS_IS, ""},
	[GUMBO_TAG_UL] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_OL] = {KEEP | BLOCK, "start reversed type"},
	[GUMBO_TAG_LI] = {KEEP | BLOCK, "value id"},
	[GUMBO_TAG_DL] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_DT] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_DD] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_FIGURE] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_FIGCAPTION] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_DETAILS] = {KEEP | BLOCK, "open"},
	[GUMBO_TAG_SUMMARY] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_TABLE] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_CAPTION] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_THEAD] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_TBODY] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_TFOOT] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_TR] = {KEEP | BLOCK, ""},
	[GUMBO_TAG_TH] = {KEEP | BLOCK, "colspan rowspan scope style"},
	[GUMBO_TAG_TD] = {KEEP | BLOCK, "colspan rowspan style"},
	[GUMBO_TAG_A] = {KEEP | AS_IS, "href"},
	[GUMBO_TAG_EM] = {KEEP, ""},
	[GUMBO_TAG_STRONG] = {KEEP, ""},
	[GUMBO_TAG_B] = {KEEP, ""},
	[GUMBO_TAG_I] = {KEEP, ""},
	[GUMBO_TAG_U] = {KEEP, ""},
	[GUMBO_TAG_S] = {KEEP, ""},
	[GUMBO_TAG_DEL] = {KEEP, "cite datetime"},
	[GUMBO_TAG_INS] = {KEEP, "cite datetime"},
	[GUMBO_TAG_CODE] = {KEEP | AS_IS, "class"},
	[GUMBO_TAG_KBD] = {KEEP | AS_IS, ""},
	[GUMBO_TAG_SAMP] = {KEEP | AS_IS, ""},
	[GUMBO_TAG_VAR] = {KEEP, ""},
	[GUMBO_TAG_SUB] = {KEEP, ""},
	[GUMBO_TAG_SUP] = {KEEP, "id"},
	[GUMBO_TAG_MARK] = {KEEP, ""},
	[GUMBO_TAG_SMALL] = {KEEP, ""},
	[GUMBO_TAG_Q] = {KEEP, "cite"},
	[GUMBO_TAG_CITE] = {KEEP, ""},
	[GUMBO_TAG_ABBR] = {KEEP, ""},
	[GUMBO_TAG_DFN] = {KEEP, ""},
	[GUMBO_TAG_TIME] = {KEEP, "datetime"},
	[GUMBO_TAG_RUBY] = {KEEP, ""},
	[GUMBO_TAG_RT] = {KEEP, ""},
	[GUMBO_TAG_RP] = {KEEP, ""},
	[GUMBO_TAG_SPAN] = {KEEP, ""},
	[GUMBO_TAG_BDI] = {KEEP, ""},
	[GUMBO_TAG_BDO] = {KEEP, ""},
	[GUMBO_TAG_BR] = {KEEP | BLOCK | EMPTY, ""},
	[GUMBO_TAG_WBR] = {KEEP | EMPTY, ""},
	[GUMBO_TAG_IMG] = {KEEP | EMPTY, "src alt width height"},
	[GUMBO_TAG_VIDEO] = {KEEP, "src poster width height loop muted"},
	[GUMBO_TAG_AUDIO] = {KEEP, "src loop muted"},
	[GUMBO_TAG_SOURCE] = {KEEP | EMPTY, "src type"},
	[GUMBO_TAG_SCRIPT] = {KILL, NULL},
	[GUMBO_TAG_STYLE] = {KILL, NULL},
	[GUMBO_TAG_NOSCRIPT] = {KILL, NULL},
	[GUMBO_TAG_TEMPLATE] = {KILL, NULL},
	[GUMBO_TAG_HEAD] = {KILL, NULL},
	[GUMBO_TAG_TITLE] = {KILL, NULL},
	[GUMBO_TAG_IFRAME] = {KILL, NULL},
	[GUMBO_TAG_FRAMESET] = {KILL, NULL},
	[GUMBO_TAG_NOFRAMES] = {KILL, NULL},
	[GUMBO_TAG_OBJECT] = {KILL, NULL},
	[GUMBO_TAG_APPLET] = {KILL, NULL},
	[GUMBO_TAG_NOEMBED] = {KILL, NULL},
	[GUMBO_TAG_SVG] = {KILL, NULL},
	[GUMBO_TAG_MATH] = {KILL, NULL},
	[GUMBO_TAG_SELECT] = {KILL, NULL},
	[GUMBO_TAG_DATALIST] = {KILL, NULL},
};

enum attribute_kind { TEXT, NUMBER, FLAG, WORD, LINK, MEDIA, LANGUAGE, FOOTNOTE, ALIGN };

static const struct attribute {
	struct str name;
	enum attribute_kind kind;
	struct str words; /* of WORD */
} attributes[] = {
	{S_INIT("alt"), TEXT, {0}},
	{S_INIT("cite"), LINK, {0}},
	{S_INIT("class"), LANGUAGE, {0}},
	{S_INIT("colspan"), NUMBER, {0}},
	{S_INIT("datetime"), TEXT, {0}},
	{S_INIT("dir"), WORD, S_INIT("ltr rtl auto")},
	{S_INIT("height"), NUMBER, {0}},
	{S_INIT("href"), LINK, {0}},
	{S_INIT("id"), FOOTNOTE, {0}},
	{S_INIT("lang"), TEXT, {0}},
	{S_INIT("loop"), FLAG, {0}},
	{S_INIT("muted"), FLAG, {0}},
	{S_INIT("open"), FLAG, {0}},
	{S_INIT("poster"), MEDIA, {0}},
	{S_INIT("reversed"), FLAG, {0}},
	{S_INIT("rowspan"), NUMBER, {0}},
	{S_INIT("scope"), WORD, S_INIT("row col rowgroup colgroup")},
	{S_INIT("src"), MEDIA, {0}},
	{S_INIT("start"), NUMBER, {0}},
	{S_INIT("style"), ALIGN, {0}},
	{S_INIT("title"), TEXT, {0}},
	{S_INIT("type"), TEXT, {0}},
	{S_INIT("value"), NUMBER, {0}},
	{S_INIT("width"), NUMBER, {0}},
};

const struct sanitize_rule *
sanitize_rule(GumboTag tag)
{
	return &rules[tag];
}

static const struct attribute *
attribute_find(const struct sanitize_rule *rule, const GumboAttribute *a)
{
	static const struct str everywhere = S_INIT("dir lang title");
	struct str name = str_z(a->name);

	if (a->attr_namespace != GUMBO_ATTR_NAMESPACE_NONE ||
		(!str_has_word(everywhere, name) && !str_has_word(str_z(rule->attributes), name)))
		return NULL;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (str_eq(attributes[i].name, name))
			return &attributes[i];
	return NULL;
}

/* True for what footnotes need, "fn:1" and "fnref:1": no name that a script could come across. */
static bool
footnote(struct str v)
{
	unsigned long long number;

	return (str_starts(v, S("fn:")) && str_u64(str_sub(v, 3, v.n), 99999, &number)) ||
	       (str_starts(v, S("fnref:")) && str_u64(str_sub(v, 6, v.n), 99999, &number));
}

/* True for one class name of the form that highlighters and readers know: "language-c". */
static bool
language(struct str v)
{
	static const struct str others = S_INIT("-_+#.");

	if (!str_starts(v, S("language-")) || v.n > 40)
		return false;
	for (size_t i = 0; i < v.n; i++)
		if (!((v.p[i] >= '0' && v.p[i] <= '9') || (v.p[i] >= 'a' && v.p[i] <= 'z') ||
			    (v.p[i] >= 'A' && v.p[i] <= 'Z') ||
			    str_find(others, v.p[i], 0) < others.n))
			return false;
	return true;
}

/*
 * "align-center" out of "text-align:center;", which is how discount aligns a column; else empty. A class,
 * since the policy of pages forbids a style and HTML the attribute of old.
 */
static struct str
alignment(struct str v)
{
	static const struct str classes[] = {
		S_INIT("align-left"), S_INIT("align-center"), S_INIT("align-right")};

	if (!str_starts(v, S("text-align:")) || !str_ends(v, S(";")))
		return S("");
	v = str_sub(v, 11, v.n - 1);
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (str_eq(v, str_sub(classes[i], 6, classes[i].n)))
			return classes[i];
	return S("");
}

/* Whether value, which may be changed, goes with an attribute of this kind. */
static bool
value_allowed(const struct attribute *a, struct str *value)
{
	unsigned long long number;

	switch (a->kind) {
	case TEXT:
	case FLAG:
		return true;
	case NUMBER:
		return str_u64(*value, 65535, &number);
	case WORD:
		return str_has_word(a->words, *value);
	case LANGUAGE:
		return language(*value);
	case FOOTNOTE:
		return footnote(*value);
	case ALIGN:
		*value = alignment(*value);
		return value->n > 0;
	case LINK:
	case MEDIA:
		return value->n > 0;
	}
	return false;
}

enum err
sanitize_attribute(struct ctx *c, const struct sanitize_rule *rule, const GumboAttribute *given,
	struct sanitize_attribute *out)
{
	const struct attribute *a = attribute_find(rule, given);
	enum err e = OK;

	*out = (struct sanitize_attribute){.value = str_z(given->value)};
	if (!a)
		return OK;
	if (a->kind == LINK || a->kind == MEDIA)
		e = sanitize_url(c, out->value,
			a->kind == LINK ? SANITIZE_URL_LINK : SANITIZE_URL_MEDIA, &out->value);
	if (e != OK || !value_allowed(a, &out->value))
		return e;
	out->flag = a->kind == FLAG;
	out->name = a->kind == ALIGN ? S("class") : a->name;
	return OK;
}
