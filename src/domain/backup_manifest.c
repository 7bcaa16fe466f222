/*
 * The manifest: JSON, one file a line, so that it can be written and read with as little memory for a million files as
 * for one. Its last line is the digest of all lines before it. Who has only the usual tools:
 *
 *	jq -r '.files[] | select(.sha256) | .sha256 + "  " + .name' manifest.json | sha256sum --check
 */
#include "base/enc.h"
#include "base/time.h"
#include "core/folder.h"
#include "domain/backup_priv.h"
#include "text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { HEAD_MAX = 16 * 1024, LINE_MAX_BYTES = 1024 };

/* ---- writing ----------------------------------------------------------------------------- */

static enum err
put(struct ctx *c, struct backup_manifest *m, struct buf *b)
{
	struct str text;
	enum err err = buf_end(c, b, &text);

	if (err)
		return err;
	crypto_sha256_put(&m->digest, text);
	m->bytes += (int64_t)text.n;
	return backup_write(c, m->fd, "the manifest", text);
}

enum err
backup_manifest_begin(struct ctx *c, struct backup_manifest *m, const char *folder,
	const struct backup_report *about)
{
	struct str path;
	struct buf b;
	enum err err = ctx_printf(c, &path, "%s/" BACKUP_MANIFEST, folder);

	*m = (struct backup_manifest){.fd = -1};
	if (err)
		return err;
	m->fd = open(path.p, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (m->fd < 0)
		return folder_fail(c, path.p);
	crypto_sha256_begin(&m->digest);
	buf_init(&b, &c->arena, HEAD_MAX);
	buf_puts(&b, "{\n\"format\": \"" BACKUP_FORMAT "\",\n\"program\": ");
	json_escape(&b, about->program);
	buf_puts(&b, ",\n\"site_url\": ");
	json_escape(&b, about->site_url);
	buf_puts(&b, ",\n\"created\": \"");
	time_rfc3339(&b, about->created, 0);
	buf_printf(&b, "\",\n\"schema\": %d,\n\"files\": [\n", about->schema);
	return put(c, m, &b);
}

/* Names have nothing in them that JSON would have to escape. */
static void
line_begin(struct backup_manifest *m, const char *name, struct buf *b)
{
	buf_printf(b, "%s{\"name\": \"%s\", ", m->lines++ > 0 ? ",\n" : "", name);
}

enum err
backup_manifest_file(struct ctx *c, struct backup_manifest *m, const char *name, int64_t bytes,
	const unsigned char digest[CRYPTO_SHA256_BYTES])
{
	char hex[BACKUP_HEX + 1];
	struct buf b;

	buf_init(&b, &c->arena, LINE_MAX_BYTES);
	line_begin(m, name, &b);
	enc_hex(digest, CRYPTO_SHA256_BYTES, hex);
	buf_printf(&b, "\"bytes\": %lld, \"sha256\": \"%s\"}", (long long)bytes, hex);
	return put(c, m, &b);
}

enum err
backup_manifest_without(struct ctx *c, struct backup_manifest *m, const char *name, bool deleted)
{
	struct buf b;

	buf_init(&b, &c->arena, LINE_MAX_BYTES);
	line_begin(m, name, &b);
	buf_printf(&b, "\"%s\": true}", deleted ? "deleted" : "missing");
	return put(c, m, &b);
}

enum err
backup_manifest_end(struct ctx *c, struct backup_manifest *m)
{
	unsigned char digest[CRYPTO_SHA256_BYTES];
	char hex[BACKUP_HEX + 1];
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, LINE_MAX_BYTES);
	buf_puts(&b, "\n],\n");
	err = put(c, m, &b);
	if (err)
		return err;
	crypto_sha256_end(&m->digest, digest);
	enc_hex(digest, sizeof(digest), hex);
	buf_init(&b, &c->arena, LINE_MAX_BYTES);
	buf_printf(&b, "\"sha256\": \"%s\"\n}\n", hex);
	return put(c, m, &b);
}

/* ---- reading ----------------------------------------------------------------------------- */

static enum err
refuse(struct ctx *c, const char *why)
{
	return err_raise(c, ERR_BACKUP, "%s: %s", BACKUP_MANIFEST, why);
}

/* The next line, with its end; it stays until the next one. */
static enum err
line_read(struct ctx *c, struct backup_lines *l, struct str *out)
{
	size_t end = str_find(str_n(l->room + l->from, l->n), '\n', 0), got = 0;
	int64_t left = l->end - l->at;
	enum err err;

	if (end == l->n && left > 0) {
		memmove(l->room, l->room + l->from, l->n);
		l->from = 0;
		if (left > (int64_t)(BACKUP_ROOM - l->n))
			left = (int64_t)(BACKUP_ROOM - l->n);
		err = backup_read(c, l->fd, l->at, l->room + l->n, (size_t)left, &got);
		if (err)
			return err;
		l->at += (int64_t)got;
		l->n += got;
		end = str_find(str_n(l->room, l->n), '\n', 0);
	}
	if (end == l->n)
		return refuse(c, "a line of it has no end");
	*out = str_n(l->room + l->from, end + 1);
	l->from += end + 1;
	l->n -= end + 1;
	return OK;
}

static enum err
head_parse(struct ctx *c, struct str text, struct backup_report *about)
{
	const struct json *o = NULL;
	int offset;

	if (json_parse(c, text, &o) != OK) {
		err_clear(c);
		return refuse(c, "its beginning is none of ours");
	}
	if (!str_eq(json_str(json_find(o, S("format"))), S(BACKUP_FORMAT)))
		return refuse(c, "a format that this program does not know");
	about->program = json_str(json_find(o, S("program")));
	about->site_url = json_str(json_find(o, S("site_url")));
	about->schema = (int)json_int(json_find(o, S("schema")));
	return time_rfc3339_parse(json_str(json_find(o, S("created"))), &about->created, &offset) ?
		OK : refuse(c, "it does not say when it was made");
}

enum err
backup_lines_begin(struct ctx *c, struct backup_lines *l, int fd, int64_t at, int64_t bytes,
	struct backup_report *about)
{
	struct str line = S(""), text;
	struct buf head;
	enum err err = OK;

	*l = (struct backup_lines){.fd = fd, .at = at, .end = at + bytes};
	l->room = ctx_alloc(c, BACKUP_ROOM);
	if (!l->room)
		return ERR_MEMORY;
	crypto_sha256_begin(&l->digest);
	buf_init(&head, &c->arena, HEAD_MAX);
	while (!err && !str_eq(line, S("\"files\": [\n"))) {
		err = line_read(c, l, &line);
		if (!err && head.failed)
			err = refuse(c, "its beginning is too long");
		if (!err)
			buf_put(&head, line);
	}
	crypto_sha256_put(&l->digest, buf_str(&head));
	buf_puts(&head, "]}");
	if (!err)
		err = buf_end(c, &head, &text);
	return err ? err : head_parse(c, text, about);
}

/* After the list: its digest, and nothing more. */
static enum err
tail_check(struct ctx *c, struct backup_lines *l)
{
	unsigned char digest[CRYPTO_SHA256_BYTES];
	char hex[BACKUP_HEX + 1], want[BACKUP_HEX + 32];
	struct str line;
	enum err err;

	crypto_sha256_end(&l->digest, digest);
	enc_hex(digest, sizeof(digest), hex);
	(void)snprintf(want, sizeof(want), "\"sha256\": \"%s\"\n", hex);
	err = line_read(c, l, &line);
	if (!err && !str_eq(line, str_z(want)))
		return refuse(c, "it has been changed");
	if (!err)
		err = line_read(c, l, &line);
	if (!err && (!str_eq(line, S("}\n")) || l->n > 0 || l->at < l->end))
		err = refuse(c, "something follows its end");
	return err;
}

static bool
line_parse(struct ctx *c, struct str text, struct backup_line *out)
{
	const struct json *o = NULL;
	struct str name, hex;

	*out = (struct backup_line){0};
	if (json_parse(c, text, &o) != OK)
		return false;
	name = json_str(json_find(o, S("name")));
	hex = json_str(json_find(o, S("sha256")));
	out->missing = json_bool(json_find(o, S("missing")));
	out->deleted = json_bool(json_find(o, S("deleted")));
	out->bytes = json_int(json_find(o, S("bytes")));
	if (name.n == 0 || name.n >= sizeof(out->name) || memchr(name.p, '\0', name.n))
		return false;
	memcpy(out->name, name.p, name.n);
	return out->missing || out->deleted ||
		(hex.n == BACKUP_HEX && enc_hex_parse(hex, out->digest, sizeof(out->digest)));
}

enum err
backup_lines_next(struct ctx *c, struct backup_lines *l, struct backup_line *out, bool *more)
{
	struct str line;
	enum err err = line_read(c, l, &line);

	if (err)
		return err;
	crypto_sha256_put(&l->digest, line);
	*more = !str_eq(line, S("],\n"));
	if (!*more)
		return tail_check(c, l);
	line.n -= str_ends(line, S(",\n")) ? 2 : 1;
	if (line_parse(c, line, out))
		return OK;
	err_clear(c);
	return refuse(c, "a line of it cannot be read");
}
