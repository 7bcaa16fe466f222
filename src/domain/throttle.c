/*
 * How often something may be tried. A rule allows so many tries in a window; who tries once more
 * has to wait, and longer each time, up to a most. Counts are in the database and survive a restart.
 * Nobody is locked out for good: a wait ends whatever others do meanwhile, and each way in has
 * counts of its own.
 *
 * The segment's limit of requests per address stands in front of all this and costs no write.
 */
#include "domain/auth.h"

#include "core/facts.h"
#include "core/log.h"
#include "domain/audit.h"
#include "domain/priv.h"

#include <arpa/inet.h>

enum { ROWS_MAX = 4096, STRIKES_KEPT = 86400, MINUTE = 60, HOUR = 3600 };

static const struct {
	const char *kind;
	bool address;		/* counted for each address by itself */
	int tries;
	int window;		/* seconds */
	int wait;		/* seconds at first */
	int wait_max;		/* and at last */
} rules[THROTTLE__MAX] = {
	[THROTTLE_PASSWORD] = {"password", true, 10, 15 * MINUTE, 15 * MINUTE, HOUR},
	[THROTTLE_PASSWORDS] = {"passwords", false, 100, HOUR, 15 * MINUTE, 15 * MINUTE},
	[THROTTLE_CODES] = {"codes", false, 10, HOUR, HOUR, HOUR},
	[THROTTLE_CHALLENGE] = {"challenge", true, 30, 5 * MINUTE, 5 * MINUTE, HOUR},
	[THROTTLE_PASSKEY] = {"passkey", true, 30, 5 * MINUTE, 5 * MINUTE, HOUR},
};

/* An IPv4 address, or the 64 bits of network of an IPv6 address: a client has them all. */
static enum err
address(struct ctx *c, struct str *out)
{
	char text[INET6_ADDRSTRLEN];
	struct str addr = c->facts ? c->facts->remote_addr : S("");
	struct in6_addr six;

	*out = addr;
	if (addr.n >= sizeof(text) || str_find(addr, ':', 0) == addr.n)
		return OK;
	memcpy(text, addr.p, addr.n);
	text[addr.n] = '\0';
	if (inet_pton(AF_INET6, text, &six) != 1 || IN6_IS_ADDR_V4MAPPED(&six))
		return OK;
	memset(six.s6_addr + 8, 0, 8);
	return ctx_str(c, str_z(inet_ntop(AF_INET6, &six, text, sizeof(text))), out);
}

/*
 * The count as it stands now. A clock that was set back prolongs no wait beyond the longest there is,
 * and gives no new tries.
 */
static enum err
count_find(struct ctx *c, struct db *db, enum throttle which, struct throttle_row *row)
{
	int64_t now = domain_now(c);
	enum err err = OK;

	*row = (struct throttle_row){.kind = str_z(rules[which].kind), .who = S("")};
	if (rules[which].address)
		err = address(c, &row->who);
	if (!err)
		err = throttle_row_find(c, db, row);
	if (err)
		return err;
	if (row->until > now + rules[which].wait_max)
		row->until = now + rules[which].wait_max;
	if (row->until != 0 && row->until + STRIKES_KEPT <= now)
		row->strikes = 0;
	if (row->since > now)
		row->since = now;
	if (row->since + rules[which].window <= now) {
		row->tries = 0;
		row->since = now;
	}
	return OK;
}

static enum err
refuse(struct ctx *c, const struct throttle_row *row, int *retry)
{
	*retry = (int)(row->until - domain_now(c));
	return err_raise(c, ERR_RATE_LIMITED, "%.*s: none left for '%.*s'", STR(row->kind),
		STR(row->who));
}

enum err
throttle_look(struct ctx *c, struct db *db, enum throttle which, int *retry)
{
	struct throttle_row row;
	enum err err = count_find(c, db, which, &row);

	if (!err && row.until > domain_now(c))
		err = refuse(c, &row, retry);
	return err;
}

enum err
throttle_is_first(struct ctx *c, struct db *db, enum throttle which, bool *out)
{
	struct throttle_row row;
	enum err err = count_find(c, db, which, &row);

	*out = row.tries == 1;
	return err;
}

static int64_t
wait_after(enum throttle which, int64_t strikes)
{
	int64_t wait = rules[which].wait;

	while (strikes-- > 0 && wait < rules[which].wait_max)
		wait *= 2;
	return wait < rules[which].wait_max ? wait : rules[which].wait_max;
}

enum err
throttle_take(struct ctx *c, struct db *db, enum throttle which, int *retry)
{
	struct throttle_row row;
	int64_t now = domain_now(c);
	enum err err = count_find(c, db, which, &row);

	if (err)
		return err;
	if (row.until > now)
		return refuse(c, &row, retry);
	if (row.tries < rules[which].tries) {
		row.tries++;
		return throttle_row_put(c, db, &row, ROWS_MAX);
	}
	row.until = now + wait_after(which, row.strikes++);
	row.tries = 0;
	row.since = now;
	err = throttle_row_put(c, db, &row, ROWS_MAX);
	if (!err)
		err = audit_put(c, db, AUDIT_TRIES, row.kind, row.who);
	if (err)
		return err;
	log_event(c, tries_exhausted, .kind = row.kind, .remote_addr = row.who,
		.seconds = row.until - now);
	return refuse(c, &row, retry);
}

enum err
throttle_forgive(struct ctx *c, struct db *db, enum throttle which)
{
	struct throttle_row row;
	enum err err = count_find(c, db, which, &row);

	if (err || row.tries == 0)
		return err;
	row.tries = rules[which].address ? 0 : row.tries - 1;
	if (rules[which].address)
		row.strikes = 0;
	return throttle_row_put(c, db, &row, ROWS_MAX);
}
