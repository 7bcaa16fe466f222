/*
 * Where old addresses lead. A path is compared in one spelling: no empty segments, each decoded once and
 * percent-encoded as our own links are; a query as it was sent, with what no query may hold encoded. So
 * all that is stored is printable ASCII, and a star in it is a star that somebody meant.
 */
#include "domain/alias.h"

#include "base/enc.h"
#include "core/log.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "text/words.h"

enum { SEGMENTS_MAX = 16, SOURCES_MAX = SEGMENTS_MAX + 4, WORK_MAX = 16 * 1024 };

/* What an address is compared by. */
struct address {
	struct str path;	/* "/2019/05/rain.html" */
	struct str query;	/* may be empty */
};

/* ---- spelling -------------------------------------------------------------------------------- */

static bool
segment_valid(struct str s)
{
	if (str_eq(s, S(".")) || str_eq(s, S("..")) || !enc_utf8_valid(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f || s.p[i] == '/' || s.p[i] == '\\')
			return false;
	return true;
}

/* False: there can be no such path. star: a last segment of one star stays as it is. */
static bool
path_spell(struct ctx *c, struct str path, bool star, struct str *out)
{
	struct str rest = path, decoded;
	size_t n = 0;
	struct buf b;

	buf_init(&b, &c->arena, WORK_MAX * 3);
	while (rest.p) {
		struct str part = str_cut(&rest, '/');

		if (part.n == 0)
			continue;
		if (++n > SEGMENTS_MAX || !enc_percent_parse(&c->arena, part, false, &decoded) ||
			!segment_valid(decoded))
			return false;
		buf_putc(&b, '/');
		if (star && !rest.p && str_eq(part, S("*")))
			buf_putc(&b, '*');
		else
			enc_percent(&b, decoded, (struct str){0});
	}
	if (n == 0)
		buf_putc(&b, '/');
	*out = buf_str(&b);
	return !b.failed;
}

static bool
query_spell(struct ctx *c, struct str query, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, WORK_MAX * 3);
	enc_percent(&b, query, S("!$&'()+,;=:@/?%"));
	*out = buf_str(&b);
	return !b.failed;
}

static bool
address_spell(struct ctx *c, struct str path, struct str query, bool star, struct address *out)
{
	return path.n <= WORK_MAX && query.n <= WORK_MAX && path_spell(c, path, star, &out->path) &&
	       query_spell(c, query, &out->query);
}

/* A path that somebody wrote, which may have a query; what stands behind "#" is no server's. */
static bool
address_read(struct ctx *c, struct str text, bool star, struct address *out)
{
	struct str rest = str_sub(text, 0, str_find(text, '#', 0));
	struct str path = str_cut(&rest, '?');

	return address_spell(c, path, rest.p ? rest : S(""), star, out);
}

/* ---- what somebody wrote --------------------------------------------------------------------- */

/* A URL of this site as its path. */
static enum err
localise(struct ctx *c, struct str *text)
{
	struct str base;
	enum err err = site_url(c, S(""), &base);

	if (!err && str_eqi(str_sub(*text, 0, base.n), base) &&
		(text->n == base.n || text->p[base.n] == '/'))
		*text = text->n == base.n ? S("/") : str_sub(*text, base.n, text->n);
	return err;
}

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f || s.p[i] == '\\')
			return false;
	return enc_utf8_valid(s);
}

/* What the front server answers, or we do whatever stands here. */
static bool
is_taken(struct str path)
{
	static const struct str ours[] = {S_INIT("/admin"), S_INIT("/auth"), S_INIT("/micropub"),
		S_INIT("/static"), S_INIT("/media"), S_INIT("/.starpunk")};

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (str_starts(path, ours[i]) && (path.n == ours[i].n || path.p[ours[i].n] == '/'))
			return true;
	return false;
}

static enum err
refuse(struct ctx *c, const char *what)
{
	return err_raise_hint(c, ERR_ALIAS, "%s", what);
}

static enum err
source_make(struct ctx *c, struct str from, struct str *out)
{
	struct address a;
	enum err err = localise(c, &from);

	if (err)
		return err;
	if (from.n > ALIAS_MAX)
		return refuse(c, N_("the old address is too long"));
	if (!str_starts(from, S("/")) || str_starts(from, S("//")) || !is_printable(from))
		return refuse(c, N_("the old address is a path of this site: /2019/rain.html"));
	if (!address_read(c, from, true, &a))
		return refuse(c, N_("the old address is none that a browser could ask for"));
	if (str_eq(a.path, S("/")) && a.query.n == 0)
		return refuse(c, N_("the home page is always there"));
	if (is_taken(a.path))
		return refuse(c, N_("the site itself answers at the old address"));
	if (a.query.n == 0) {
		*out = a.path;
		return OK;
	}
	if (str_ends(a.path, S("/*")))
		return refuse(c, N_("a star stands at the end of a path, and no query with it"));
	return ctx_printf(c, out, "%.*s?%.*s", STR(a.path), STR(a.query));
}

/* One star at most, and behind the host: nothing that is asked for can become one. */
static bool
star_fits(struct str source, struct str target)
{
	size_t at = str_find(target, '*', 0), host = str_search(target, S("://"), 0);

	if (at == target.n)
		return true;
	host = target.p[0] == '/' ? 0 : str_find(target, '/', host + 3);
	return str_ends(source, S("/*")) && str_find(target, '*', at + 1) == target.n &&
	       host < at && target.p[at - 1] == '/';
}

static enum err
target_make(struct ctx *c, struct str source, struct str to, struct str *out)
{
	enum err err = localise(c, &to);

	if (err)
		return err;
	if (to.n > ALIAS_MAX)
		return refuse(c, N_("the new address is too long"));
	if (!is_printable(to) || str_starts(to, S("//")) ||
		(!str_starts(to, S("/")) && !post_url_valid(to)))
		return refuse(c, N_("the new address is a path of this site, or begins with https:// or http://"));
	if (!star_fits(source, to))
		return refuse(c, N_("a star stands behind a slash of the new address, once, if the old one ends in one"));
	return ctx_str(c, to, out);
}

enum err
alias_make(struct ctx *c, struct str from, struct str to, int status, struct alias_row *out)
{
	bool known = status == 301 || status == 302 || status == 307 || status == 308;
	enum err err;

	*out = (struct alias_row){.status = status ? status : 301, .created = domain_now(c)};
	if (to.n == 0 && (status == 0 || status == 410))
		out->status = 410;
	else if (to.n == 0)
		return refuse(c, N_("say where the old address leads, or that what was there is gone"));
	else if (status == 410)
		return refuse(c, N_("what is gone leads nowhere"));
	else if (status != 0 && !known)
		return refuse(c, N_("the status is 301, 302, 307, 308 or 410"));
	err = source_make(c, from, &out->source);
	if (err || to.n == 0) {
		out->target = S("");
		return err;
	}
	return target_make(c, out->source, to, &out->target);
}

/* The next word of a line, between white space or commas. */
static struct str
word_next(struct str *rest)
{
	struct str word;
	size_t from = 0, to;

	while (from < rest->n && str_find(S(" \t\r,"), rest->p[from], 0) < 4)
		from++;
	for (to = from; to < rest->n && str_find(S(" \t\r,"), rest->p[to], 0) == 4; to++)
		;
	word = str_sub(*rest, from, to);
	*rest = str_sub(*rest, to, rest->n);
	if (word.n > 1 && word.p[0] == '"' && word.p[word.n - 1] == '"')
		word = str_sub(word, 1, word.n - 1);
	return word;
}

enum err
alias_parse(struct ctx *c, struct str line, struct alias_row *out, bool *none)
{
	struct str rest = str_trim(line), from, to, word;
	unsigned long long status = 0;

	*none = rest.n == 0 || rest.p[0] == '#';
	if (*none)
		return OK;
	if (str_ends(rest, S(";")))
		rest = str_sub(rest, 0, rest.n - 1);
	from = word_next(&rest);
	to = word_next(&rest);
	word = word_next(&rest);
	if (word_next(&rest).n > 0)
		return refuse(c, N_("more than an old address, a new one and a status"));
	if (word.n > 0 && (!str_u64(word, 999, &status) || status == 0))
		return refuse(c, N_("the status is 301, 302, 307, 308 or 410"));
	if (str_eqi(to, S("gone")) || str_eq(to, S("410"))) {
		to = S("");
		status = status ? status : 410;
	} else if (to.n == 0) {
		return refuse(c, N_("a new address is missing"));
	}
	return alias_make(c, from, to, (int)status, out);
}

/* ---- finding --------------------------------------------------------------------------------- */

/* All sources that would fit, the closest one first. */
static enum err
sources_of(struct ctx *c, const struct address *a, struct str out[SOURCES_MAX], size_t *n)
{
	struct str first = str_sub(a->query, 0, str_find(a->query, '&', 0));
	enum err err = OK;

	*n = 0;
	if (a->query.n > 0)
		err = ctx_printf(c, &out[(*n)++], "%.*s?%.*s", STR(a->path), STR(a->query));
	if (!err && first.n < a->query.n && first.n > 0)
		err = ctx_printf(c, &out[(*n)++], "%.*s?%.*s", STR(a->path), STR(first));
	if (err || str_eq(a->path, S("/")))
		return err;
	out[(*n)++] = a->path;
	for (size_t end = a->path.n + 1; !err && end-- > 0;)
		if (end == a->path.n || a->path.p[end] == '/')
			err = ctx_printf(c, &out[(*n)++], "%.*s/*", (int)end, a->path.p);
	return err;
}

/* The target of a row, with what was asked for put into it. */
static enum err
target_of(struct ctx *c, const struct alias_row *row, const struct address *a, struct str *out)
{
	bool star = str_ends(row->source, S("/*"));
	size_t at = str_find(row->target, '*', 0), stem = row->source.n - 1;
	struct str below = star && a->path.n > stem ? str_sub(a->path, stem, a->path.n) : S("");
	bool asked = str_find(row->source, '?', 0) < row->source.n;
	struct buf b;

	buf_init(&b, &c->arena, WORK_MAX * 8);
	buf_put(&b, str_sub(row->target, 0, at));
	if (at < row->target.n) {
		buf_put(&b, below);
		buf_put(&b, str_sub(row->target, at + 1, row->target.n));
	}
	if (!asked && a->query.n > 0 && str_find(row->target, '?', 0) == row->target.n &&
		str_find(row->target, '#', 0) == row->target.n)
		buf_printf(&b, "?%.*s", STR(a->query));
	return buf_end(c, &b, out);
}

/* One step: the row for an address, and where that leads. ERR_NOT_FOUND. */
static enum err
step(struct ctx *c, struct db *db, const struct address *a, struct alias_row *row, struct str *target)
{
	struct str sources[SOURCES_MAX];
	size_t n;
	enum err err = sources_of(c, a, sources, &n);

	if (!err && n == 0)
		err = err_raise(c, ERR_NOT_FOUND, "the home page");
	if (!err)
		err = alias_row_find(c, db, sources, n, row);
	return err ? err : target_of(c, row, a, target);
}

/*
 * Follows a target on as far as it leads within this table. True addresses of the site end the way
 * in fact, and are followed here all the same: a circle is one, whoever breaks it at present.
 */
static enum err
circle_find(struct ctx *c, struct db *db, struct str target, bool *out)
{
	struct alias_row row;
	struct address a;
	enum err err = OK;
	int hops = 0;

	while (!err && target.n > 0 && target.p[0] == '/' && hops++ < ALIAS_HOPS &&
		address_read(c, target, false, &a))
		err = step(c, db, &a, &row, &target);
	*out = !err && hops > ALIAS_HOPS;
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return OK;
	}
	return err;
}

enum err
alias_find(struct ctx *c, struct db *db, struct str path, struct str query, struct alias_way *out)
{
	struct alias_row row;
	struct address a;
	struct str target;
	bool circle;
	enum err err;

	*out = (struct alias_way){0};
	if (!address_spell(c, path, query, false, &a))
		return err_raise(c, ERR_NOT_FOUND, "no address");
	err = step(c, db, &a, &row, &target);
	if (err)
		return err;
	out->status = (int)row.status;
	if (target.n == 0)
		return OK;
	err = circle_find(c, db, target, &circle);
	if (!err && circle)
		err = err_raise(c, ERR_NOT_FOUND, "'%.*s' leads in a circle", STR(row.source));
	if (err)
		return err;
	if (target.p[0] == '/')
		return site_url(c, target, &out->url);
	out->url = target;
	return OK;
}

/* ---- changing -------------------------------------------------------------------------------- */

/* True if a row that is in the table leads back to itself; a star stands for anything, here a nought. */
static enum err
leads_back(struct ctx *c, struct db *db, const struct alias_row *row, bool *out)
{
	struct str probe = row->source;
	struct alias_row first;
	struct address a;
	enum err err = OK;

	*out = false;
	if (str_ends(probe, S("/*")))
		err = ctx_printf(c, &probe, "%.*s0", (int)probe.n - 1, probe.p);
	if (err || row->target.n == 0 || !address_read(c, probe, false, &a))
		return err;
	err = step(c, db, &a, &first, &probe);
	return err ? err : circle_find(c, db, probe, out);
}

/* Inside the transaction. First all of them, then the look: they may lead to each other. */
static enum err
put_all(struct ctx *c, struct db *db, const struct alias_row *rows, size_t n, size_t *changed,
	size_t *bad)
{
	enum err err = OK;
	bool fresh, back;

	for (size_t i = 0; !err && i < n; i++) {
		err = alias_row_put(c, db, &rows[i], &fresh);
		*changed += !err && fresh;
	}
	for (size_t i = 0; !err && i < n; i++) {
		*bad = i;
		err = leads_back(c, db, &rows[i], &back);
		if (!err && back)
			err = err_raise_hint(c, ERR_ALIAS_CIRCLE, "%.*s", STR(rows[i].source));
	}
	return err;
}

static enum err
note(struct ctx *c, struct db *db, struct str source, size_t n, bool removed)
{
	struct str subject = source;
	enum err err = OK;

	if (n != 1)
		err = ctx_printf(c, &subject, "%zu", n);
	return err ? err : audit_put(c, db, AUDIT_REDIRECTS, subject, removed ? S("removed") : S("added"));
}

enum err
alias_put(struct ctx *c, struct db *db, const struct alias_row *rows, size_t n, size_t *changed,
	size_t *bad)
{
	enum err err = db_tx_begin(c, db);

	*changed = *bad = 0;
	if (err)
		return err;
	err = put_all(c, db, rows, n, changed, bad);
	if (!err && *changed > 0)
		err = note(c, db, rows[0].source, n, false);
	err = domain_tx_end(c, db, err);
	if (!err && *changed > 0)
		log_event(c, redirects_changed, .added = (int64_t)*changed, .removed = 0);
	return err;
}

enum err
alias_remove(struct ctx *c, struct db *db, struct str from)
{
	struct str source;
	enum err err = source_make(c, from, &source);

	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = alias_row_remove(c, db, source);
	if (!err)
		err = note(c, db, source, 1, true);
	err = domain_tx_end(c, db, err);
	if (!err)
		log_event(c, redirects_changed, .added = 0, .removed = 1);
	return err;
}
