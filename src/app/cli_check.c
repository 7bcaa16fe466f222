/*
 * `starpunk check`: whether the database is sound, whether searches find what there is, and whether the
 * uploaded files are what it says they are. Files that it does not know are told, but are no fault: an
 * upload may be under way, and what is left of one is swept in time.
 */
#include "app/cli.h"

#include "domain/media.h"
#include "domain/search_index.h"
#include "text/json.h"

struct check {
	enum err database;  /* what was found */
	struct str finding; /* of it; empty: good */
	enum err search;
	struct search_report searching;
	int64_t unfound;    /* posts that searches miss, or find and should not */
	struct media_report media;
};

static bool
search_sound(const struct check *k)
{
	return k->search == OK && k->unfound == 0;
}

/* ---- text -------------------------------------------------------------------------------- */

static void
put_text(struct buf *b, const struct check *k)
{
	const struct media_report *m = &k->media;

	buf_printf(b, "database: good\n");
	if (search_sound(k))
		buf_printf(b, "search: good, %s\n", search_engine_name(k->searching.engine));
	else if (k->search)
		buf_printf(b, "search: the index is not what it should be\n");
	else
		buf_printf(b, "search: %lld posts are missed\n", (long long)k->unfound);
	buf_printf(b, "media: %lld files good, %lld lost, %lld unknown\n", (long long)m->files,
		(long long)m->lost, (long long)m->unknown);
	for (size_t i = 0; i < m->n; i++)
		buf_printf(b, "  %s: %.*s\n", media_problem_name(m->findings[i].problem),
			STR(m->findings[i].name));
}

/* ---- JSON -------------------------------------------------------------------------------- */

static enum err
put_database(struct ctx *c, const struct check *k, struct json *out)
{
	struct json *o;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_bool(c, o, S("healthy"), k->database == OK);
	if (!err && k->finding.n > 0)
		err = json_set_str(c, o, S("finding"), k->finding);
	return err ? err : json_set(c, out, S("database"), o);
}

static enum err
put_search(struct ctx *c, const struct check *k, struct json *out)
{
	const char *engine = search_engine_name(k->searching.engine);
	struct json *o;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_bool(c, o, S("healthy"), search_sound(k));
	if (!err)
		err = json_set_str(c, o, S("engine"), str_z(engine));
	if (!err)
		err = json_set_int(c, o, S("missed"), k->unfound);
	return err ? err : json_set(c, out, S("search"), o);
}

static enum err
put_findings(struct ctx *c, const struct media_report *m, struct json *out)
{
	struct json *list, *o;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < m->n; i++) {
		const char *problem = media_problem_name(m->findings[i].problem);

		err = json_object(c, &o);
		if (!err)
			err = json_set_str(c, o, S("problem"), str_z(problem));
		if (!err)
			err = json_set_str(c, o, S("name"), m->findings[i].name);
		if (!err)
			err = json_push(c, list, o);
	}
	return err ? err : json_set(c, out, S("findings"), list);
}

static enum err
put_media(struct ctx *c, const struct check *k, struct json *out)
{
	const struct media_report *m = &k->media;
	struct json *o;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_bool(c, o, S("healthy"), m->lost == 0);
	if (!err)
		err = json_set_int(c, o, S("files"), m->files);
	if (!err)
		err = json_set_int(c, o, S("lost"), m->lost);
	if (!err)
		err = json_set_int(c, o, S("unknown"), m->unknown);
	if (!err)
		err = put_findings(c, m, o);
	return err ? err : json_set(c, out, S("media"), o);
}

static enum err
put_json(struct ctx *c, const struct check *k, struct buf *b)
{
	struct json *o;
	enum err err = json_object(c, &o);

	if (!err)
		err = put_database(c, k, o);
	/* Nothing is read from a database that is not sound. */
	if (!err && k->database == OK)
		err = put_search(c, k, o);
	if (!err && k->database == OK)
		err = put_media(c, k, o);
	return err ? err : cli_put_json(c, o, b);
}

/* ---- the command ------------------------------------------------------------------------- */

static enum err
look(struct ctx *c, struct db *db, struct check *k)
{
	enum err err;

	k->database = db_check(c, db);
	if (k->database)
		return ctx_str(c, str_z(c->err.detail), &k->finding);
	k->search = search_check(c, db, &k->unfound);
	if (k->search != OK && k->search != ERR_DB_CORRUPT)
		return k->search;
	err_clear(c);
	err = search_report(c, db, &k->searching);
	return err ? err : media_check(c, db, &k->media);
}

/* What the exit status is to say. */
static enum err
verdict(struct ctx *c, struct cli *cli, const struct check *k)
{
	if (k->database)
		return k->database;
	if (!search_sound(k)) {
		cli->remedy = "'starpunk reindex' makes anew what searches look at.";
		return err_raise(c, ERR_DB_CORRUPT, "searches do not find what there is");
	}
	if (k->media.lost > 0)
		return err_raise(c, ERR_MEDIA_LOST, "%lld uploaded files are not as they were",
			(long long)k->media.lost);
	return OK;
}

enum err
cli_check(struct ctx *c, struct cli *cli)
{
	bool json = cli_flag(cli, S("--json"));
	struct check *k = ctx_calloc(c, 1, sizeof(*k));
	struct db *db = NULL;
	struct buf out;
	enum err err = k ? cli_db(c, cli, &db) : ERR_MEMORY;

	if (!err)
		err = look(c, db, k);
	db_close(db);
	if (err || (k->database && !json))
		return err ? err : k->database;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (json)
		err = put_json(c, k, &out);
	else
		put_text(&out, k);
	if (!err)
		err = cli_print(c, &out);
	return err ? err : verdict(c, cli, k);
}
