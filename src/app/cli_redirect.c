/*
 * Commands about old addresses and where they lead.
 */
#include "app/cli.h"

#include "domain/alias.h"
#include "text/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 500, LINE_MAX_BYTES = 8192, TOLD_MAX = 20 };

/* ---- one ------------------------------------------------------------------------------------- */

enum err
cli_redirect_add(struct ctx *c, struct cli *cli)
{
	unsigned long long status = 0;
	struct str word = cli_option(cli, S("--status"));
	size_t changed = 0, bad;
	struct alias_row row;
	struct db *db = NULL;
	struct buf out;
	enum err err = OK;

	if (word.p && (!str_u64(word, 999, &status) || status == 0))
		err = err_raise(c, ERR_USAGE, "'%.*s' is no status", STR(word));
	if (!err)
		err = cli_db(c, cli, &db);
	if (!err)
		err = alias_make(c, cli->operands[0], cli->operands[1], (int)status, &row);
	if (!err)
		err = alias_put(c, db, &row, 1, &changed, &bad);
	db_close(db);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	if (row.status == 410)
		buf_printf(&out, "%.*s is gone.\n", STR(row.source));
	else
		buf_printf(&out, "%.*s leads to %.*s (%d).\n", STR(row.source), STR(row.target),
			(int)row.status);
	return cli_print(c, &out);
}

enum err
cli_redirect_remove(struct ctx *c, struct cli *cli)
{
	struct db *db = NULL;
	enum err err = cli_db(c, cli, &db);

	if (!err)
		err = alias_remove(c, db, cli->operands[0]);
	db_close(db);
	if (err == ERR_NOT_FOUND)
		cli->remedy = "'starpunk redirect list' shows which there are.";
	return err;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static enum err
row_json(struct ctx *c, const struct alias_row *row, struct buf *out)
{
	struct json *o = NULL;
	enum err err = json_object(c, &o);

	if (!err)
		err = json_set_str(c, o, S("from"), row->source);
	if (!err)
		err = json_set_str(c, o, S("to"), row->target);
	if (!err)
		err = json_set_int(c, o, S("status"), row->status);
	if (!err)
		err = json_set_str(c, o, S("created"), cli_moment(c, row->created));
	return err ? err : cli_put_json(c, o, out);
}

/* As 'redirect import' reads them. */
static void
row_text(const struct alias_row *row, struct buf *out)
{
	if (row->status == 410)
		buf_printf(out, "%.*s gone\n", STR(row->source));
	else
		buf_printf(out, "%.*s %.*s %d\n", STR(row->source), STR(row->target),
			(int)row->status);
}

enum err
cli_redirect_list(struct ctx *c, struct cli *cli)
{
	struct alias_row rows[PIECE];
	bool json = cli_flag(cli, S("--json"));
	struct str after = S(""), kept = S("");
	char last[ALIAS_MAX * 4];
	struct db *db = NULL;
	struct buf out;
	size_t n = PIECE, shown = 0;
	enum err err = cli_db(c, cli, &db);

	/* Piece by piece, so that a list of any length goes through the same memory. */
	while (!err && n == PIECE) {
		err = alias_row_list(c, db, after, PIECE, rows, &n);
		buf_init(&out, &c->arena, PIECE * sizeof(last) * 3);
		for (size_t i = 0; !err && i < n; i++, shown++) {
			if (json)
				buf_putc(&out, shown == 0 ? '[' : ',');
			if (json)
				err = row_json(c, &rows[i], &out);
			else
				row_text(&rows[i], &out);
		}
		if (json && n < PIECE)
			buf_puts(&out, shown == 0 ? "[]\n" : "]\n");
		if (!err)
			err = cli_print(c, &out);
		kept = n > 0 ? str_sub(rows[n - 1].source, 0, sizeof(last)) : kept;
		memcpy(last, kept.p, kept.n);
		after = str_n(last, kept.n);
		ctx_reset(c);
	}
	db_close(db);
	return err;
}

/* ---- a file of them -------------------------------------------------------------------------- */

struct import {
	FILE *file;
	struct alias_row *rows;
	size_t n, lines, wrong;
};

/* One line, wherever it ends. False: there is none. */
static bool
line_read(struct import *im, char *line, size_t room, struct str *out)
{
	size_t n;

	if (!fgets(line, (int)room, im->file))
		return false;
	im->lines++;
	n = strlen(line);
	*out = str_n(line, n);
	while (n == room - 1 && line[n - 1] != '\n' && fgets(line, (int)room, im->file)) {
		n = strlen(line);
		*out = str_n("/", 1);	/* too long: refused, whatever it is */
	}
	return true;
}

/* What is wrong with a line is told, and the next one looked at. */
static enum err
line_take(struct ctx *c, struct import *im, const char *name, struct str line)
{
	struct alias_row *rows = ctx_grow(c, im->rows, im->n, sizeof(*rows));
	bool none;
	enum err err;

	if (!rows)
		return ERR_MEMORY;
	im->rows = rows;
	err = alias_parse(c, line, &rows[im->n], &none);
	if (err == ERR_ALIAS) {
		if (++im->wrong <= TOLD_MAX)
			(void)fprintf(stderr, "%s:%zu: %s\n", name, im->lines, c->err.hint);
		err_clear(c);
		return OK;
	}
	im->n += !err && !none;
	return err;
}

static enum err
file_read(struct ctx *c, struct import *im, const char *name)
{
	char line[LINE_MAX_BYTES];
	struct str text;
	enum err err = OK;

	while (!err && line_read(im, line, sizeof(line), &text)) {
		err = line_take(c, im, name, text);
		if (!err && im->n > ALIAS_IMPORT_MAX)
			err = err_raise(c, ERR_USAGE, "more than %d lines at once", ALIAS_IMPORT_MAX);
	}
	if (!err && ferror(im->file))
		err = err_raise(c, ERR_IO, "%s: %s", name, strerror(errno));
	if (!err && im->wrong > 0)
		err = err_raise(c, ERR_ALIAS, "%zu of %zu lines", im->wrong, im->lines);
	return err;
}

static enum err
import_open(struct ctx *c, struct import *im, const char *name)
{
	im->file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	return im->file ? OK : err_raise(c, ERR_IO, "%s: %s", name, strerror(errno));
}

enum err
cli_redirect_import(struct ctx *c, struct cli *cli)
{
	struct import im = {0};
	size_t changed = 0, bad = 0;
	struct db *db = NULL;
	struct buf out;
	struct str name;
	enum err err = ctx_str(c, cli->operands[0], &name);

	/* The file is the caller's to read, before this becomes the user that the site's files belong to. */
	if (!err)
		err = import_open(c, &im, name.p);
	if (!err)
		err = cli_db(c, cli, &db);
	if (!err)
		err = file_read(c, &im, name.p);
	if (!err && im.n > 0)
		err = alias_put(c, db, im.rows, im.n, &changed, &bad);
	db_close(db);
	if (im.file && im.file != stdin)
		(void)fclose(im.file);
	if (err)
		return err;
	buf_init(&out, &c->arena, CLI_TEXT_MAX);
	buf_printf(&out, "%zu redirects: %zu new or changed, %zu were there already.\n", im.n, changed,
		im.n - changed);
	return cli_print(c, &out);
}
