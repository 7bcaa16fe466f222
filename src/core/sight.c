/*
 * What everybody sees, what starpunk-fetch sees, and going in. Directories are named rather than files
 * wherever something may be put into a file's place while we run, as libraries are by an upgrade.
 */
#include "core/sight.h"

#include "core/config.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What libc, SQLite and the libraries of helpers read. */
static const struct landlock_rule libraries[] = {
	{"/lib", USE_READ},
	{"/lib64", USE_READ},
	{"/usr/lib", USE_READ},
	{"/usr/lib64", USE_READ},
	{"/usr/local/lib", USE_READ},
	{"/nix/store", USE_READ},
	{"/gnu/store", USE_READ},
	{"/etc/ld.so.cache", USE_READ},
	{"/etc/localtime", USE_READ},
	{"/usr/share/zoneinfo", USE_READ},
	{"/usr/share/misc", USE_READ},	/* what files of a type look like */
	{"/etc/ssl/openssl.cnf", USE_READ},
	{"/etc/pki/tls/openssl.cnf", USE_READ},
	{"/etc/crypto-policies", USE_READ},
	{"/usr/share/crypto-policies", USE_READ},
	{"/sys/devices/system/cpu", USE_READ},
	{"/dev/null", USE_READ | USE_WRITE},
	{"/dev/urandom", USE_READ},
};

/* What names and certificates are looked up with; libc's resolver may be systemd's. */
static const struct landlock_rule lookups[] = {
	{"/etc/resolv.conf", USE_READ},
	{"/etc/hosts", USE_READ},
	{"/etc/host.conf", USE_READ},
	{"/etc/nsswitch.conf", USE_READ},
	{"/etc/gai.conf", USE_READ},
	{"/etc/services", USE_READ},
	{"/etc/protocols", USE_READ},
	{"/etc/ssl/certs", USE_READ},
	{"/etc/pki", USE_READ},
	{"/etc/ca-certificates", USE_READ},
	{"/usr/share/ca-certificates", USE_READ},
	{"/usr/local/share/ca-certificates", USE_READ},
	{"/run/systemd/resolve", USE_READ},
	{"/run/resolvconf", USE_READ},
	{"/run/NetworkManager", USE_READ},
};

/* ---- adding ------------------------------------------------------------------------------ */

void
sight_put(struct sight *v, const char *path, unsigned uses)
{
	assert(v->n < SIGHT_RULES);
	v->rules[v->n++] = (struct landlock_rule){path, uses};
}

static void
put_all(struct sight *v, const struct landlock_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sight_put(v, rules[i].path, rules[i].uses);
}

/*
 * Figures of our processes, and that a helper is to go first when memory ends, which it writes down
 * itself. That needs a rule for all of /proc, where root could do anything.
 */
static void
put_proc(struct sight *v)
{
	sight_put(v, "/proc", geteuid() == 0 ? USE_READ : USE_READ | USE_WRITE);
}

void
sight_system(struct sight *out)
{
	*out = (struct sight){.n = 0};
	put_all(out, libraries, sizeof(libraries) / sizeof(libraries[0]));
	put_proc(out);
}

void
sight_lookups(struct sight *out)
{
	put_all(out, lookups, sizeof(lookups) / sizeof(lookups[0]));
	out->connect = true;
}

/* ---- going in ---------------------------------------------------------------------------- */

bool
sight_works(void)
{
	return landlock_version() >= LANDLOCK_LEAST;
}

enum err
sight_enter(struct ctx *c, const struct sight *sight)
{
	const struct landlock_want want = {sight->rules, sight->n, sight->connect};

	if (!sight_works() || (c->cfg && !c->cfg->sandbox))
		return OK;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !landlock_enter(&want))
		return err_raise(c, ERR_INTERNAL, "Landlock: %s; sandbox = off does without",
			strerror(errno));
	return OK;
}
