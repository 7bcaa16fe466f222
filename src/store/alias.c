/*
 * Rows of addresses that lead elsewhere.
 */
#include "store/alias.h"

#include "store/stmt.h"

enum { SOURCES_MAX = 256 * 1024 };

static void
alias_read(struct stmt *s, struct alias_row *out)
{
	out->source = stmt_text(s, ROW_ALIAS_SOURCE);
	out->target = stmt_text(s, ROW_ALIAS_TARGET);
	out->status = stmt_int(s, ROW_ALIAS_STATUS);
	out->created = stmt_int(s, ROW_ALIAS_CREATED);
}

static enum err
sources_json(struct ctx *c, const struct str *sources, size_t n, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, SOURCES_MAX);
	buf_putc(&b, '[');
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s\"%.*s\"", i ? "," : "", STR(sources[i]));
	buf_putc(&b, ']');
	return buf_end(c, &b, out);
}

enum err
alias_row_find(struct ctx *c, struct db *db, const struct str *sources, size_t n,
	struct alias_row *out)
{
	struct str json;
	struct stmt s;
	bool found;
	enum err e = sources_json(c, sources, n, &json);

	if (e)
		return e;
	stmt_begin(c, db, SQL_ALIAS_FIND, &s);
	stmt_bind_text(&s, IN_ALIAS_FIND_SOURCES, json);
	found = stmt_next(&s);
	if (found)
		alias_read(&s, out);
	e = stmt_end(&s);
	if (!e && !found)
		e = err_raise(c, ERR_NOT_FOUND, "nothing is known of '%.*s'", STR(sources[0]));
	return e;
}

enum err
alias_row_list(struct ctx *c, struct db *db, struct str after, size_t limit, struct alias_row *out,
	size_t *n)
{
	struct stmt s;

	*n = 0;
	stmt_begin(c, db, SQL_ALIAS_LIST, &s);
	stmt_bind_text(&s, IN_ALIAS_LIST_AFTER, after);
	stmt_bind_int(&s, IN_ALIAS_LIST_LIMIT, (int64_t)limit);
	while (*n < limit && stmt_next(&s))
		alias_read(&s, &out[(*n)++]);
	return stmt_end(&s);
}

enum err
alias_row_put(struct ctx *c, struct db *db, const struct alias_row *row, bool *changed)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_ALIAS_PUT, &s);
	stmt_bind_text(&s, IN_ALIAS_PUT_SOURCE, row->source);
	stmt_bind_text(&s, IN_ALIAS_PUT_TARGET, row->target);
	stmt_bind_int(&s, IN_ALIAS_PUT_STATUS, row->status);
	stmt_bind_int(&s, IN_ALIAS_PUT_CREATED, row->created);
	e = stmt_run(&s);
	*changed = !e && stmt_changes(db) > 0;
	return e;
}

enum err
alias_row_remove(struct ctx *c, struct db *db, struct str source)
{
	struct stmt s;
	enum err e;

	stmt_begin(c, db, SQL_ALIAS_REMOVE, &s);
	stmt_bind_text(&s, IN_ALIAS_REMOVE_SOURCE, source);
	e = stmt_run(&s);
	if (!e && stmt_changes(db) == 0)
		e = err_raise(c, ERR_NOT_FOUND, "'%.*s' leads nowhere", STR(source));
	return e;
}
