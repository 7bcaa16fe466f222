/*
 * Forms with files, for all routes that take them. The order matters: who asks is known before
 * the first byte is read, if the header says so, and before the first file, if a field before it
 * does; files of who has not said it yet are small; nothing of a file can be found by anybody
 * before the token and all texts are in; and no connection to the database is held while a client
 * sends or a picture is decoded, for both take as long as they like. So that they do not take all
 * threads, one of a worker's is left out of it.
 */
#include "web/upload.h"

#include "web/priv.h"

#include "base/time.h"
#include "http/multipart.h"

#include <errno.h>
#include <time.h>

enum { CROWD_WAIT = 1000000 }; /* microseconds */

struct receiver {
	struct txn *t;
	struct upload *u;
	struct multipart_fields *fields;
	size_t unasked; /* bytes of files that came before any token */
};

/* What follows has the time of a request, however long the body took so far. */
static void
time_begin(struct ctx *c)
{
	c->deadline_us = time_mono_us() + c->cfg->request_timeout;
}

/*
 * Verifies the token of a field before the file that begins, if nobody is known yet; of the owner's
 * form, that it is ours.
 */
static enum err
token_before_file(struct ctx *c, struct receiver *r)
{
	struct str token = multipart_fields_find(r->fields, S("access_token"));
	enum err err;

	if (r->t->csrf_due)
		return gate_csrf_of(c, r->t, multipart_fields_find(r->fields, S("csrf")));
	if (r->t->granted || !token.p)
		return OK;
	time_begin(c);
	err = gate_token_of(c, r->t, token);
	txn_db_release(c, r->t);
	return err;
}

static enum err
file_begin(struct ctx *c, void *self, const struct multipart_part *part, size_t field)
{
	struct receiver *r = self;
	struct upload *u = r->u;
	enum err err = token_before_file(c, r);

	if (!err && r->t->granted)
		err = u->may(c, &r->t->grant);
	if (!err)
		err = call_file(c, &r->t->call,
			(struct call_file){part->name, part->filename, part->type, 0});
	if (!err)
		err = u->accept(c, u, part->name);
	if (err)
		return err;
	if (u->n_files == MEDIA_FILES_MAX)
		return err_raise_hint(
			c, ERR_UPLOAD_TOO_LARGE, "more than %d files", MEDIA_FILES_MAX);
	u->places[u->n_files] = field;
	return media_upload_begin(c, &u->files[u->n_files++]);
}

static enum err
file_data(struct ctx *c, void *self, struct str bytes)
{
	struct receiver *r = self;
	struct upload *u = r->u;

	if (!r->t->granted) {
		r->unasked += bytes.n;
		if (r->unasked > UPLOAD_UNASKED)
			return err_raise(c, ERR_UNAUTHORIZED, "no token before %zu bytes of files",
				r->unasked);
	}
	call_file_grow(&r->t->call, bytes.n);
	return media_upload_put(c, u->files[u->n_files - 1], bytes);
}

static enum err
body_put(struct ctx *c, void *self, struct str bytes)
{
	return multipart_fields_feed(c, ((struct receiver *)self)->fields, bytes);
}

/*
 * One more form is being received: false if there are too many. Waits a moment, for what comes from
 * a front server that has it whole is there soon, and a client may well send five photos at once.
 */
static bool
crowd_enter(struct web *w)
{
	int64_t end = time_mono_us() + CROWD_WAIT;
	const struct timespec until = {
		.tv_sec = (time_t)(end / 1000000), .tv_nsec = (long)(end % 1000000 * 1000)};
	int rc;

	do
		rc = sem_clockwait(&w->uploads, CLOCK_MONOTONIC, &until);
	while (rc != 0 && errno == EINTR);
	return rc == 0;
}

/* Reads the body to its end. */
static enum err
receive(struct ctx *c, struct txn *t, struct receiver *r)
{
	enum err err;

	if (!crowd_enter(t->web)) {
		t->req.body_refused = true;
		return err_raise(c, ERR_UPLOAD_CROWD, "all threads for uploads are busy");
	}
	/* Who has shown no token gets no more time than any request. */
	t->req.body_patient = t->granted;
	err = req_stream(c, &t->req, body_put, r);
	(void)sem_post(&t->web->uploads);
	time_begin(c);
	return err;
}

/* Who sent the form, now that all of it is there; nobody else's is looked at any further. */
static enum err
sender_check(struct ctx *c, struct txn *t, const struct upload *u)
{
	if (t->row->gate != ROUTE_GATE_SESSION)
		return gate_token_of(c, t, txn_field(u->fields, u->n, S("access_token")));
	return t->csrf_due ? gate_csrf_of(c, t, txn_field(u->fields, u->n, S("csrf"))) : OK;
}

enum err
upload_receive(struct ctx *c, struct txn *t, struct upload *u)
{
	struct receiver r = {.t = t, .u = u};
	struct multipart_files files = {&r, file_begin, file_data};
	bool session = t->row->gate == ROUTE_GATE_SESSION;
	struct str in_header = req_bearer(&t->req);
	enum err err = in_header.p && !session ? gate_token(c, t, in_header) : OK;

	txn_db_release(c, t);
	if (!err)
		err = multipart_fields_new(c, t->req.content_type, &files, &r.fields);
	if (!err)
		err = receive(c, t, &r);
	if (!err)
		err = multipart_fields_end(c, r.fields, &u->fields, &u->n);
	if (!err)
		err = sender_check(c, t, u);
	txn_db_release(c, t);
	if (err)
		return err;
	t->call.fields = u->fields;
	t->call.n_fields = u->n;
	return u->n_files > 0 ? u->may(c, &t->grant) : OK;
}

enum err
upload_prepare(struct ctx *c, struct txn *t, struct upload *u)
{
	struct db *db;
	enum err err = u->n_files > 0 ? txn_db(c, t, &db) : OK;

	for (size_t i = 0; !err && i < u->n_files; i++)
		err = media_upload_find(c, db, u->files[i]);
	txn_db_release(c, t);
	for (size_t i = 0; !err && i < u->n_files; i++) {
		err = media_upload_prepare(c, u->files[i]);
		if (!err)
			u->fields[u->places[i]].value = media_upload_url(u->files[i]);
	}
	return err;
}

/*
 * Whether a page can show a file of that type as what it was sent as. A player of films plays sound
 * and one of sound the sound of a film, which may be all that there is in an MP4 or WebM.
 */
static enum err
file_fits(struct ctx *c, struct str name, struct str type)
{
	bool picture = str_starts(type, S("image/")), film = str_starts(type, S("video/"));
	bool as_photo = str_starts(name, S("photo")) || str_starts(name, S("featured"));
	const char *instead = picture ? "photo" : film ? "video" : "audio";

	if (!picture && !film && !str_starts(type, S("audio/")))
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY,
			"this is %.*s: it can be linked to, not shown", STR(type));
	if (picture != as_photo)
		return err_raise_hint(c, ERR_MICROPUB_PROPERTY, "this is %.*s: send it as %s",
			STR(type), instead);
	return OK;
}

enum err
upload_fit(struct ctx *c, const struct upload *u)
{
	enum err err = OK;

	for (size_t i = 0; !err && i < u->n_files; i++)
		err = file_fits(
			c, u->fields[u->places[i]].name, media_upload_type(u->files[i]));
	return err;
}

enum err
upload_store(struct ctx *c, struct txn *t, struct upload *u)
{
	struct db *db;
	enum err err = u->n_files > 0 ? txn_db(c, t, &db) : OK;

	if (err || u->n_files == 0)
		return err;
	return media_store(
		c, db, u->files, u->n_files, t->grant.session ? (struct str){0} : t->grant.id);
}
