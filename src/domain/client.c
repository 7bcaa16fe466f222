/*
 * What applications may call themselves, where they may have the owner sent, and what is known of
 * them. An address is compared as programs compare it and, beyond that, refused where two programs
 * might see two addresses in it: a redirect that leads to somebody else gives the code away.
 */
#include "domain/client.h"

#include "domain/client_doc.h"
#include "domain/priv.h"
#include "net/url.h"
#include "store/job.h"

enum {
	PENDING_MAX = 60,		/* seconds after which an answer is no longer waited for */
	STRANGER_KEPT = 30 * 86400	/* seconds */
};

/* ---- client_id and profile URL ----------------------------------------------------------- */

static enum err
id_refuse(struct ctx *c, const char *what)
{
	return err_raise_hint(c, ERR_CLIENT_ID, "%s", what);
}

/* What both kinds of URL have to be. */
static enum err
id_parse(struct ctx *c, struct str text, struct url *out)
{
	enum err e = url_parse(c, text, out);
	struct str hint;

	if (e == ERR_URL) {
		e = ctx_str(c, str_z(c->err.hint), &hint);
		err_clear(c);
		return e ? e : id_refuse(c, hint.p);
	}
	if (e)
		return e;
	if (out->fragment.p)
		return id_refuse(c, "it has a fragment");
	if (out->dots)
		return id_refuse(c, "its path has a segment of dots");
	return OK;
}

enum err
client_id_parse(struct ctx *c, struct str text, struct str *out)
{
	struct url u;
	enum err e = id_parse(c, text, &u);

	*out = u.exact;
	if (!e && u.kind != URL_NAME &&
		!(u.host_exact && (str_eq(u.host, S("127.0.0.1")) || str_eq(u.host, S("[::1]")))))
		e = id_refuse(c, "its host is an IP address");
	return e;
}

enum err
client_profile_parse(struct ctx *c, struct str text, struct str *out)
{
	struct url u;
	enum err e = id_parse(c, text, &u);

	*out = u.exact;
	if (!e && u.kind != URL_NAME)
		e = id_refuse(c, "its host is an IP address");
	if (!e && u.port_written)
		e = id_refuse(c, "it names a port");
	return e;
}

/* ---- where an answer may go -------------------------------------------------------------- */

/* The path begins as a reference to another host does, once somebody has decoded it. */
static bool
path_leads_away(struct str path)
{
	struct str second = str_sub(path, 1, 4);

	return str_starts(second, S("/")) || str_eqi(second, S("%2f")) || str_eqi(second, S("%5c"));
}

static bool
parses(struct ctx *c, struct str text, struct url *out)
{
	if (url_parse(c, text, out) == OK)
		return true;
	err_clear(c);
	return false;
}

/* Path and query as written. */
static struct str
tail_of(const struct url *u)
{
	return str_sub(u->exact, str_find(u->exact, '/', u->scheme.n + 3), u->exact.n);
}

/* An application on the owner's machine listens where there is room (RFC 8252 section 7.3). */
static bool
is_loopback_of(struct ctx *c, struct str published, const struct url *to)
{
	struct url u;

	if (to->kind == URL_NAME || !url_is_loopback(to) || !str_eq(to->scheme, S("http")))
		return false;
	while (published.p) {
		struct str one = str_cut(&published, ' ');

		if (parses(c, one, &u) && str_eq(u.scheme, to->scheme) &&
			str_eq(u.host, to->host) && str_eq(tail_of(&u), tail_of(to)))
			return true;
	}
	return false;
}

bool
client_redirect_ok(struct ctx *c, struct str client_id, const struct client *client,
	struct str redirect_uri)
{
	struct str published = client ? client->redirect_uris : S("");
	struct url id, to;
	struct str scheme;

	if (!client_redirect_plausible(redirect_uri, &scheme))
		return false;
	if (!str_eqi(scheme, S("https")) && !str_eqi(scheme, S("http")))
		return str_has_word(published, redirect_uri);
	if (!parses(c, client_id, &id) || !parses(c, redirect_uri, &to))
		return false;
	if (str_has_word(published, redirect_uri))
		return true;
	if (!to.host_exact || !str_eq(scheme, to.scheme) || to.dots || path_leads_away(to.path))
		return false;
	return url_same_origin(&id, &to) || is_loopback_of(c, published, &to);
}

/* ---- what is known ----------------------------------------------------------------------- */

/* It means the machine of whoever reads it, so that there is nobody to ask. */
static bool
is_ours(struct ctx *c, struct str client_id)
{
	struct url u;

	return !parses(c, client_id, &u) || url_is_loopback(&u);
}

enum err
client_find(struct ctx *c, struct db *db, struct str client_id, struct client *out)
{
	int64_t now = domain_now(c);
	struct client_row row;
	enum err e = client_row_find(c, db, client_id, &row);

	*out = (struct client){
		.client_id = row.client_id,
		.state = row.state,
		.name = row.name,
		.url = row.url,
		.logo = row.logo,
		.redirect_uris = row.redirect_uris,
		.problem = row.problem,
		.fetched = row.fetched,
		.fresh = row.state == CLIENT_PENDING ? row.asked + PENDING_MAX > now
						     : row.expires > now,
		.kept = row.kept,
	};
	return e;
}

static enum err
ask(struct ctx *c, struct db *db, struct str client_id)
{
	int64_t now = domain_now(c), id = 0;
	enum err e = client_row_ask(c, db, client_id, now, &id);

	if (!e)
		e = job_row_add(c, db, S("client"), id, now);
	if (!e)
		e = client_row_crop(c, db, CLIENT_STRANGERS_MAX);
	return e;
}

enum err
client_ask(struct ctx *c, struct db *db, struct str client_id)
{
	struct client known;
	enum err e;

	if (is_ours(c, client_id))
		return OK;
	e = client_find(c, db, client_id, &known);
	if (e && e != ERR_NOT_FOUND)
		return e;
	err_clear(c);
	if (!e && known.fresh)
		return OK;
	e = db_tx_begin(c, db);
	return e ? e : domain_tx_end(c, db, ask(c, db, client_id));
}

enum err
client_keep(struct ctx *c, struct db *db, struct str client_id)
{
	return client_row_keep(c, db, client_id);
}

enum err
clients_clean(struct ctx *c, struct db *db, int64_t *n)
{
	enum err e = db_tx_begin(c, db);

	*n = 0;
	if (e)
		return e;
	return domain_tx_end(c, db, client_row_clean(c, db, domain_now(c) - STRANGER_KEPT, n));
}
