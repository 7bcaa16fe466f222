/*
 * robots.txt and the OpenSearch description. Which robots there are is said in tables/robots.def.
 */
#include "domain/robots.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/site.h"
#include "text/xml.h"

enum { NAME_CHARS = 16 };	/* OpenSearch 1.1: ShortName */

enum robot_kind { ROBOT_TRAINING = 1, ROBOT_ANSWERS = 2 };

static const struct {
	enum robot_kind kind;
	const char *name;
	const char *whose;
} robots[] = {
#define ROBOT(kind, name, whose) {ROBOT_##kind, name, whose},
#include "tables/robots.def"
};

static const char *const closed[] = {
#define ROBOTS_PATH(path) path,
#include "tables/robots.def"
};

enum { N_ROBOTS = sizeof(robots) / sizeof(robots[0]), N_CLOSED = sizeof(closed) / sizeof(closed[0]) };

/* The kinds that a word of the configuration stands for; 0: it is a robot's name. */
static unsigned
kinds_of(struct str word)
{
	if (str_eqi(word, S("ai")))
		return ROBOT_TRAINING | ROBOT_ANSWERS;
	if (str_eqi(word, S("training")))
		return ROBOT_TRAINING;
	return str_eqi(word, S("answers")) ? ROBOT_ANSWERS : 0;
}

static void
agent(struct buf *b, struct str name)
{
	buf_printf(b, "User-agent: %.*s\n", STR(name));
}

/* One group of all that are kept out. */
static void
block(const struct ctx *c, struct buf *b)
{
	struct str rest = str_z(c->cfg->robots_block);
	unsigned kinds = 0;
	size_t before = b->n;

	while (rest.p) {
		struct str word = str_trim(str_cut(&rest, ','));

		kinds |= kinds_of(word);
		if (word.n > 0 && kinds_of(word) == 0)
			agent(b, word);
	}
	for (size_t i = 0; i < N_ROBOTS; i++)
		if (robots[i].kind & kinds)
			agent(b, str_z(robots[i].name));
	if (b->n > before)
		buf_puts(b, "Disallow: /\n\n");
}

enum err
robots_text(struct ctx *c, struct buf *out)
{
	struct str sitemap;
	enum err err = site_url(c, S("/sitemap.xml"), &sitemap);

	buf_puts(out, "User-agent: *\n");
	for (size_t i = 0; i < N_CLOSED; i++)
		buf_printf(out, "Disallow: %s\n", closed[i]);
	buf_putc(out, '\n');
	block(c, out);
	buf_printf(out, "Sitemap: %.*s\n", STR(sitemap));
	return err;
}

/* ---- OpenSearch ------------------------------------------------------------------------------ */

/* The first characters, between words where there is a choice. */
static struct str
name_cut(struct str name)
{
	size_t at = 0, space = 0;

	for (size_t n = 0; at < name.n && n < NAME_CHARS; n++) {
		if (name.p[at] == ' ')
			space = at;
		(void)enc_utf8_next(name, &at);
	}
	return str_trim(str_sub(name, 0, at < name.n && space > 0 && name.p[at] != ' ' ? space : at));
}

static void
url_put(struct buf *b, const char *rel, const char *type, struct str template)
{
	xml_begin(b, "Url");
	xml_attribute(b, "type", str_z(type));
	if (rel)
		xml_attribute(b, "rel", str_z(rel));
	else
		xml_attribute(b, "method", S("get"));
	xml_attribute(b, "template", template);
	xml_empty(b);
}

enum err
robots_opensearch(struct ctx *c, struct str icon, struct buf *out)
{
	struct str home, self, search, picture = S("");
	enum err err = site_url(c, S("/"), &home);

	if (!err)
		err = site_url(c, S("/opensearch.xml"), &self);
	if (!err)
		err = ctx_printf(c, &search, "%.*ssearch?q={searchTerms}", STR(home));
	if (!err)
		err = str_starts(icon, S("/")) ? site_url(c, icon, &picture) : OK;
	if (err)
		return err;
	xml_declare(out, S(""));
	xml_begin(out, "OpenSearchDescription");
	xml_attribute(out, "xmlns", S("http://a9.com/-/spec/opensearch/1.1/"));
	xml_content(out);
	xml_element(out, "ShortName", name_cut(site_name(c)));
	xml_element(out, "Description", site_name(c));
	xml_element(out, "InputEncoding", S("UTF-8"));
	xml_element(out, "OutputEncoding", S("UTF-8"));
	xml_element(out, "Language", str_z(c->cfg->language));
	if (picture.n > 0)
		xml_element(out, "Image", picture);
	url_put(out, NULL, "text/html", search);
	url_put(out, "self", "application/opensearchdescription+xml", self);
	xml_end(out, "OpenSearchDescription");
	return OK;
}

/* ---- the reference --------------------------------------------------------------------------- */

void
robots_docs(const char *format, struct buf *out)
{
	(void)format;
	buf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < N_ROBOTS; i++) {
		buf_puts(out, ".It ");
		enc_mdoc(out, str_z(robots[i].name));
		buf_printf(out, " Pq Ic %s\n", robots[i].kind == ROBOT_TRAINING ? "training" : "answers");
		enc_mdoc(out, str_z(robots[i].whose));
		buf_puts(out, ".\n");
	}
	buf_puts(out, ".El\n");
}
