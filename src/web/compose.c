/*
 * Writing: the composer's form, its preview, and the owner's uploads. A form that cannot be carried
 * out comes back with everything that was typed; a post that has changed meanwhile is shown beside it.
 * How posts are made and changed is Micropub's: a session is a grant like a token's.
 */
#include "web/compose.h"

#include "base/enc.h"
#include "domain/site.h"

/* ---- the form as it comes ---------------------------------------------------------------- */

/* "photo.new": the parts of a form that carry files. */
static enum err
accept_file(struct ctx *c, const struct upload *u, struct str name)
{
	static const struct str parts[] = {S_INIT("photo.new"), S_INIT("video.new"),
		S_INIT("audio.new"), S_INIT("featured.new")};

	(void)u;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (str_eq(name, parts[i]))
			return OK;
	return err_raise(c, ERR_UPLOAD_PART, "a file in part '%.*s'", STR(name));
}

/*
 * The form's fields. Files that came with it are stored at once, so that the form can come back with
 * them whatever becomes of the post.
 */
static enum err
fields_read(struct ctx *c, struct txn *t, struct pair **out, size_t *n)
{
	struct upload u = {.may = media_may_upload, .accept = accept_file};
	struct str type;
	enum err err = req_media_type(c, &t->req, &type);

	if (err)
		return err;
	if (!str_eq(type, S("multipart/form-data")))
		return txn_form(c, t, out, n);
	err = upload_receive(c, t, &u);
	if (!err)
		err = upload_prepare(c, t, &u);
	if (!err)
		err = upload_fit(c, &u);
	if (!err)
		err = upload_store(c, t, &u);
	*out = u.fields;
	*n = u.n;
	return err;
}

/* The post that a form changes; p->row stays NULL for a new one. ERR_NOT_FOUND, ERR_GONE. */
static enum err
post_find(struct ctx *c, struct txn *t, struct compose_page *p, struct str slug)
{
	struct post_row *row;
	struct db *db;
	enum err err;

	p->row = NULL;
	if (slug.n == 0)
		return OK;
	row = ctx_alloc(c, sizeof(*row));
	err = row ? txn_db(c, t, &db) : ERR_MEMORY;
	if (!err)
		err = post_find_own(c, db, slug, row);
	txn_db_release(c, t);
	p->row = err ? NULL : row;
	return err;
}

static enum err
stored_read(struct ctx *c, const struct compose_page *p, struct compose_form **out)
{
	*out = NULL;
	if (!p->row)
		return OK;
	*out = ctx_alloc(c, sizeof(**out));
	return *out ? compose_read(c, p->row, *out) : ERR_MEMORY;
}

/* The form once more, with what the type asks for and the post has besides. */
static enum err
form_again(struct ctx *c, struct txn *t, struct compose_page *p)
{
	struct compose_form *stored;
	enum err err = stored_read(c, p, &stored);

	if (err)
		return err;
	compose_complete(&p->form, stored);
	return compose_send(c, t, p);
}

/* ---- preview ----------------------------------------------------------------------------- */

/* The post that the form would be, as an entry of a page. */
static enum err
preview_make(struct ctx *c, struct txn *t, struct compose_page *p, struct view_entry *out)
{
	struct post_row row;
	struct shown *shown;
	struct db *db;
	enum err err = compose_check(c, &p->form, COMPOSE_DRAFT);

	if (!err)
		err = compose_preview(c, &p->form, p->row, &row);
	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = shown_read(c, db, &row, 1, &shown);
	txn_db_release(c, t);
	if (!err)
		err = view_entry(c, t->web, shown, false, out);
	out->brief = false;
	return err;
}

enum err
web_preview(struct ctx *c, struct txn *t)
{
	struct view_entry *entry = ctx_calloc(c, 1, sizeof(*entry));
	struct compose_page *p = ctx_alloc(c, sizeof(*p));
	struct view_page head = {.hidden = true};
	struct view_single data = {.site = t->site, .page = &head, .entry = entry};
	struct pair *fields;
	size_t n;
	enum err err = p && entry ? txn_form(c, t, &fields, &n) : ERR_MEMORY;

	if (!err)
		err = compose_parse(c, fields, n, &p->form);
	if (!err)
		err = post_find(c, t, p, p->form.post);
	if (!err)
		err = preview_make(c, t, p, entry);
	return err ? err : desk_send(c, t, VIEW_PREVIEW, &data);
}

/* ---- carrying out ------------------------------------------------------------------------ */

static bool
same_version(void *self, struct str version, int64_t changed)
{
	(void)changed;
	return str_eq(*(const struct str *)self, version);
}

/* To the list, or back to a draft, with word of what has become of it. */
static enum err
done(struct ctx *c, struct txn *t, const struct compose_page *p, struct str permalink)
{
	const char *notice = p->row ? "post-saved" : "post-published";
	struct str slug, path;
	struct post_row row;
	struct db *db;
	enum err err = site_permalink_parse(c, permalink, &slug);

	if (!err)
		err = txn_db(c, t, &db);
	if (!err)
		err = post_row_find(c, db, slug, &row);
	txn_db_release(c, t);
	if (err)
		return err;
	if (row.status == POST_DRAFT)
		notice = "draft-saved";
	else if (row.status == POST_SCHEDULED)
		notice = "post-scheduled";
	else if (p->row && p->row->status != POST_PUBLISHED)
		notice = "post-published";
	err = slug_path(c,
		row.status == POST_DRAFT ? "/admin/compose?post=" : "/admin/posts?new=", slug,
		&path);
	return err ? err : desk_done(c, t, path, notice);
}

static enum err
run(struct ctx *c, struct txn *t, const struct compose_page *p, struct micropub_request *request)
{
	struct post_result result;
	struct db *db;
	enum err err = txn_db(c, t, &db);

	if (!err)
		err = micropub_run(c, db, &t->grant, request, &result);
	txn_db_release(c, t);
	return err ? err : done(c, t, p, result.permalink);
}

/* A key that has made another post is not the owner's to understand: the next try has a new one. */
static enum err
create(struct ctx *c, struct txn *t, struct compose_page *p, enum compose_wish wish)
{
	struct micropub_request request;
	enum err err = compose_request(c, &p->form, wish, &request), again;

	if (!err)
		err = run(c, t, p, &request);
	if (err != ERR_RETRY_KEY)
		return err;
	err_clear(c);
	again = compose_key(c, &p->form.key);
	return again ? again : err_raise(c, ERR_COMPOSE_AGAIN, "the key made another post");
}

/* The post is not what the form was made of. If it is what the form says, that is all that was wanted. */
static enum err
changed_meanwhile(struct ctx *c, struct txn *t, struct compose_page *p, enum compose_wish wish)
{
	struct micropub_request request;
	struct compose_form *theirs;
	bool changes;
	enum err err = post_find(c, t, p, p->form.post);

	if (!err)
		err = compose_change(c, &p->form, p->row, wish, &request, &changes);
	if (!err && !changes)
		return done(c, t, p, request.url);
	if (!err)
		err = stored_read(c, p, &theirs);
	if (err)
		return err;
	p->theirs = theirs;
	p->form.version = theirs->version;
	return err_raise(c, ERR_COMPOSE_CHANGED, "post '%.*s' has changed", STR(p->row->slug));
}

static enum err
change(struct ctx *c, struct txn *t, struct compose_page *p, enum compose_wish wish)
{
	struct post_condition condition = {same_version, &p->form.version};
	struct micropub_request request;
	bool changes;
	enum err err = compose_change(c, &p->form, p->row, wish, &request, &changes);

	if (err)
		return err;
	if (!changes)
		return done(c, t, p, request.url);
	request.condition = &condition;
	err = run(c, t, p, &request);
	if (err != ERR_PRECONDITION)
		return err;
	err_clear(c);
	return changed_meanwhile(c, t, p, wish);
}

static enum err
save(struct ctx *c, struct txn *t, struct compose_page *p, struct str wish)
{
	enum compose_wish what = str_eq(wish, S("publish")) ? COMPOSE_PUBLISH
		: str_eq(wish, S("draft"))		    ? COMPOSE_DRAFT
							    : COMPOSE_SAVE;
	enum err err;

	/* A new post that is only to be saved is not yet for others. */
	if (!p->row && what == COMPOSE_SAVE)
		what = COMPOSE_DRAFT;
	err = compose_check(c, &p->form, what);
	if (err)
		return err;
	return p->row ? change(c, t, p, what) : create(c, t, p, what);
}

/* The post is not there any more: what was typed is offered as a new one. */
static enum err
post_lost(struct ctx *c, struct compose_page *p, enum err why)
{
	p->row = NULL;
	p->form.post = (struct str){0};
	p->problem = why;
	return compose_key(c, &p->form.key);
}

/* Whatever is asked for but saving: the form comes again. */
static enum err
look(struct ctx *c, struct txn *t, struct compose_page *p, struct str wish, struct str type)
{
	struct view_entry *entry;
	enum err err;

	if (str_eq(wish, S("type")) && !p->row)
		p->form.type = compose_type_find(type);
	if (!str_eq(wish, S("preview")))
		return OK;
	entry = ctx_calloc(c, 1, sizeof(*entry));
	err = entry ? preview_make(c, t, p, entry) : ERR_MEMORY;
	p->preview = err ? NULL : entry;
	return err;
}

static enum err
wish_follow(struct ctx *c, struct txn *t, struct compose_page *p, const struct pair *fields, size_t n,
	bool *answered)
{
	struct str wish = txn_field(fields, n, S("do"));
	bool looks = str_eq(wish, S("type")) || str_eq(wish, S("attach")) ||
		str_eq(wish, S("preview"));
	enum err err;

	if (looks)
		return look(c, t, p, wish, txn_field(fields, n, S("to")));
	err = save(c, t, p, wish);
	*answered = !err;
	return err;
}

/* From here on the form is there: whatever goes wrong, it comes back with what was typed. */
static enum err
form_post(struct ctx *c, struct txn *t, struct compose_page *p)
{
	struct pair *fields;
	bool answered = false;
	size_t n;
	enum err err = fields_read(c, t, &fields, &n);

	if (!err)
		err = compose_parse(c, fields, n, &p->form);
	if (err)
		return err;
	p->unsaved = true;
	err = post_find(c, t, p, p->form.post);
	if (err == ERR_GONE || err == ERR_NOT_FOUND)
		err = post_lost(c, p, err);
	else if (!err)
		p->problem = wish_follow(c, t, p, fields, n, &answered);
	if (err || answered || p->problem == ERR_MEMORY)
		return err ? err : p->problem;
	if (p->problem)
		err = ctx_str(c, str_z(c->err.hint), &p->detail);
	return err ? err : form_again(c, t, p);
}

enum err
web_compose(struct ctx *c, struct txn *t)
{
	struct compose_page *p = ctx_alloc(c, sizeof(*p));
	struct str slug = {0}, type = {0};
	enum err err = p ? req_query(c, &t->req, S("post"), &slug) : ERR_MEMORY;

	if (err)
		return err;
	if (t->req.method == METHOD_POST)
		return form_post(c, t, p);
	err = req_query(c, &t->req, S("type"), &type);
	if (!err)
		err = post_find(c, t, p, slug);
	if (!err && p->row)
		err = compose_read(c, p->row, &p->form);
	else if (!err)
		err = compose_new(c, compose_type_find(type), &p->form);
	return err ? err : compose_send(c, t, p);
}

/* ---- uploads ----------------------------------------------------------------------------- */

static enum err
accept_upload(struct ctx *c, const struct upload *u, struct str name)
{
	(void)u;
	if (str_eq(name, S("file")))
		return OK;
	return err_raise(c, ERR_UPLOAD_PART, "a file in part '%.*s'", STR(name));
}

/* {"files":[{"url","type"}]} */
static enum err
uploads_tell(struct ctx *c, struct txn *t, const struct upload *u)
{
	struct json *answer, *list, *file;
	enum err err = json_object(c, &answer);

	if (!err)
		err = json_array(c, &list);
	for (size_t i = 0; !err && i < u->n_files; i++) {
		err = json_object(c, &file);
		if (!err)
			err = json_set_str(c, file, S("url"), media_upload_url(u->files[i]));
		if (!err)
			err = json_set_str(c, file, S("type"), media_upload_type(u->files[i]));
		if (!err)
			err = json_push(c, list, file);
	}
	if (!err)
		err = json_set(c, answer, S("files"), list);
	if (!err)
		err = txn_json(c, t, "application/json", answer);
	t->resp.status = 201;
	if (!err)
		resp_set(&t->resp, "Location", media_upload_url(u->files[0]));
	return err;
}

enum err
web_upload(struct ctx *c, struct txn *t)
{
	struct upload u = {.may = media_may_upload, .accept = accept_upload};
	struct str type;
	enum err err = req_media_type(c, &t->req, &type);

	if (err)
		return err;
	if (!str_eq(type, S("multipart/form-data")))
		return err_raise(c, ERR_MEDIA_TYPE, "an upload of type '%.*s'", STR(type));
	err = upload_receive(c, t, &u);
	if (!err && u.n_files == 0)
		err = err_raise(c, ERR_UPLOAD_PART, "no file");
	if (!err)
		err = upload_prepare(c, t, &u);
	if (!err)
		err = upload_store(c, t, &u);
	if (err)
		return err;
	if (accept_prefers_json(&t->req))
		return uploads_tell(c, t, &u);
	return desk_done(c, t, S("/admin/media"), "uploaded");
}
