/*
 * What a worker has once for all its requests: templates bound to their views, the page cache, and
 * the texts about the site that every page repeats. All of it is made before the first accept and
 * only read afterwards, but for the settings, which the owner may change: snapshot.c.
 */
#include "web/web.h"

#include "base/mem.h"
#include "core/lookout.h"
#include "core/trouble.h"
#include "domain/site.h"
#include "text/catalog.h"
#include "text/view_bind.h"
#include "web/calls.h"
#include "web/priv.h"
#include "web/snapshot.h"

enum { TEXTS_MAX = 256 * 1024 };

/* A copy of a text for the life of the process. */
static enum err
keep(struct ctx *c, struct web *w, struct str s, struct str *out)
{
	*out = arena_str(&w->arena, s);
	return out->p ? OK : err_memory(c);
}

/* The same for an absolute URL of a path of the site. */
static enum err
keep_url(struct ctx *c, struct web *w, struct str path, struct str *out)
{
	struct str url;
	enum err err = site_url(c, path, &url);

	return err ? err : keep(c, w, url, out);
}

/* Scheme, host and port of site_url, which config has checked: "https://host[:port]/…". */
static enum err
origin_init(struct ctx *c, struct web *w)
{
	struct str url = str_z(c->cfg->site_url), rest;
	size_t start = str_search(url, S("://"), 0) + 3, end = str_find(url, '/', start);
	enum err err = keep(c, w, str_sub(url, 0, end), &w->origin);

	if (err)
		return err;
	w->https = str_eqi(str_sub(url, 0, start), S("https://"));
	w->cookie = w->https ? S("__Host-sp") : S("sp");
	w->visitor_cookie = w->https ? S("__Host-sp-visitor") : S("sp-visitor");
	rest = str_sub(w->origin, start, w->origin.n);
	w->host = str_starts(rest, S("[")) ? str_sub(rest, 1, str_find(rest, ']', 0))
					   : str_sub(rest, 0, str_find(rest, ':', 0));
	return OK;
}

/* True for a language tag whose script is written from right to left, as far as its name says. */
static bool
is_rtl(struct str tag)
{
	static const char *const languages[] = {
		"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"};
	struct str first = str_cut(&tag, '-');

	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (str_eqi(first, str_z(languages[i])))
			return true;
	return false;
}

/* "en-GB" as Open Graph writes it, "en_GB"; a language without a country has no such name. */
static enum err
locale_init(struct ctx *c, struct web *w)
{
	struct str rest = w->fixed.language, language = str_cut(&rest, '-');
	struct str locale;
	enum err err;

	if (rest.n != 2)
		return OK;
	err = ctx_printf(c, &locale, "%.*s_%c%c", STR(language), rest.p[0] & ~0x20, rest.p[1] & ~0x20);
	return err ? err : keep(c, w, locale, &w->fixed.locale);
}

static enum err
fixed_init(struct ctx *c, struct web *w)
{
	struct view_site *s = &w->fixed;
	struct str link;
	enum err err;

	s->language = str_z(c->cfg->language);
	s->rtl = is_rtl(s->language);
	s->search = c->cfg->search_enabled ? S("/search") : S("");
	err = locale_init(c, w);
	if (!err)
		err = keep_url(c, w, S("/"), &s->url);
	if (!err)
		err = keep_url(c, w, S("/micropub"), &s->micropub);
	if (!err)
		err = keep_url(c, w, S("/.well-known/oauth-authorization-server"), &s->metadata);
	if (!err)
		err = keep_url(c, w, S("/auth"), &s->authorization);
	if (!err)
		err = keep_url(c, w, S("/auth/token"), &s->token);
	if (!err)
		err = keep_url(c, w, S("/feed.atom"), &s->feed);
	if (!err)
		err = keep_url(c, w, S("/admin"), &s->admin);
	if (!err)
		err = statics_init(c, w);
	s->style = w->statics[STATIC_STYLE];
	s->theme_style = w->statics[STATIC_THEME_STYLE];
	/* Only themes have it. What is not there has no version. */
	if (str_find(s->theme_style, '?', 0) == s->theme_style.n)
		s->theme_style = S("");
	s->icon = w->statics[STATIC_ICON];
	s->icon_type = S("image/svg+xml");
	s->touch_icon = s->small_icon = w->statics[STATIC_ICON_192];
	s->large_icon = w->statics[STATIC_ICON_512];
	s->mask_icon = w->statics[STATIC_ICON_MASKABLE];
	if (!err)
		err = ctx_printf(c, &link, "<%.*s>; rel=\"micropub\"", STR(s->micropub));
	if (!err)
		err = keep(c, w, link, &w->link);
	if (!err)
		err = ctx_printf(c, &link,
			"<%.*s>; rel=\"indieauth-metadata\", <%.*s>; rel=\"authorization_endpoint\", "
			"<%.*s>; rel=\"token_endpoint\"",
			STR(s->metadata), STR(s->authorization), STR(s->token));
	return err ? err : keep(c, w, link, &w->auth_link);
}

/*
 * What public pages say to caches (RFC 9111 section 5.2.2, RFC 5861): browsers ask each time, which
 * an entity tag makes cheap. Caches that many share may be given a moment; and a day, when the site
 * does not answer.
 */
static enum err
caching_init(struct ctx *c, struct web *w)
{
	long long s = c->cfg->cache_max_age / 1000000;
	struct str text = S("public, no-cache");
	enum err err = OK;

	if (s > 0)
		err = ctx_printf(c, &text,
			"public, max-age=0, s-maxage=%lld, stale-while-revalidate=%lld, "
			"stale-if-error=86400",
			s, s);
	return err ? err : keep(c, w, text, &w->caching);
}

/* The supervisor has said what is wrong, once for all workers. */
static enum err
language_init(struct ctx *c, struct web *w)
{
	enum err err = words_load(c, &w->words);

	if (err == ERR_NOT_FOUND || err == ERR_TEMPLATE) {
		err_clear(c);
		err = OK;
	}
	w->fixed.words = w->words ? str_z(catalog_language(w->words)) : S("en");
	return err;
}

static enum err
templates_load(struct ctx *c, struct web *w)
{
	struct str shipped, theme = S("");
	enum err err = ctx_printf(c, &shipped, "%s/templates", c->cfg->share_path);

	if (!err && c->cfg->theme_path[0])
		err = ctx_printf(c, &theme, "%s/templates", c->cfg->theme_path);
	if (err)
		return err;
	c->words = w->words;
	err = tmpl_load(c, shipped.p, theme.p, view_table, VIEW__MAX, &w->templates);
	c->words = NULL;
	return err;
}

static enum err
journals_init(struct ctx *c, struct web *w)
{
	struct str path;
	enum err err = calls_path(c, &path);

	if (!err)
		err = journal_new(c, path.p, &w->journal);
	if (!err)
		err = trouble_path(c, &path);
	return err ? err : journal_new(c, path.p, &w->troubles);
}

/* Bodies with files that may be received at once: a thread is left for other things. */
static unsigned
uploads_most(const struct config *cfg)
{
	return cfg->worker_threads > 2 ? (unsigned)cfg->worker_threads - 1 : 1;
}

enum err
web_new(struct ctx *c, struct segment *seg, struct pool *pool, struct web **out)
{
	struct web *w = mem_alloc(sizeof(*w));
	/* Without a segment nobody tells us of changes: then no page is kept. */
	size_t cache_size = seg ? (size_t)c->cfg->page_cache_size : 0;
	enum err err;

	if (!w)
		return err_memory(c);
	(void)pthread_mutex_init(&w->password, NULL);
	(void)pthread_mutex_init(&w->snapshots, NULL);
	(void)sem_init(&w->uploads, 0, uploads_most(c->cfg));
	w->seg = seg;
	w->pool = pool;
	arena_init(&w->arena, TEXTS_MAX);
	err = origin_init(c, w);
	if (!err)
		err = fixed_init(c, w);
	if (!err)
		err = caching_init(c, w);
	if (!err)
		err = language_init(c, w);
	if (!err)
		err = templates_load(c, w);
	if (!err)
		err = snapshot_init(c, w);
	if (!err)
		err = cache_new(c, cache_size, &w->cache);
	if (!err)
		err = journals_init(c, w);
	if (!err)
		err = lookout_new(c, &w->lookout);
	if (err) {
		web_free(w);
		return err;
	}
	/* Other templates and settings than before make other pages, in every worker's cache. */
	segment_generation_move(seg);
	*out = w;
	return OK;
}

void
web_free(struct web *w)
{
	if (!w)
		return;
	lookout_free(w->lookout);
	snapshot_fini(w);
	cache_free(w->cache);
	journal_free(w->journal);
	journal_free(w->troubles);
	tmpl_free(w->templates);
	catalog_free(w->words);
	(void)pthread_mutex_destroy(&w->password);
	(void)pthread_mutex_destroy(&w->snapshots);
	(void)sem_destroy(&w->uploads);
	arena_fini(&w->arena);
	mem_free(w);
}
