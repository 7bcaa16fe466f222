/*
 * Making the demonstration and taking it away. Which posts are its own is said by their client, so
 * one that the owner has renamed or changed goes with the others, and one of the owner's stays.
 */
#include "domain/demo.h"

#include "base/time.h"
#include "core/config.h"
#include "domain/media.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "store/batch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, FILES_MAX = 100, YEARS_MAX = 100 };

static const char mark[] = "demo:";

/* A file of media/ and where it can be seen. */
struct file {
	struct str name, url;
};

struct demo {
	struct db *db;
	const struct demo_progress *progress;
	struct demo_report *report;
	struct str posts[FILES_MAX];	/* names without ".json", in their order */
	struct file files[FILES_MAX];	/* in theirs */
	size_t n_posts, n_files;
	size_t done;
};

/* ---- files of ours --------------------------------------------------------------------------- */

static enum err
path_of(struct ctx *c, const char *dir, struct str name, const char *suffix, struct str *out)
{
	return ctx_printf(c, out, "%s/demo/%s/%.*s%s", c->cfg->share_path, dir, STR(name), suffix);
}

static enum err
cannot_read(struct ctx *c, struct str path)
{
	return err_raise(c, ERR_IO, "cannot read '%.*s': %s", STR(path), strerror(errno));
}

static int
by_name(const void *a, const void *b)
{
	const struct str *x = a, *y = b;

	return strcmp(x->p, y->p);
}

/* The names of the files of a directory that end so, without the suffix and in their order. */
static enum err
list(struct ctx *c, const char *dir, const char *suffix, struct str *names, size_t *n)
{
	const struct dirent *entry;
	struct str path;
	enum err err = path_of(c, dir, S(""), "", &path);
	DIR *d = err ? NULL : opendir(path.p);

	*n = 0;
	if (err || !d)
		return err ? err : cannot_read(c, path);
	while (!err && *n < FILES_MAX && (entry = readdir(d)) != NULL) {
		struct str name = str_z(entry->d_name);

		if (str_starts(name, S(".")) || !str_ends(name, str_z(suffix)))
			continue;
		name.n -= strlen(suffix);
		err = ctx_str(c, name, &names[(*n)++]);
	}
	(void)closedir(d);
	qsort(names, *n, sizeof(*names), by_name);
	return err;
}

/* The whole of a file; *there false: there is none, and that is no failure. */
static enum err
text_read(struct ctx *c, const char *dir, struct str name, const char *suffix, bool *there,
	struct str *out)
{
	struct stat st = {0};
	struct str path;
	size_t used = 0;
	ssize_t n = 1;
	char *text;
	enum err err = path_of(c, dir, name, suffix, &path);
	int fd = err ? -1 : open(path.p, O_RDONLY | O_CLOEXEC);

	*there = fd >= 0;
	if (err || fd < 0)
		return err || errno == ENOENT ? err : cannot_read(c, path);
	text = fstat(fd, &st) == 0 && st.st_size <= JSON_MAX_BYTES ?
		ctx_alloc(c, (size_t)st.st_size + 1) : NULL;
	while (text && n > 0 && used < (size_t)st.st_size) {
		n = read(fd, text + used, (size_t)st.st_size - used);
		used += n > 0 ? (size_t)n : 0;
	}
	(void)close(fd);
	*out = str_n(text, used);
	return text && n >= 0 ? OK : cannot_read(c, path);
}

static void
step(struct demo *d)
{
	d->done++;
	d->progress->step(d->progress->self, d->done, d->n_files + d->n_posts);
}

/* ---- media ----------------------------------------------------------------------------------- */

static enum err
upload(struct ctx *c, struct db *db, int fd, struct media_upload **out)
{
	char *bytes = ctx_alloc(c, CHUNK);
	enum err err = bytes ? media_upload_begin(c, out) : ERR_MEMORY;
	ssize_t n = 0;

	while (!err && (n = read(fd, bytes, CHUNK)) > 0)
		err = media_upload_put(c, *out, str_n(bytes, (size_t)n));
	if (!err && n < 0)
		err = err_raise(c, ERR_IO, "reading a file: %s", strerror(errno));
	if (!err)
		err = media_upload_find(c, db, *out);
	return err ? err : media_upload_prepare(c, *out);
}

static enum err
file_store(struct ctx *c, struct demo *d, struct file *f)
{
	struct media_upload *u = NULL;
	struct str path;
	enum err err = path_of(c, "media", f->name, "", &path);
	int fd = err ? -1 : open(path.p, O_RDONLY | O_CLOEXEC);

	if (err || fd < 0)
		return err ? err : cannot_read(c, path);
	err = upload(c, d->db, fd, &u);
	(void)close(fd);
	if (!err)
		err = media_store(c, d->db, &u, 1, S(DEMO_CLIENT));
	if (err)
		return err;
	f->url = media_upload_url(u);
	d->report->files++;
	step(d);
	return OK;
}

/* ---- posts ----------------------------------------------------------------------------------- */

/* The same day and a moment earlier of the day, years ago. */
static void
put_moment(const struct ctx *c, unsigned years, struct buf *b)
{
	int64_t now = domain_now(c) - 60;
	int zone = time_zone_offset(now);
	struct time_parts parts;

	time_split(now, zone, &parts);
	parts.year -= (int)years;
	if (parts.month == 2 && parts.day == 29)
		parts.day = 28;
	now = time_join(&parts, zone);
	zone = time_zone_offset(now);
	time_rfc3339(b, time_join(&parts, zone), zone);
}

/* What stands behind a mark, which is taken off *rest. */
static enum err
put_meant(struct ctx *c, const struct demo *d, struct str *rest, struct buf *b)
{
	unsigned long long years;
	size_t end = 0;
	struct str word;

	while (end < rest->n && strchr("\"\\')> \n", rest->p[end]) == NULL)
		end++;
	word = str_sub(*rest, 0, end);
	*rest = str_sub(*rest, end, rest->n);
	for (size_t i = 0; i < d->n_files; i++) {
		if (!str_eq(d->files[i].name, word))
			continue;
		buf_put(b, d->files[i].url);
		return OK;
	}
	if (!str_ends(word, S("y")) || !str_u64(str_sub(word, 0, end - 1), YEARS_MAX, &years))
		return err_raise(c, ERR_IO, "the demonstration has no file '%.*s'", STR(word));
	put_moment(c, (unsigned)years, b);
	return OK;
}

static enum err
fill_in(struct ctx *c, const struct demo *d, struct str text, struct str *out)
{
	struct buf b;
	enum err err = OK;

	buf_init(&b, &c->arena, JSON_MAX_BYTES);
	while (!err && text.n > 0) {
		size_t at = str_search(text, str_n(mark, sizeof(mark) - 1), 0);

		buf_put(&b, str_sub(text, 0, at));
		if (at == text.n)
			break;
		text = str_sub(text, at + sizeof(mark) - 1, text.n);
		err = put_meant(c, d, &text, &b);
	}
	return err ? err : buf_end(c, &b, out);
}

/* Makes the Markdown that lies beside the request its content. */
static enum err
content_add(struct ctx *c, const struct demo *d, struct str name, struct post_draft *draft)
{
	struct json *properties = NULL, *values = NULL;
	struct str text;
	bool there = false;
	enum err err = text_read(c, "posts", name, ".md", &there, &text);

	if (err || !there)
		return err;
	err = fill_in(c, d, text, &text);
	if (!err)
		err = post_object_copy(c, draft->properties, &properties);
	if (!err)
		err = json_array(c, &values);
	if (!err)
		err = json_push_str(c, values, text);
	if (!err)
		err = json_set(c, properties, S("content"), values);
	draft->properties = properties;
	return err;
}

/* Whose the slug is, now or in former times: nobody's, the demonstration's, or somebody else's. */
static enum err
slug_look(struct ctx *c, struct demo *d, struct str slug, bool *known)
{
	struct post_row row;
	enum err err = post_find_slug(c, d->db, slug, &row);

	*known = !err;
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return OK;
	}
	if (err)
		return err;
	if (str_eq(row.client, S(DEMO_CLIENT)))
		d->report->kept++;
	else
		d->report->taken++;
	return OK;
}

static enum err
post_make(struct ctx *c, struct demo *d, struct str name)
{
	struct micropub_request request;
	struct post_result result;
	struct str text = {0};
	bool known = false;
	enum err err = text_read(c, "posts", name, ".json", &known, &text);

	if (!err)
		err = fill_in(c, d, text, &text);
	if (!err)
		err = micropub_parse_json(c, text, &request);
	if (!err)
		err = slug_look(c, d, request.draft.slug, &known);
	if (!err && !known)
		err = content_add(c, d, name, &request.draft);
	if (!err && !known) {
		request.draft.client = S(DEMO_CLIENT);
		err = post_create(c, d->db, &request.draft, &result);
		d->report->made += !err;
	}
	if (!err)
		step(d);
	return err;
}

static enum err
make_all(struct ctx *c, struct demo *d)
{
	struct str names[FILES_MAX];
	enum err err = list(c, "media", "", names, &d->n_files);

	if (!err)
		err = list(c, "posts", ".json", d->posts, &d->n_posts);
	for (size_t i = 0; !err && i < d->n_files; i++)
		d->files[i].name = names[i];
	for (size_t i = 0; !err && i < d->n_files; i++)
		err = file_store(c, d, &d->files[i]);
	for (size_t i = 0; !err && i < d->n_posts; i++) {
		const struct ctx_defer *before = c->defers;

		err = post_make(c, d, d->posts[i]);
		ctx_run_defers_since(c, before);
	}
	return err;
}

enum err
demo_make(struct ctx *c, struct db *db, bool force, const struct demo_progress *progress,
	struct demo_report *out)
{
	struct demo *d = ctx_calloc(c, 1, sizeof(*d));
	bool strangers = false;
	enum err err = d ? batch_has_strangers(c, db, S(DEMO_CLIENT), &strangers) : ERR_MEMORY;

	*out = (struct demo_report){0};
	if (!err && strangers && !force)
		err = err_raise(c, ERR_EXISTS, "the site has posts that are not of the demonstration");
	if (err)
		return err;
	d->db = db;
	d->progress = progress;
	d->report = out;
	return make_all(c, d);
}

/* ---- removing -------------------------------------------------------------------------------- */

/*
 * Inside a transaction. Tokens' posts are counted by ids, of which those of the demonstration may be
 * given again: whatever was not counted yet is counted before.
 */
static enum err
remove_posts(struct ctx *c, struct db *db, struct demo_report *out)
{
	int64_t id = 0;
	enum err err = token_row_tally(c, db);

	while (!err) {
		err = batch_post_next(c, db, S(DEMO_CLIENT), id, &id);
		if (err || id == 0)
			break;
		err = batch_post_remove(c, db, id);
		out->made += !err;
	}
	return err ? err : batch_removed(c, db);
}

static enum err
remove_files(struct ctx *c, struct db *db, struct demo_report *out)
{
	const struct auth_grant owner = {.id = S_INIT("session"), .session = true};
	struct str name, url;
	int64_t id = 0;
	enum err err;

	while ((err = batch_file_next(c, db, S(DEMO_CLIENT), &id, &name)) == OK && name.n > 0) {
		err = site_media_url(c, name, &url);
		if (!err)
			err = media_delete(c, db, &owner, url);
		out->files += !err;
		/* The owner has found a use for it. */
		if (err == ERR_MEDIA_IN_USE)
			err_clear(c);
		else if (err)
			break;
	}
	return err;
}

enum err
demo_remove(struct ctx *c, struct db *db, struct demo_report *out)
{
	enum err err;

	*out = (struct demo_report){0};
	err = db_tx_begin(c, db);
	if (err)
		return err;
	err = domain_tx_end(c, db, remove_posts(c, db, out));
	return err ? err : remove_files(c, db, out);
}
