/*
 * Passwords (NIST SP 800-63B section 3.1.1): what one may be, what it is compared with, and how it is
 * changed. A password is compared in Unicode's normal form C, with every space kept. What is too
 * common to be one stands in share/passwords.txt, ten thousand lines that are read when a password
 * is chosen, and never at a sign-in.
 */
#include "domain/auth.h"

#include "base/enc.h"
#include "core/config.h"
#include "domain/audit.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "text/unicode.h"
#include "text/words.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LIST_MAX = 256 * 1024, UNIT_MAX = 4 };

/* ---- what may be one ------------------------------------------------------------------------- */

static size_t
characters(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* The list, as one text that begins and ends with a newline. */
static enum err
list_read(struct ctx *c, struct str *out)
{
	char *text = ctx_alloc(c, LIST_MAX + 1);
	struct str path;
	enum err err = text ? ctx_printf(c, &path, "%s/passwords.txt", c->cfg->share_path) : ERR_MEMORY;
	size_t used = 1;
	ssize_t n;
	int fd;

	if (err)
		return err;
	text[0] = '\n';
	fd = open(path.p, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_raise(c, ERR_IO, "cannot read '%s': %s", path.p, strerror(errno));
	while ((n = read(fd, text + used, LIST_MAX + 1 - used)) > 0)
		used += (size_t)n;
	(void)close(fd);
	if (n < 0 || used == 1 || used > LIST_MAX)
		return err_raise(c, ERR_IO, "'%s' is not readable, or not the list", path.p);
	*out = str_n(text, used);
	return OK;
}

static bool
in_list(struct str list, struct str s)
{
	struct str rest = list;

	while (s.n > 0 && rest.p) {
		size_t at = str_search(rest, s, 0);

		if (at == rest.n)
			return false;
		if (rest.p[at - 1] == '\n' && at + s.n < rest.n && rest.p[at + s.n] == '\n')
			return true;
		rest = str_sub(rest, at, rest.n);
		(void)str_cut(&rest, '\n');
		if (rest.p)
			rest = str_n(rest.p - 1, rest.n + 1);
	}
	return false;
}

static bool
is_letter(char ch)
{
	return (ch >= 'a' && ch <= 'z') || (unsigned char)ch >= 0x80;
}

/* "**dragon2024!" -> "dragon": what is left without figures and signs at either end. */
static struct str
core(struct str s)
{
	while (s.n > 0 && !is_letter(s.p[0]))
		s = str_sub(s, 1, s.n);
	while (s.n > 0 && !is_letter(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The shortest text that s is a repetition of: "abcabcabc" -> "abc"; s itself if of none. */
static struct str
unit(struct str s)
{
	for (size_t n = 1; n <= s.n / 2; n++)
		if (s.n % n == 0 && memcmp(s.p, s.p + n, s.n - n) == 0)
			return str_sub(s, 0, n);
	return s;
}

static bool
names_site(const struct ctx *c, struct str s)
{
	struct str host = str_z(c->cfg->site_url);

	host = str_sub(host, str_search(host, S("://"), 0) + 3, host.n);
	host = str_sub(host, 0, str_find(host, '/', 0));
	return str_eqi(s, host) || str_eqi(s, site_name(c)) || str_eqi(s, site_author(c));
}

/*
 * True for what is tried first: a common password, with its letters large or small, repeated, or
 * with figures and signs around it; a few characters repeated; the site's own name.
 */
static enum err
is_common(struct ctx *c, struct str password, bool *common)
{
	struct str low, list, of;
	enum err err = list_read(c, &list);
	char *p;

	if (!err)
		err = ctx_str(c, password, &low);
	if (err)
		return err;
	p = (char *)(uintptr_t)low.p;
	for (size_t i = 0; i < low.n; i++)
		if (p[i] >= 'A' && p[i] <= 'Z')
			p[i] = (char)(p[i] - 'A' + 'a');
	of = unit(low);
	*common = of.n <= UNIT_MAX || in_list(list, low) || in_list(list, of) ||
		  in_list(list, core(of)) || in_list(list, unit(core(of))) ||
		  names_site(c, low) || names_site(c, core(low));
	return OK;
}

/* A new password: checked, and in its normal form. */
static enum err
password_check(struct ctx *c, struct str password, struct str *out)
{
	bool common;
	enum err err;

	if (!enc_utf8_valid(password))
		return tr_raise(c, ERR_PASSWORD_RULES, "it is not valid UTF-8");
	if (has_control(password))
		return tr_raise(c, ERR_PASSWORD_RULES, "it has a control character");
	err = unicode_nfc(c, password, out);
	if (err)
		return err;
	if (characters(*out) < AUTH_PASSWORD_MIN || characters(*out) > AUTH_PASSWORD_MAX)
		return tr_raise(c, ERR_PASSWORD_RULES, "a password has %d to %d characters",
			AUTH_PASSWORD_MIN, AUTH_PASSWORD_MAX);
	err = is_common(c, *out, &common);
	if (!err && common)
		err = tr_raise(c, ERR_PASSWORD_RULES,
			"it is among those that are tried first");
	return err;
}

enum err
password_hash(struct ctx *c, struct str password, char out[CRYPTO_PASSWORD_BYTES])
{
	struct str normal;
	enum err err = password_check(c, password, &normal);

	return err ? err : crypto_password_hash(c, normal, out);
}

/* ---- comparing -------------------------------------------------------------------------------- */

/* As many seconds as a wrong password takes, for an owner who has none. */
static enum err
burn(struct ctx *c, struct str password)
{
	char hash[CRYPTO_PASSWORD_BYTES];
	enum err err = crypto_password_hash(c, password, hash);

	return err ? err : err_raise(c, ERR_LOGIN_FAILED, "the owner has no password");
}

enum err
password_plausible(struct ctx *c, struct str password)
{
	if (!enc_utf8_valid(password) || characters(password) > AUTH_PASSWORD_MAX)
		return tr_raise(c, ERR_PASSWORD_RULES, "a password has %d to %d characters",
			AUTH_PASSWORD_MIN, AUTH_PASSWORD_MAX);
	return OK;
}

enum err
password_verify(struct ctx *c, struct db *db, struct str password, struct str *rehashed)
{
	char hash[CRYPTO_PASSWORD_BYTES];
	struct owner_row owner;
	struct str normal;
	enum err err = unicode_nfc(c, password, &normal);

	*rehashed = (struct str){0};
	if (!err)
		err = owner_row_find(c, db, &owner);
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		return burn(c, normal);
	}
	if (err)
		return err;
	if (owner.password_hash.n == 0)
		return burn(c, normal);
	if (!crypto_password_verify(normal, owner.password_hash.p))
		return err_raise(c, ERR_LOGIN_FAILED, "wrong password");
	if (!crypto_password_stale(owner.password_hash.p))
		return OK;
	err = crypto_password_hash(c, normal, hash);
	return err ? err : ctx_str(c, str_z(hash), rehashed);
}

/* ---- setting ---------------------------------------------------------------------------------- */

/* Inside a transaction. */
static enum err
password_store(struct ctx *c, struct db *db, struct str hash, struct str keep)
{
	int64_t sessions;
	enum err err = owner_row_set_password(c, db, hash);

	if (!err)
		err = pending_row_clear(c, db);
	if (!err)
		err = session_row_revoke_others(c, db, keep, &sessions);
	return err ? err : audit_put(c, db, AUDIT_PASSWORD, S(""), S(""));
}

enum err
auth_owner_set_password(struct ctx *c, struct db *db, struct str password, struct str keep)
{
	char hash[CRYPTO_PASSWORD_BYTES];
	enum err err = password_hash(c, password, hash);

	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	return domain_tx_end(c, db, password_store(c, db, str_z(hash), keep));
}
