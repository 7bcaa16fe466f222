/*
 * A set out of files: ours from one directory, the owner's from another that takes precedence file
 * by file. If a file of the owner's is not good, it is put aside with a log event and everything is
 * loaded once more without it; a site stays up with whatever was typed into its theme. When one of
 * our files does not bind, the owner's file that includes it is to blame, if there is one.
 */
#include "text/tmpl_priv.h"

#include "base/mem.h"
#include "core/crypto.h"
#include "core/log.h"
#include "text/priv.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { SET_BYTES_MAX = 32 * 1024 * 1024, NO_INSTANCE = TMPL_INSTANCES_MAX };

struct loaded {
	struct loaded *next;
	struct tmpl_file file;
};

struct rejected {
	struct rejected *next;
	struct str name;
};

struct loader {
	const char *dir;
	const char *theme; /* "" for none */
	const struct tmpl_judge *judge; /* NULL: the log is told */
	struct tmpl_set *set;
	struct loaded *files; /* in the set's arena */
	struct rejected
		*rejected; /* names whose file in theme is not used; in the context's arena */
	const struct tmpl_file *bad; /* the file that could not be read or parsed */
	uint32_t culprit;            /* the instance that could not be bound; NO_INSTANCE */
};

/* Reads and parses dir/name.html. *found false: there is no such file. */
static enum err
file_load(struct ctx *c, struct loader *l, const char *dir, bool theme, struct str name,
	struct tmpl_file *f, bool *found)
{
	struct arena *a = &l->set->arena;
	struct str source = {0}, words = {0};
	enum err e;
	int fd;

	f->name = arena_str(a, name).p;
	f->path = arena_printf(a, "%s/%.*s.html", dir, STR(name)).p;
	f->theme = theme;
	if (!f->name || !f->path)
		return err_memory(c);
	fd = open(f->path, O_RDONLY | O_CLOEXEC);
	*found = fd >= 0 || errno != ENOENT;
	if (!*found)
		return OK;
	l->bad = f;
	if (fd < 0)
		return err_raise(c, ERR_TEMPLATE, "%s:1: %s", f->path, strerror(errno));
	e = text_file_read(c, a, fd, f->path, TMPL_FILE_MAX, &source);
	(void)close(fd);
	if (e == OK)
		e = tmpl_words(c, a, f->path, source, &words);
	/* The order of loading is the views' and the partials' own: the same files, the same sum. */
	l->set->digest = l->set->digest * 31 + crypto_digest64(words);
	if (e == OK)
		e = tmpl_parse(c, a, words, f);
	if (e == OK)
		l->bad = NULL;
	return e;
}

static bool
is_rejected(const struct loader *l, struct str name)
{
	for (const struct rejected *r = l->rejected; r; r = r->next)
		if (str_eq(r->name, name))
			return true;
	return false;
}

static enum err
file_find(struct ctx *c, void *self, struct str name, const struct tmpl_file **out)
{
	struct loader *l = self;
	struct loaded *new;
	bool found = false;
	enum err e = OK;

	for (const struct loaded *f = l->files; f; f = f->next) {
		if (str_eq(name, str_z(f->file.name))) {
			*out = &f->file;
			return OK;
		}
	}
	new = arena_alloc(&l->set->arena, sizeof(*new));
	if (!new)
		return err_memory(c);
	if (*l->theme && !is_rejected(l, name))
		e = file_load(c, l, l->theme, true, name, &new->file, &found);
	if (e == OK && !found)
		e = file_load(c, l, l->dir, false, name, &new->file, &found);
	if (e != OK || !found)
		return e;
	new->next = l->files;
	l->files = new;
	*out = &new->file;
	return OK;
}

/* Loads everything, with an empty set to begin with. */
static enum err
attempt(struct ctx *c, struct loader *l, const struct tmpl_view *views, size_t n, bool lenient)
{
	const struct tmpl_finder finder = {.find = file_find, .self = l, .lenient = lenient};
	struct tmpl_set *s = l->set;
	enum err e = OK;

	arena_reset(&s->arena);
	*s = (struct tmpl_set){.arena = s->arena};
	s->instances = arena_calloc(&s->arena, TMPL_INSTANCES_MAX, sizeof(*s->instances));
	if (!s->instances)
		return err_memory(c);
	l->files = NULL;
	l->bad = NULL;
	l->culprit = NO_INSTANCE;
	for (size_t i = 0; e == OK && i < n; i++) {
		const struct tmpl_file *f = NULL;

		e = file_find(c, l, str_z(views[i].name), &f);
		if (e == OK && !f)
			e = err_raise(c, ERR_TEMPLATE, "%s/%s.html:1: there is no such file",
				l->dir, views[i].name);
		if (e == OK)
			e = tmpl_bind_view(c, s, f, views[i].type());
	}
	return e == OK ? tmpl_bind_all(c, s, &finder, &l->culprit) : e;
}

/* The owner's file that made the attempt fail; NULL if it was ours. */
static const struct tmpl_file *
to_blame(const struct loader *l)
{
	const struct tmpl_instance *in = l->set->instances;
	uint32_t i = l->culprit;

	if (l->bad)
		return l->bad->theme ? l->bad : NULL;
	if (i == NO_INSTANCE)
		return NULL;
	while (!in[i].file->theme && in[i].parent != i)
		i = in[i].parent;
	return in[i].file->theme ? in[i].file : NULL;
}

/* Puts the owner's file aside. What failed has been dealt with. */
static enum err
reject(struct ctx *c, struct loader *l, const struct tmpl_file *f)
{
	struct rejected *r;

	if (l->judge)
		l->judge->refused(l->judge->self, str_z(f->name), str_z(c->err.detail));
	else
		log_event(c, template_fallback, .problem = str_z(c->err.detail));
	err_clear(c);
	r = ctx_alloc(c, sizeof(*r));
	if (!r)
		return ERR_MEMORY;
	r->next = l->rejected;
	l->rejected = r;
	return ctx_str(c, str_z(f->name), &r->name);
}

/* Tries until what is left of the theme is good. The set is the caller's to free, whatever came of it. */
static enum err
load(struct ctx *c, struct loader *l, const struct tmpl_view *views, size_t n, bool lenient)
{
	enum err e;

	l->set = mem_alloc(sizeof(*l->set));
	if (!l->set)
		return err_memory(c);
	arena_init(&l->set->arena, SET_BYTES_MAX);
	do {
		const struct tmpl_file *blamed;

		e = attempt(c, l, views, n, lenient);
		blamed = e == ERR_TEMPLATE ? to_blame(l) : NULL;
		if (!blamed)
			break;
		e = reject(c, l, blamed);
	} while (e == OK);
	return e;
}

enum err
tmpl_load_with(struct ctx *c, const char *dir, const char *theme, const struct tmpl_view *views,
	size_t n, bool lenient, struct tmpl_set **out)
{
	struct loader l = {.dir = dir, .theme = theme ? theme : ""};
	enum err e = load(c, &l, views, n, lenient);

	if (e != OK)
		tmpl_free(l.set);
	else
		*out = l.set;
	return e;
}

enum err
tmpl_check(struct ctx *c, const char *dir, const char *theme, const struct tmpl_view *views,
	size_t n, const struct tmpl_judge *judge)
{
	struct loader l = {.dir = dir, .theme = theme, .judge = judge};
	enum err e = load(c, &l, views, n, false);

	for (const struct loaded *f = e == OK ? l.files : NULL; f; f = f->next)
		if (f->file.theme)
			judge->used(judge->self, str_z(f->file.name));
	tmpl_free(l.set);
	return e;
}

enum err
tmpl_load(struct ctx *c, const char *dir, const char *theme, const struct tmpl_view *views,
	size_t n, struct tmpl_set **out)
{
	return tmpl_load_with(c, dir, theme, views, n, false, out);
}

uint64_t
tmpl_digest(const struct tmpl_set *s)
{
	return s->digest;
}

void
tmpl_free(struct tmpl_set *s)
{
	if (!s)
		return;
	arena_fini(&s->arena);
	mem_free(s);
}
