/*
 * Snapshots are counted references, exchanged under a mutex that is held for a few pointers' time.
 * Which generation one belongs to is read before the database, so that it is never taken for newer
 * than it is; one that several threads make at once is kept once.
 */
#include "web/snapshot.h"

#include "base/mem.h"
#include "base/mutex.h"
#include "core/digest.h"
#include "domain/icons.h"
#include "domain/settings.h"
#include "domain/site.h"
#include "web/feeds.h"
#include "web/priv.h"

#include <assert.h>

enum { SNAPSHOT_MAX = 256 * 1024 };

struct snapshot {
	unsigned refs;		/* the worker's own counts as one; guarded by w->snapshots */
	uint64_t generation;	/* of the site; guarded by w->snapshots */
	struct arena arena;	/* of all texts */
	struct site_settings settings;
	struct view_site site;
	struct str feed_tag;
};

static void
snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	arena_fini(&s->arena);
	mem_free(s);
}

/* ---- making one -------------------------------------------------------------------------- */

static enum err
keep(struct ctx *c, struct snapshot *s, struct str *text)
{
	*text = arena_str(&s->arena, *text);
	return text->p ? OK : err_memory(c);
}

/* A list of links, out of the setting's text, which lives as long as the snapshot. */
static enum err
links_make(struct ctx *c, struct snapshot *s, enum setting which, struct tmpl_list *out)
{
	struct setting_link *links;
	struct view_link *list;
	size_t n;
	enum err err = setting_links(c, s->settings.text[which], &links, &n);

	*out = (struct tmpl_list){0};
	if (err || n == 0)
		return err;
	list = arena_calloc(&s->arena, n, sizeof(*list));
	if (!list)
		return err_memory(c);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct view_link){.label = links[i].label,
			.url = links[i].url,
			.mail = str_starts(links[i].url, S("mailto:"))};
	*out = (struct tmpl_list){list, n};
	return OK;
}

/* Its feeds are called as the site is. */
static enum err
feeds_make(struct ctx *c, struct snapshot *s, struct tmpl_list *out)
{
	const struct view_alternate *made;
	struct view_alternate *links;
	struct tmpl_list list;
	enum err err = feeds_of(c, &posts_all, site_name(c), &list);

	if (err)
		return err;
	made = list.items;
	links = arena_calloc(&s->arena, list.n, sizeof(*links));
	if (!links)
		return err_memory(c);
	for (size_t i = 0; !err && i < list.n; i++) {
		links[i] = made[i];
		err = keep(c, s, &links[i].title);
		if (!err)
			err = keep(c, s, &links[i].url);
	}
	*out = (struct tmpl_list){links, list.n};
	return err;
}

/* The icons of the owner's picture, which lie beside it. */
static enum err
icons_make_paths(struct ctx *c, struct snapshot *s, struct view_site *site)
{
	struct str picture = setting_text(c, SETTING_site_icon), name;
	struct str *const paths[ICON__MAX] = {[ICON_TAB] = &site->icon,
		[ICON_TOUCH] = &site->touch_icon, [ICON_SMALL] = &site->small_icon,
		[ICON_LARGE] = &site->large_icon, [ICON_MASK] = &site->mask_icon};
	enum err err = OK;

	if (!str_starts(picture, S("/media/")))
		return OK;
	site->icon_type = S("image/png");
	for (size_t i = 0; !err && i < ICON__MAX; i++) {
		err = icons_name(c, picture, (enum icon)i, &name);
		if (!err)
			err = keep(c, s, &name);
		*paths[i] = name;
	}
	return err;
}

/* What stands for the site elsewhere: its author's picture, or its icon. */
static enum err
picture_make(struct ctx *c, struct snapshot *s, struct view_site *site)
{
	enum err err = site_photo(c, &site->picture);

	if (!err && site->picture.n == 0)
		err = site_url(c, site->large_icon, &site->picture);
	return err ? err : keep(c, s, &site->picture);
}

static enum err
site_make(struct ctx *c, const struct web *w, struct snapshot *s)
{
	struct view_site *site = &s->site;
	enum err err;

	*site = w->fixed;
	site->name = site_name(c);
	site->author = site_author(c);
	site->note = setting_text(c, SETTING_author_note);
	site->photo = setting_text(c, SETTING_author_photo);
	err = feeds_make(c, s, &site->feeds);
	if (!err)
		err = icons_make_paths(c, s, site);
	if (!err)
		err = picture_make(c, s, site);
	if (!err)
		err = links_make(c, s, SETTING_rel_me, &site->elsewhere);
	site->has_elsewhere = site->elsewhere.n > 0;
	site->intro = site->note.n > 0 || site->photo.n > 0 || site->has_elsewhere ||
		!str_eq(site->author, site->name);
	return err ? err : links_make(c, s, SETTING_navigation, &site->navigation);
}

/*
 * Feeds show these beside the posts, and some posts through templates: others of them make another
 * feed, and another entity tag.
 */
static enum err
feed_tag_make(struct ctx *c, const struct web *w, struct snapshot *s)
{
	const struct view_site *site = &s->site;
	struct str all;
	enum err err = ctx_printf(c, &all, "%s\n%s\n%.*s\n%.*s\n%.*s\n%.*s\n%s\n%s\n%.*s\n%.*s\n%llx",
		c->cfg->site_url, c->cfg->site_first_url, STR(site->name), STR(site->author), STR(site->note),
		STR(site->photo), c->cfg->language, SP_VERSION, STR(w->statics[STATIC_FEED_STYLE]),
		STR(site->small_icon), (unsigned long long)tmpl_digest(w->templates));

	if (err)
		return err;
	err = ctx_printf(c, &s->feed_tag, "%08llx",
		(unsigned long long)digest64(all) & 0xffffffffULL);
	return err ? err : keep(c, s, &s->feed_tag);
}

/* One of these settings, whose texts are copied; for the worker, which is its one holder. */
static enum err
snapshot_new(struct ctx *c, const struct web *w, const struct site_settings *settings,
	uint64_t generation, struct snapshot **out)
{
	const struct site_settings *before = c->settings;
	struct snapshot *s = mem_alloc(sizeof(*s));
	enum err err = OK;

	if (!s)
		return err_memory(c);
	arena_init(&s->arena, SNAPSHOT_MAX);
	s->refs = 1;
	s->generation = generation;
	s->settings = *settings;
	for (size_t i = 0; !err && i < SETTING__MAX; i++)
		err = keep(c, s, &s->settings.text[i]);
	c->settings = &s->settings;
	if (!err)
		err = site_make(c, w, s);
	if (!err)
		err = feed_tag_make(c, w, s);
	c->settings = before;
	*out = s;
	if (err)
		snapshot_free(s);
	return err;
}

enum err
snapshot_init(struct ctx *c, struct web *w)
{
	struct site_settings settings;

	settings_of_file(c->cfg, &settings);
	return snapshot_new(c, w, &settings, 0, &w->snapshot);
}

void
snapshot_fini(struct web *w)
{
	snapshot_free(w->snapshot);
}

/* ---- holding it -------------------------------------------------------------------------- */

/* Under the mutex. */
static void
unref(struct snapshot *s)
{
	assert(s->refs > 0);
	if (--s->refs == 0)
		snapshot_free(s);
}

/* Under the mutex: the request sees the worker's from now on. */
static void
take(struct ctx *c, struct txn *t)
{
	struct snapshot *s = t->web->snapshot;

	s->refs++;
	if (t->snapshot)
		unref(t->snapshot);
	t->snapshot = s;
	t->site = &s->site;
	t->feed_tag = s->feed_tag;
	c->settings = &s->settings;
}

void
snapshot_hold(struct ctx *c, struct txn *t)
{
	mutex_lock(&t->web->snapshots);
	take(c, t);
	mutex_unlock(&t->web->snapshots);
}

void
snapshot_release(struct ctx *c, struct txn *t)
{
	mutex_lock(&t->web->snapshots);
	unref(t->snapshot);
	mutex_unlock(&t->web->snapshots);
	t->snapshot = NULL;
	t->site = NULL;
	c->settings = NULL;
}

/*
 * True, and the request has it, if the worker's is of that generation, or becomes so because it is of
 * that version of the settings (-1: not known).
 */
static bool
take_good(struct ctx *c, struct txn *t, uint64_t generation, int64_t version)
{
	struct snapshot *s;
	bool good;

	mutex_lock(&t->web->snapshots);
	s = t->web->snapshot;
	if (s->generation < generation && version >= 0 && s->settings.version == version)
		s->generation = generation;
	/* Without a segment nobody tells of changes: only what was just read is good. */
	good = t->web->seg ? s->generation >= generation : version >= 0 && s->settings.version == version;
	if (good && t->snapshot != s)
		take(c, t);
	mutex_unlock(&t->web->snapshots);
	return good;
}

static void
exchange(struct ctx *c, struct txn *t, struct snapshot *made)
{
	struct web *w = t->web;

	mutex_lock(&w->snapshots);
	if (made->generation >= w->snapshot->generation) {
		struct snapshot *old = w->snapshot;

		w->snapshot = made;
		made = old;
	}
	unref(made);
	take(c, t);
	mutex_unlock(&w->snapshots);
}

static enum err
reload(struct ctx *c, struct txn *t, struct db *db, uint64_t generation)
{
	struct site_settings settings;
	struct snapshot *made;
	int64_t version;
	enum err err = setting_row_version(c, db, &version);

	if (err || take_good(c, t, generation, version))
		return err;
	err = settings_load(c, db, &settings);
	if (!err)
		err = snapshot_new(c, t->web, &settings, generation, &made);
	if (!err)
		exchange(c, t, made);
	return err;
}

enum err
snapshot_refresh(struct ctx *c, struct txn *t, uint64_t generation)
{
	bool had = t->db != NULL;
	struct db *db;
	enum err err;

	if (take_good(c, t, generation, -1))
		return OK;
	err = txn_db(c, t, &db);
	if (!err)
		err = reload(c, t, db, generation);
	if (!had)
		txn_db_release(c, t);
	return err;
}

void
snapshot_try(struct ctx *c, struct txn *t)
{
	const struct err_slot before = c->err;
	struct pool_stats stats;

	pool_stats(t->web->pool, &stats);
	if (!t->db && stats.active >= stats.size)
		return;
	err_clear(c);
	if (snapshot_refresh(c, t, cache_moment(t->web->cache, t->web->seg).generation) != OK)
		err_clear(c); /* then as the site was when somebody last looked */
	c->err = before;
}
