/*
 * `starpunk log`: the site's log, shown for people. It reads a file of JSON lines, and goes on with
 * the file of the same name when that has been renamed; or standard input, for a log that the
 * service manager keeps. Lines that are no JSON (those of a library, or of a readable log) are shown
 * as they stand, unless they are asked for by level.
 *
 * What a line says came from strangers: nothing in it moves the cursor of the terminal.
 */
#include "app/cli.h"

#include "base/mem.h"
#include "core/log.h"
#include "core/log_line.h"
#include "text/json.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LOOK_MS = 250,		/* how often a followed file is looked at */
	CHUNK = 64 * 1024,
	LINES_FOLLOWED = 10,	/* shown before what is to come */
	LINES_MAX = 100000,
	N_LEVELS = LOG_LEVEL_CRITICAL + 1
};

static const struct str levels[N_LEVELS] = {
	[LOG_LEVEL_DEBUG] = S_INIT("DEBUG"),
	[LOG_LEVEL_INFO] = S_INIT("INFO"),
	[LOG_LEVEL_WARNING] = S_INIT("WARNING"),
	[LOG_LEVEL_ERROR] = S_INIT("ERROR"),
	[LOG_LEVEL_CRITICAL] = S_INIT("CRITICAL"),
};

/* What is read, what of it is shown, and what has been read of a line that is not whole yet. */
struct reading {
	const char *path;	/* NULL: standard input */
	int fd;
	bool follow, json;
	enum log_level least;
	bool all_levels;
	struct str request;	/* empty: any */
	size_t limit;		/* the last lines that fit; 0: all */
	off_t *last;		/* where they begin, a ring of limit */
	size_t n_last;		/* how many fitted so far */
	off_t at;		/* of the next byte in the file */
	size_t n;		/* bytes of the piece of a line */
	bool overlong;		/* of a line longer than that, which is passed over */
	char line[CHUNK];
};

/* ---- a line ------------------------------------------------------------------------------ */

/* False: there is no such level. */
static bool
level_find(struct str name, enum log_level *out)
{
	for (size_t i = 0; i < N_LEVELS; i++)
		if (str_eqi(levels[i], name)) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

/* The line's object; NULL if it is none of ours. */
static const struct json *
line_parse(struct ctx *c, struct str line)
{
	const struct json *o = NULL;

	if (line.n == 0 || line.p[0] != '{')
		return NULL;
	if (json_parse(c, line, &o) != OK) {
		err_clear(c);
		return NULL;
	}
	return json_str(json_find(o, S("event"))).n > 0 ? o : NULL;
}

static bool
line_fits(const struct reading *r, const struct json *o)
{
	enum log_level level;

	if (!o)
		return r->all_levels && r->request.n == 0;
	if (r->request.n > 0 && !str_eq(json_str(json_find(o, S("request_id"))), r->request))
		return false;
	return r->all_levels ||
		(level_find(json_str(json_find(o, S("level"))), &level) && level >= r->least);
}

/* A member that the beginning of the line says by its place; or that says nothing to people. */
static bool
is_beginning(struct str name)
{
	static const struct str names[] = {S_INIT("timestamp"), S_INIT("level"), S_INIT("logger"),
		S_INIT("message"), S_INIT("pid")};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(name, names[i]))
			return true;
	return false;
}

static void
put_padded(struct buf *b, struct str s, size_t width)
{
	cli_put_shown(b, s);
	for (size_t n = s.n; n < width; n++)
		buf_putc(b, ' ');
	buf_putc(b, ' ');
}

static enum err
put_value(struct ctx *c, struct buf *b, const struct json *v)
{
	struct str s = json_str(v);
	enum err err = OK;

	if (json_kind(v) != JSON_STRING)
		err = json_write(c, v, &s);
	if (!err && (s.n == 0 || str_find(s, ' ', 0) < s.n)) {
		buf_putc(b, '"');
		cli_put_shown(b, s);
		buf_putc(b, '"');
	} else if (!err) {
		cli_put_shown(b, s);
	}
	return err;
}

/* "2026-03-01T09:30:00.000Z WARNING  store      A statement was slow. event=… request_id=…" */
static enum err
put_object(struct ctx *c, struct buf *b, const struct json *o)
{
	const struct json *value;
	struct str name;
	enum err err = OK;

	put_padded(b, json_str(json_find(o, S("timestamp"))), 0);
	put_padded(b, json_str(json_find(o, S("level"))), 8);
	put_padded(b, json_str(json_find(o, S("logger"))), 10);
	cli_put_shown(b, json_str(json_find(o, S("message"))));
	for (size_t i = 0; !err && json_member(o, i, &name, &value); i++) {
		if (is_beginning(name))
			continue;
		buf_putc(b, ' ');
		cli_put_shown(b, name);
		buf_putc(b, '=');
		err = put_value(c, b, value);
	}
	return err;
}

static enum err
line_print(struct ctx *c, const struct reading *r, struct str line, const struct json *o)
{
	enum err err = OK;
	struct buf b;

	buf_init(&b, &c->arena, 8 * CHUNK);
	if (o && r->json)
		buf_put(&b, line);
	else if (o)
		err = put_object(c, &b, o);
	else
		cli_put_shown(&b, line);
	buf_putc(&b, '\n');
	return err ? err : cli_print(c, &b);
}

/* A whole line that begins at begin: shown, or remembered while only the last ones are wanted. */
static enum err
line_take(struct ctx *c, struct reading *r, struct str line, off_t begin)
{
	const struct json *o = line_parse(c, line);
	enum err err = OK;

	if (line_fits(r, o) && r->limit > 0)
		r->last[r->n_last++ % r->limit] = begin;
	else if (line_fits(r, o) && (o || !r->json))
		err = line_print(c, r, line, o);
	ctx_reset(c);
	return err;
}

/* ---- the file ---------------------------------------------------------------------------- */

/* Reads on, as far as there is something; *end: nothing more is there for now. */
static enum err
read_on(struct ctx *c, struct reading *r, bool *end)
{
	ssize_t got = read(r->fd, r->line + r->n, sizeof(r->line) - r->n);
	size_t from = 0, to;
	enum err err = OK;

	*end = got == 0;
	if (got < 0 && errno != EINTR)
		return err_raise(c, ERR_IO, "cannot read the log: %s", strerror(errno));
	if (got <= 0)
		return OK;
	r->n += (size_t)got;
	r->at += got;
	for (; !err && (to = str_find(str_n(r->line, r->n), '\n', from)) < r->n; from = to + 1) {
		off_t begin = r->at - (off_t)(r->n - from);

		if (!r->overlong)
			err = line_take(c, r, str_n(r->line + from, to - from), begin);
		r->overlong = false;
	}
	if (from == 0 && r->n == sizeof(r->line)) {
		r->overlong = true;
		from = r->n;
	}
	memmove(r->line, r->line + from, r->n - from);
	r->n -= from;
	return err;
}

/* All that is there. What stands at the end without a newline is being written still. */
static enum err
read_all(struct ctx *c, struct reading *r)
{
	bool end = false;
	enum err err = OK;

	while (!err && !end)
		err = read_on(c, r, &end);
	return err;
}

/* Opens the file of the name; fd -1: it is not there. */
static void
file_open(struct reading *r)
{
	r->fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	r->at = 0;
	r->n = 0;
	r->overlong = false;
}

/* True if the name leads to another file by now, or the file has been cut. */
static bool
file_moved(const struct reading *r)
{
	struct stat here, there;

	if (stat(r->path, &there) != 0 || fstat(r->fd, &here) != 0)
		return false;
	return here.st_ino != there.st_ino || here.st_dev != there.st_dev || here.st_size < r->at;
}

/* True if nobody reads what is printed any more. */
static bool
reader_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO};

	return poll(&out, 1, LOOK_MS) > 0 && (out.revents & (POLLERR | POLLHUP | POLLNVAL));
}

static enum err
follow(struct ctx *c, struct reading *r)
{
	enum err err = OK;

	while (!err && !reader_gone()) {
		if (r->fd >= 0)
			err = read_all(c, r);
		if (err || (r->fd >= 0 && !file_moved(r)))
			continue;
		if (r->fd >= 0)
			(void)close(r->fd);
		file_open(r);
	}
	return err;
}

/* The last lines that fit: goes back to where the first of them begins, and shows from there on. */
static enum err
read_last(struct ctx *c, struct reading *r)
{
	size_t n = r->limit;
	off_t begin = 0;
	enum err err;

	r->last = mem_alloc(n * sizeof(*r->last));
	if (!r->last)
		return err_memory(c);
	err = read_all(c, r);
	if (!err && r->n_last > 0)
		begin = r->last[r->n_last > n ? r->n_last % n : 0];
	else
		begin = r->at - (off_t)r->n;
	mem_free(r->last);
	r->limit = 0;
	if (err)
		return err;
	if (lseek(r->fd, begin, SEEK_SET) != begin)
		return err_raise(c, ERR_IO, "cannot go back in the log: %s", strerror(errno));
	r->at = begin;
	r->n = 0;
	r->overlong = false;
	return read_all(c, r);
}

/* ---- the command ------------------------------------------------------------------------- */

static enum err
options_read(struct ctx *c, struct cli *cli, struct reading *r)
{
	struct str level = cli_option(cli, S("--level")), limit = cli_option(cli, S("--limit"));
	enum err err = OK;

	r->follow = cli_flag(cli, S("--follow"));
	r->json = cli_flag(cli, S("--json"));
	r->request = cli_option(cli, S("--request"));
	r->all_levels = !level.p;
	if (level.p && !level_find(level, &r->least))
		return err_raise(c, ERR_USAGE,
			"--level takes debug, info, warning, error or critical, not '%.*s'",
			STR(level));
	if (limit.p || r->follow)
		err = cli_limit(c, cli, LINES_FOLLOWED, LINES_MAX, &r->limit);
	return err;
}

/* Which log: the operand, the configuration's, or what comes in. */
static enum err
source_find(struct ctx *c, struct cli *cli, struct reading *r)
{
	enum err err = OK;

	if (cli->n_operands > 0) {
		r->path = str_eq(cli->operands[0], S("-")) ? NULL : cli->operands[0].p;
	} else {
		err = cli_config(c, cli);
		if (!err && cli->cfg->log_file[0])
			r->path = cli->cfg->log_file;
	}
	if (err || r->path)
		return err;
	r->fd = STDIN_FILENO;
	if (cli->n_operands == 0 && isatty(STDIN_FILENO) == 1) {
		cli->remedy = "Have the service manager's lines shown: journalctl -u starpunk -o cat | "
			      "starpunk log; or name a file.";
		return err_raise(c, ERR_USAGE, "the log goes to standard error: there is no log_file");
	}
	if (r->follow || r->limit > 0)
		return err_raise(c, ERR_USAGE,
			"--follow and --limit are for files; have journalctl follow, or tail");
	return OK;
}

/* Opens the named file, which logrotate may have packed. */
static enum err
source_open(struct ctx *c, struct cli *cli, struct reading *r)
{
	static const unsigned char packed[] = {0x1f, 0x8b};
	unsigned char begin[sizeof(packed)];
	struct str remedy;
	enum err err;

	file_open(r);
	if (r->fd < 0)
		return err_raise(c, ERR_IO, "%s: %s", r->path, strerror(errno));
	if (pread(r->fd, begin, sizeof(begin), 0) != sizeof(begin) || memcmp(begin, packed, sizeof(packed)) != 0)
		return OK;
	err = ctx_printf(c, &remedy, "zcat %s | starpunk log -", r->path);
	if (err)
		return err;
	cli->remedy = remedy.p;
	return err_raise(c, ERR_USAGE, "%s is packed", r->path);
}

enum err
cli_log(struct ctx *c, struct cli *cli)
{
	struct reading *r = mem_alloc(sizeof(*r));
	enum err err;

	if (!r)
		return err_memory(c);
	err = options_read(c, cli, r);
	if (!err)
		err = source_find(c, cli, r);
	if (!err && r->path)
		err = source_open(c, cli, r);
	if (!err)
		err = r->limit > 0 ? read_last(c, r) : read_all(c, r);
	if (!err && r->n > 0 && !r->follow && !r->overlong)
		err = line_take(c, r, str_n(r->line, r->n), 0);
	if (!err && r->follow)
		err = follow(c, r);
	if (r->path && r->fd >= 0)
		(void)close(r->fd);
	mem_free(r);
	return err;
}
