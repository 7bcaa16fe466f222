/*
 * From the bytes of an upload to a file with a row. Nothing is decided about an upload that its
 * bytes do not say; name and type that the client gives it are not even handed in.
 *
 * File and row agree because both change under the writers' lock: whoever holds it looks for the
 * row again, puts the file in place, and commits.
 */
#include "domain/media.h"

#include "core/config.h"
#include "core/log.h"
#include "domain/media_file.h"
#include "domain/priv.h"
#include "domain/settings.h"
#include "domain/site.h"
#include "domain/sizes.h"
#include "image/image.h"

#include <assert.h>

struct media_upload {
	struct media_file *file; /* what came; then what will be published */
	struct crypto_digest digest;
	int64_t bytes;
	struct media_row row; /* complete once it is prepared or found */
	bool moves;           /* a picture of several frames: there are no smaller ones of it */
	bool known;           /* stored already, and the file is there */
	bool stored;          /* by media_store() */
	struct str url;
};

static const struct {
	const char *type;
	const char *extension;
} types[] = {
	{"image/jpeg", "jpg"},
	{"image/png", "png"},
	{"image/gif", "gif"},
	{"image/webp", "webp"},
	{"image/avif", "avif"},
	{"video/mp4", "mp4"},
	{"video/webm", "webm"},
	{"audio/mpeg", "mp3"},
	{"audio/mp4", "m4a"},
	{"audio/ogg", "ogg"},
	{"audio/wav", "wav"},
	{"application/pdf", "pdf"},
};

/* NULL: no type that is accepted here. */
static const char *
extension_of(const char *type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(str_z(types[i].type), str_z(type)))
			return types[i].extension;
	return NULL;
}

/* ---- receiving --------------------------------------------------------------------------- */

enum err
media_upload_begin(struct ctx *c, struct media_upload **out)
{
	struct media_upload *u = ctx_alloc(c, sizeof(*u));

	if (!u)
		return ERR_MEMORY;
	crypto_digest_begin(&u->digest);
	*out = u;
	return media_file_new(c, &u->file);
}

enum err
media_upload_put(struct ctx *c, struct media_upload *u, struct str bytes)
{
	u->bytes += (int64_t)bytes.n;
	if (u->bytes > c->cfg->max_media_size)
		return err_raise(c, ERR_UPLOAD_TOO_LARGE, "a file of more than %lld bytes",
			(long long)c->cfg->max_media_size);
	crypto_digest_put(&u->digest, bytes);
	return media_file_write(c, u->file, bytes);
}

/* ---- what it is -------------------------------------------------------------------------- */

/* The key of all digests; the first upload makes it. */
static enum err
key_find(struct ctx *c, struct db *db, unsigned char key[CRYPTO_KEY_BYTES])
{
	enum err err = media_key_find(c, db, key);

	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	crypto_random(key, CRYPTO_KEY_BYTES);
	err = db_tx_begin(c, db);
	if (err)
		return err;
	err = domain_tx_end(c, db, media_key_insert(c, db, key));
	return err ? err : media_key_find(c, db, key);
}

/* The row of a digest, if there is one. *there: it has its file, too. */
static enum err
row_find(struct ctx *c, struct db *db, const unsigned char digest[CRYPTO_DIGEST_BYTES],
	struct media_row *row, bool *there)
{
	enum err err = media_row_find_digest(c, db, digest, row);
	struct stat st;

	*there = !err && media_file_stat(c, row->name, &st) && st.st_size == row->bytes;
	if (err != ERR_NOT_FOUND)
		return err;
	err_clear(c);
	return OK;
}

enum err
media_upload_find(struct ctx *c, struct db *db, struct media_upload *u)
{
	unsigned char plain[CRYPTO_DIGEST_BYTES], key[CRYPTO_KEY_BYTES];
	unsigned char digest[CRYPTO_DIGEST_BYTES];
	enum err err = key_find(c, db, key);

	if (err)
		return err;
	crypto_digest_end(&u->digest, plain);
	crypto_digest_keyed(str_n((const char *)plain, sizeof(plain)), key, digest);
	err = row_find(c, db, digest, &u->row, &u->known);
	memcpy(u->row.digest, digest, sizeof(digest));
	return !err && u->known ? site_media_url(c, u->row.name, &u->url) : err;
}

/*
 * What the helper found becomes the row. One that has lost its file gets it back under the name
 * that posts know it by, and stays what that says, whatever the helper calls it by now.
 */
static enum err
row_fill(struct ctx *c, struct media_upload *u, const struct image_info *info)
{
	const char *extension = extension_of(info->type);
	struct media_row *row = &u->row;
	struct stat st;
	enum err err;

	if (!extension)
		return err_raise(c, ERR_UPLOAD_TYPE, "the helper says '%s'", info->type);
	if (fstat(u->file->fd, &st) != 0)
		return err_raise(c, ERR_IO, "an upload cannot be looked at");
	row->bytes = st.st_size;
	row->width = info->width;
	row->height = info->height;
	row->sizes = S("");
	u->moves = info->moving;
	err = row->id == 0 ? ctx_str(c, str_z(info->type), &row->type) : OK;
	if (!err && row->id == 0)
		err = media_name_make(c, row->digest, extension, &row->name);
	return err ? err : site_media_url(c, row->name, &u->url);
}

enum err
media_upload_prepare(struct ctx *c, struct media_upload *u)
{
	struct media_file *clean = NULL;
	struct image_info info;
	enum err err;

	if (u->known)
		return OK;
	err = media_file_new(c, &clean);
	if (!err)
		err = image_prepare(c, u->file->fd, clean->fd, &info);
	if (err)
		return err;
	media_file_close(info.rewritten ? u->file : clean);
	if (info.rewritten)
		u->file = clean;
	return row_fill(c, u, &info);
}

struct str
media_upload_url(const struct media_upload *u)
{
	return u->url;
}

struct str
media_upload_type(const struct media_upload *u)
{
	return u->row.type;
}

/* ---- storing ----------------------------------------------------------------------------- */

/*
 * Inside the transaction. Somebody may have stored the same bytes since they were looked for, or
 * deleted them: then there is nothing prepared to take their place, or nothing of that name.
 */
static enum err
store_one(struct ctx *c, struct db *db, struct media_upload *u)
{
	bool was_known = u->known;
	struct media_row old;
	enum err err = row_find(c, db, u->row.digest, &old, &u->known);

	if (!err && ((was_known && !u->known) || (old.id != 0 && !str_eq(old.name, u->row.name))))
		return err_raise(c, ERR_UPLOAD_HELPER, "'%.*s' went while it was sent again",
			STR(u->row.name));
	if (err)
		return err;
	if (u->known) {
		old.created = domain_now(c);
		return media_row_touch(c, db, &old);
	}
	err = media_file_link(c, u->file, u->row.name);
	if (!err && old.id != 0) {
		u->row.id = old.id;
		err = media_row_set_file(c, db, &u->row);
	} else if (!err) {
		u->stored = true;
		err = media_row_insert(c, db, &u->row);
	}
	return err || u->moves ? err : sizes_order(c, db, &u->row);
}

enum err
media_sync(struct ctx *c, struct media_upload *const *uploads, size_t n)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < n; i++)
		if (!uploads[i]->known)
			err = media_file_sync(c, uploads[i]->file);
	return err;
}

enum err
media_put(struct ctx *c, struct db *db, struct media_upload *const *uploads, size_t n,
	struct str client)
{
	struct media_file *linked[MEDIA_FILES_MAX];
	size_t n_linked = 0;
	enum err err = OK;

	assert(n <= MEDIA_FILES_MAX);
	for (size_t i = 0; !err && i < n; i++) {
		uploads[i]->row.created = domain_now(c);
		uploads[i]->row.client = client;
		err = store_one(c, db, uploads[i]);
		if (!err && uploads[i]->file->linked)
			linked[n_linked++] = uploads[i]->file;
	}
	return err ? err : media_files_keep(c, linked, n_linked);
}

/* Takes the names back that they have got. What the client is told is why that was needed. */
static void
undo(struct ctx *c, struct media_upload *const *uploads, size_t n)
{
	struct err_slot first = c->err;

	for (size_t i = 0; i < n; i++) {
		media_file_undo(c, uploads[i]->file, uploads[i]->row.name);
		uploads[i]->stored = false;
	}
	c->err = first;
}

enum err
media_tx_end(
	struct ctx *c, struct db *db, struct media_upload *const *uploads, size_t n, enum err err)
{
	/* While nobody else can give the same names. */
	if (err)
		undo(c, uploads, n);
	err = domain_tx_end(c, db, err);
	if (err)
		undo(c, uploads, n);
	for (size_t i = 0; !err && i < n; i++)
		if (uploads[i]->stored)
			log_event(c, media_stored, .name = uploads[i]->row.name,
				.type = uploads[i]->row.type, .bytes = uploads[i]->row.bytes,
				.client = uploads[i]->row.client);
	return err;
}

enum err
media_store(struct ctx *c, struct db *db, struct media_upload *const *uploads, size_t n,
	struct str client)
{
	enum err err = media_sync(c, uploads, n);

	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	return media_tx_end(c, db, uploads, n, media_put(c, db, uploads, n, client));
}

/* ---- deleting ---------------------------------------------------------------------------- */

/* Inside the transaction. */
static enum err
delete_row(struct ctx *c, struct db *db, struct str name, struct media_row *row)
{
	bool used = false;
	enum err err = media_row_find_name(c, db, name, row);

	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return err_raise(c, ERR_MEDIA_URL, "no file '%.*s'", STR(name));
	}
	if (!err)
		err = media_row_used(c, db, row->id, &used);
	if (!err && !used)
		err = settings_show_file(c, db, name, &used);
	if (!err && used)
		return err_raise(c, ERR_MEDIA_IN_USE, "file '%.*s'", STR(name));
	if (!err)
		err = media_row_unlink(c, db, row->id);
	return err ? err : media_row_delete(c, db, row->id);
}

/*
 * After the commit: a row without its file would be worse than a file without its row. Under the
 * lock again, so that it is not the file of who sends it anew at this moment. What stays behind for
 * want of the lock is swept.
 */
static void
remove_file(struct ctx *c, struct db *db, struct str name, const struct stat *st)
{
	if (db_tx_begin(c, db) == OK) {
		media_file_remove(c, name, st);
		db_tx_rollback(c, db);
	}
	err_clear(c);
}

enum err
media_delete(struct ctx *c, struct db *db, const struct auth_grant *grant, struct str url)
{
	struct media_row row;
	struct str name;
	struct stat st;
	bool there = false;
	enum err err = media_may_upload(c, grant);

	if (!err && !auth_allows(grant, "delete"))
		err = err_raise_hint(c, ERR_SCOPE, "delete");
	if (!err)
		err = site_media_parse(c, url, &name);
	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = delete_row(c, db, name, &row);
	if (!err)
		there = media_file_stat(c, row.name, &st);
	err = domain_tx_end(c, db, err);
	if (err)
		return err;
	if (there)
		remove_file(c, db, row.name, &st);
	log_event(c, media_deleted, .name = row.name,
		.client = grant->session ? (struct str){0} : grant->id);
	return OK;
}
