/*
 * Enrolling and removing second factors; what is enrolled. Passkeys are in factor_passkey.c.
 */
#include "domain/factor.h"

#include "base/buf.h"
#include "base/enc.h"
#include "core/config.h"
#include "core/key.h"
#include "core/log.h"
#include "domain/audit.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "domain/totp.h"

enum { URI_MAX = 2048, CODE_CHARS = 16, CODE_GROUP = 4, BEGUN_LIFE = 900 };

enum err
factor_list(struct ctx *c, struct db *db, struct factors *out)
{
	struct totp_row totp;
	enum err err = totp_row_find(c, db, &totp);

	*out = (struct factors){0};
	if (err == ERR_NOT_FOUND) {
		err_clear(c);
		err = OK;
	}
	if (err)
		return err;
	out->totp = totp.active;
	out->totp_begun = !totp.active && totp.secret.n > 0;
	out->totp_since = totp.created;
	err = passkey_row_list(c, db, &out->passkeys, &out->n_passkeys);
	return err ? err : recovery_row_count(c, db, &out->codes, &out->codes_unused);
}

enum err
factor_second(struct ctx *c, struct db *db, bool *out)
{
	int64_t passkeys;
	bool totp;
	enum err err = factor_row_count(c, db, &totp, &passkeys);

	*out = totp || passkeys > 0;
	return err;
}

enum err
factor_changed(struct ctx *c, struct db *db, enum audit what, struct str name, struct str keep)
{
	int64_t ended;
	enum err err = session_row_revoke_others(c, db, keep, &ended);

	if (!err)
		err = pending_row_clear(c, db);
	return err ? err : audit_put(c, db, what, name, S(""));
}

/* ---- authenticator app ------------------------------------------------------------------------- */

/* The secret of the row. ERR_IO, for the log, if it was sealed with another key. */
static enum err
secret_open(struct ctx *c, const struct totp_row *row, struct str *out)
{
	unsigned char key[CRYPTO_KEY_BYTES];
	bool good = false;
	enum err err = key_get(c, "totp", key);

	if (!err)
		err = crypto_open(c, key, row->secret, out, &good);
	if (!err && !good)
		err = err_raise(c, ERR_IO,
			"the authenticator app's secret was sealed with another key: restore the key's "
			"file, or sign in with a recovery code and enrol the app again");
	return err;
}

enum err
factor_totp_begin(struct ctx *c, struct db *db)
{
	unsigned char key[CRYPTO_KEY_BYTES];
	char secret[TOTP_SECRET_BYTES];
	struct str sealed;
	enum err err = key_get(c, "totp", key);

	crypto_random(secret, sizeof(secret));
	if (!err)
		err = crypto_seal(c, key, str_n(secret, sizeof(secret)), &sealed);
	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	return domain_tx_end(c, db, totp_row_put(c, db, sealed, domain_now(c)));
}

/* The row that was begun lately. */
static enum err
begun_find(struct ctx *c, struct db *db, struct str *secret)
{
	struct totp_row row;
	enum err err = totp_row_find(c, db, &row);

	if (!err && (row.active || row.created + BEGUN_LIFE <= domain_now(c)))
		err = err_raise(c, ERR_NOT_FOUND, "no authenticator app is being enrolled");
	return err ? err : secret_open(c, &row, secret);
}

enum err
factor_totp_show(struct ctx *c, struct db *db, struct str *secret, struct str *uri)
{
	struct str raw, host = site_host(c);
	struct buf b;
	enum err err = begun_find(c, db, &raw);

	if (err)
		return err;
	buf_init(&b, &c->arena, 64);
	enc_base32(&b, raw.p, raw.n);
	err = buf_end(c, &b, secret);
	if (err)
		return err;
	buf_init(&b, &c->arena, URI_MAX);
	buf_puts(&b, "otpauth://totp/StarPunk:");
	enc_percent(&b, host, S(""));
	buf_printf(&b, "?secret=%.*s&issuer=StarPunk&algorithm=SHA1&digits=%d&period=%d",
		STR(*secret), TOTP_DIGITS, TOTP_PERIOD);
	return buf_end(c, &b, uri);
}

/* Takes a code of the app; *good false if it is wrong, or not the first of its step. */
static enum err
totp_take(struct ctx *c, struct db *db, struct str secret, struct str code, bool *good)
{
	int64_t step;
	enum err err = totp_match(c, secret, code, domain_now(c), &step);

	*good = false;
	if (!err && step > 0)
		err = totp_row_accept(c, db, step, good);
	return err;
}

/* "123 456" -> "123456" */
static enum err
without_spaces(struct ctx *c, struct str s, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '-')
			buf_putc(&b, s.p[i]);
	return buf_end(c, &b, out);
}

static enum err
confirm(struct ctx *c, struct db *db, struct str code, struct str keep)
{
	struct str secret;
	bool good = false;
	enum err err = begun_find(c, db, &secret);

	if (!err)
		err = totp_take(c, db, secret, code, &good);
	if (!err && !good)
		err = err_raise(c, ERR_LOGIN_FAILED, "not the app's code");
	return err ? err : factor_changed(c, db, AUDIT_TOTP_ADDED, S(""), keep);
}

enum err
factor_totp_confirm(struct ctx *c, struct db *db, struct str code, struct str keep)
{
	enum err err = without_spaces(c, code, &code);

	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = domain_tx_end(c, db, confirm(c, db, code, keep));
	if (!err)
		log_event(c, factor_changed, .factor = S("totp"), .added = true);
	return err;
}

enum err
factor_totp_remove(struct ctx *c, struct db *db, struct str keep)
{
	bool found = false;
	enum err err = db_tx_begin(c, db);

	if (err)
		return err;
	err = totp_row_delete(c, db, &found);
	if (!err && !found)
		err = err_raise(c, ERR_NOT_FOUND, "no authenticator app");
	if (!err)
		err = factor_changed(c, db, AUDIT_TOTP_REMOVED, S(""), keep);
	err = domain_tx_end(c, db, err);
	if (!err)
		log_event(c, factor_changed, .factor = S("totp"), .added = false);
	return err;
}

/* ---- recovery codes ---------------------------------------------------------------------------- */

static enum err
code_make(struct ctx *c, struct db *db, struct str *out)
{
	unsigned char random[FACTOR_CODE_BYTES], hash[CRYPTO_SHA256_BYTES];
	struct str text;
	struct buf b;
	enum err err;

	crypto_random(random, sizeof(random));
	buf_init(&b, &c->arena, CODE_CHARS + 1);
	enc_base32(&b, random, sizeof(random));
	err = buf_end(c, &b, &text);
	if (err)
		return err;
	crypto_sha256(text, hash);
	err = recovery_row_insert(c, db, hash);
	return err ? err : ctx_printf(c, out, "%.4s-%.4s-%.4s-%.4s", text.p, text.p + CODE_GROUP,
		text.p + 2 * CODE_GROUP, text.p + 3 * CODE_GROUP);
}

enum err
factor_codes_make(struct ctx *c, struct db *db, struct str keep, struct str out[FACTOR_CODES])
{
	enum err err = db_tx_begin(c, db);

	if (err)
		return err;
	err = recovery_row_delete(c, db);
	for (size_t i = 0; !err && i < FACTOR_CODES; i++)
		err = code_make(c, db, &out[i]);
	if (!err)
		err = factor_changed(c, db, AUDIT_CODES_MADE, S(""), keep);
	err = domain_tx_end(c, db, err);
	if (!err)
		log_event(c, factor_changed, .factor = S("recovery"), .added = true);
	return err;
}

enum err
factor_codes_remove(struct ctx *c, struct db *db, struct str keep)
{
	int64_t total, unused;
	enum err err = db_tx_begin(c, db);

	if (err)
		return err;
	err = recovery_row_count(c, db, &total, &unused);
	if (!err && total == 0)
		err = err_raise(c, ERR_NOT_FOUND, "no recovery codes");
	if (!err)
		err = recovery_row_delete(c, db);
	if (!err)
		err = factor_changed(c, db, AUDIT_CODES_REMOVED, S(""), keep);
	err = domain_tx_end(c, db, err);
	if (!err)
		log_event(c, factor_changed, .factor = S("recovery"), .added = false);
	return err;
}

/* As it is on paper, in small letters or without its hyphens; else it is none. */
static enum err
recovery_take(struct ctx *c, struct db *db, struct str code, bool *good)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	char text[CODE_CHARS];
	enum err err;

	*good = false;
	if (code.n != CODE_CHARS)
		return OK;
	for (size_t i = 0; i < CODE_CHARS; i++)
		text[i] = code.p[i] >= 'a' && code.p[i] <= 'z' ? (char)(code.p[i] - 'a' + 'A')
							       : code.p[i];
	crypto_sha256(str_n(text, sizeof(text)), hash);
	err = recovery_row_use(c, db, hash, domain_now(c), good);
	if (!err && *good)
		err = audit_put(c, db, AUDIT_CODE_USED, S(""), S(""));
	return err;
}

enum err
factor_code_take(struct ctx *c, struct db *db, struct str code, struct str *factor)
{
	struct totp_row row = {0};
	struct str secret;
	bool good = false;
	enum err err = without_spaces(c, code, &code);

	*factor = (struct str){0};
	if (!err)
		err = recovery_take(c, db, code, &good);
	if (err || good) {
		*factor = S("recovery");
		return err;
	}
	err = totp_row_find(c, db, &row);
	if (err == ERR_NOT_FOUND || (!err && !row.active)) {
		err_clear(c);
		return OK;
	}
	if (!err)
		err = secret_open(c, &row, &secret);
	if (!err)
		err = totp_take(c, db, secret, code, &good);
	if (!err && good)
		*factor = S("totp");
	return err;
}
