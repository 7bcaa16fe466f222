/*
 * The courier's part: what is behind a client_id, and then the logo that it names, each in a step of
 * its own. Whatever goes wrong with it is noted in the row. The logo passes starpunk-media as an upload
 * does and is kept as a few kilobytes of our own making: a page that showed it from where it is would
 * tell its owner who looks.
 */
#include "domain/client.h"

#include "base/enc.h"
#include "core/log.h"
#include "domain/client_doc.h"
#include "domain/priv.h"
#include "image/image.h"
#include "net/fetch.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	FRESH_DEFAULT = 3600,		/* seconds, where the answer says nothing */
	LOGO_WIDTH = 96,		/* pixels */
	LOGO_MAX = 24 * 1024,		/* bytes of the picture made of it */
	TEXT_MAX = 160			/* bytes of a problem's detail */
};

static enum err
row_write(struct ctx *c, struct db *db, const struct client_row *row)
{
	enum err e = db_tx_begin(c, db);

	return e ? e : domain_tx_end(c, db, client_row_set(c, db, row));
}

/* Runs the helper; a failure of it is a problem like others. */
static enum err
fetch(struct ctx *c, const char *mode, struct str url, int fd, const struct json **out,
	enum fetch_problem *problem, struct str *detail)
{
	const struct json *word;
	struct str text;
	enum err e = fetch_run(c, mode, url, fd, &text);

	*out = NULL;
	if (!e)
		e = json_parse(c, text, out);
	if (e == ERR_MEMORY)
		return e;
	word = json_find(*out, S("problem"));
	*problem = json_kind(word) == JSON_STRING ? fetch_problem_of(json_str(word)) : FETCH_HELPER;
	*detail = enc_utf8_cut(json_str(json_find(*out, S("detail"))), TEXT_MAX);
	if (!e)
		return OK;
	e = ctx_str(c, str_z(c->err.detail), detail);
	err_clear(c);
	return e;
}

/* ---- the document ------------------------------------------------------------------------ */

static int64_t
fresh_until(struct ctx *c, const struct json *answer, bool failed)
{
	int64_t age = json_int(json_find(answer, S("max_age")));

	if (age < 0)
		age = FRESH_DEFAULT;
	if (age < CLIENT_FRESH_MIN || failed)
		age = CLIENT_FRESH_MIN;
	if (age > CLIENT_FRESH_MAX)
		age = CLIENT_FRESH_MAX;
	return domain_now(c) + age;
}

static enum err
fetch_document(struct ctx *c, struct db *db, struct client_row *row)
{
	struct client_row new = {.id = row->id, .client_id = row->client_id};
	struct client_doc doc = {0};
	const struct json *answer;
	enum fetch_problem problem;
	struct str detail;
	enum err e = fetch(c, "client", row->client_id, -1, &answer, &problem, &detail);

	if (!e && problem == FETCH_OK)
		e = client_doc_find(c, answer, &doc);
	if (e)
		return e;
	new.state = problem == FETCH_OK ? CLIENT_KNOWN : CLIENT_FAILED;
	new.problem = str_z(fetch_word(problem));
	new.name = doc.name;
	new.url = doc.url;
	new.logo_url = doc.logo;
	new.redirect_uris = doc.redirect_uris;
	new.fetched = domain_now(c);
	new.expires = fresh_until(c, answer, new.state == CLIENT_FAILED);
	e = row_write(c, db, &new);
	if (e)
		return e;
	if (new.state == CLIENT_KNOWN)
		log_event(c, client_fetched, .client = row->client_id, .name = new.name);
	else
		log_event(c, client_failed, .client = row->client_id, .problem = new.problem,
			.detail = detail);
	*row = new;
	return OK;
}

/* ---- the logo ---------------------------------------------------------------------------- */

/* Three files without a name: as it came, as it is fit to be shown, and small. */
enum { RAW, CLEAN, SMALL, N_FILES };

static enum err
read_picture(struct ctx *c, int fd, struct str *out)
{
	char *p = ctx_alloc(c, LOGO_MAX + 1);
	ssize_t n = p ? pread(fd, p, LOGO_MAX + 1, 0) : 0;
	struct buf b;

	if (!p)
		return ERR_MEMORY;
	if (n <= 0 || n > LOGO_MAX)
		return err_raise(c, ERR_UPLOAD_TOO_LARGE, "the logo is no small picture");
	buf_init(&b, &c->arena, 2 * LOGO_MAX);
	buf_puts(&b, "data:image/webp;base64,");
	enc_base64(&b, p, (size_t)n);
	return buf_end(c, &b, out);
}

static enum err
fetch_logo_into(struct ctx *c, struct str url, const int fds[N_FILES], struct str *out)
{
	struct image_info info;
	const struct json *answer;
	enum fetch_problem problem;
	struct str detail;
	enum err e = fetch(c, "file", url, fds[RAW], &answer, &problem, &detail);

	if (!e && problem != FETCH_OK)
		e = err_raise(
			c, ERR_FETCH_HELPER, "%s: %.*s", fetch_word(problem), STR(detail));
	if (!e)
		e = image_prepare(c, fds[RAW], fds[CLEAN], &info);
	if (!e && info.width == 0)
		e = err_raise(c, ERR_UPLOAD_TYPE, "the logo is no picture");
	if (!e)
		e = image_resize(c, fds[CLEAN], LOGO_WIDTH, IMAGE_WEBP, fds[SMALL]);
	return e ? e : read_picture(c, fds[SMALL], out);
}

static enum err
fetch_logo(struct ctx *c, struct db *db, struct client_row *row)
{
	int fds[N_FILES] = {-1, -1, -1};
	struct str logo = S("");
	enum err e = OK;

	for (int i = 0; i < N_FILES && !e; i++) {
		fds[i] = memfd_create("logo", MFD_CLOEXEC);
		if (fds[i] < 0)
			e = err_raise(c, ERR_IO, "memfd_create: %s", strerror(errno));
	}
	if (!e)
		e = fetch_logo_into(c, row->logo_url, fds, &logo);
	for (int i = 0; i < N_FILES; i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	/* It is shown without one. */
	if (e)
		log_event(c, client_failed, .client = row->client_id, .problem = S("logo"),
			.detail = str_z(c->err.detail));
	err_clear(c);
	row->logo = e ? S("") : logo;
	row->logo_url = S("");
	return row_write(c, db, row);
}

enum err
client_step(struct ctx *c, struct db *db, int64_t id, bool *more)
{
	struct client_row row;
	enum err e = client_row_find_id(c, db, id, &row);

	*more = false;
	if (e == ERR_NOT_FOUND) {
		err_clear(c);
		return OK;
	}
	if (!e && row.state == CLIENT_PENDING) {
		e = fetch_document(c, db, &row);
		*more = !e && !str_empty(row.logo_url);
		return e;
	}
	return e || str_empty(row.logo_url) ? e : fetch_logo(c, db, &row);
}
