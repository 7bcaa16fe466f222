/*
 * Passkeys: what a browser is asked for, and which are known.
 */
#include "domain/factor.h"

#include "base/buf.h"
#include "base/enc.h"
#include "core/config.h"
#include "core/log.h"
#include "core/signature.h"
#include "domain/audit.h"
#include "domain/priv.h"
#include "domain/site.h"
#include "domain/webauthn.h"
#include "store/auth.h"
#include "text/json.h"

enum { CHALLENGES_MAX = 4096, HANDLE_BYTES = 32, NAME_MAX_BYTES = 100, TIMEOUT_MS = 300000 };

static const char *const purposes[] = {
	[FACTOR_SIGN_IN] = "sign-in", [FACTOR_PROVE] = "prove", [FACTOR_ENROL] = "enrol"};

bool
factor_passkeys_possible(const struct ctx *c)
{
	struct str host = site_host(c);
	bool letter = false;

	for (size_t i = 0; i < host.n; i++)
		letter = letter || (host.p[i] >= 'a' && host.p[i] <= 'z');
	return letter && str_find(host, ':', 0) == host.n;
}

/* ---- what is asked for ------------------------------------------------------------------------- */

static enum err
set_bytes(struct ctx *c, struct json *o, const char *name, struct str bytes)
{
	struct str text;
	struct buf b;
	enum err err;

	buf_init(&b, &c->arena, bytes.n * 2 + 4);
	enc_base64url(&b, bytes.p, bytes.n);
	err = buf_end(c, &b, &text);
	return err ? err : json_set_str(c, o, str_z(name), text);
}

/* {"id", "name", "displayName"} */
static enum err
set_entity(struct ctx *c, struct json *o, const char *name, struct str handle)
{
	struct str label = handle.p ? site_author(c) : site_name(c);
	struct json *entity;
	enum err err = json_object(c, &entity);

	if (!err)
		err = handle.p ? set_bytes(c, entity, "id", handle)
			       : json_set_str(c, entity, S("id"), site_host(c));
	if (!err)
		err = json_set_str(c, entity, S("name"), handle.p ? site_host(c) : label);
	if (!err && handle.p)
		err = json_set_str(c, entity, S("displayName"), label);
	return err ? err : json_set(c, o, str_z(name), entity);
}

static enum err
set_algorithms(struct ctx *c, struct json *o)
{
	static const int algs[] = {SIGNATURE_ES256, SIGNATURE_EDDSA, SIGNATURE_RS256};
	struct json *list, *entry;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < sizeof(algs) / sizeof(algs[0]); i++) {
		err = json_object(c, &entry);
		if (!err)
			err = json_set_str(c, entry, S("type"), S("public-key"));
		if (!err)
			err = json_set_int(c, entry, S("alg"), algs[i]);
		if (!err)
			err = json_push(c, list, entry);
	}
	return err ? err : json_set(c, o, S("pubKeyCredParams"), list);
}

/* An authenticator that has one of ours already is to say so, and not make another. */
static enum err
set_excluded(struct ctx *c, struct json *o, const struct passkey_row *rows, size_t n)
{
	struct json *list, *entry;
	enum err err = json_array(c, &list);

	for (size_t i = 0; !err && i < n; i++) {
		err = json_object(c, &entry);
		if (!err)
			err = json_set_str(c, entry, S("type"), S("public-key"));
		if (!err)
			err = set_bytes(c, entry, "id", rows[i].credential);
		if (!err)
			err = json_push(c, list, entry);
	}
	return err ? err : json_set(c, o, S("excludeCredentials"), list);
}

/* Section 5.4. */
static enum err
creation_fill(struct ctx *c, struct db *db, struct json *o)
{
	struct passkey_row *rows;
	struct owner_row owner;
	struct json *selection;
	size_t n;
	enum err err = owner_row_find(c, db, &owner);

	if (!err)
		err = passkey_row_list(c, db, &rows, &n);
	if (!err)
		err = set_entity(c, o, "rp", (struct str){0});
	if (!err)
		err = set_entity(c, o, "user", owner.handle);
	if (!err)
		err = set_algorithms(c, o);
	if (!err)
		err = set_excluded(c, o, rows, n);
	if (!err)
		err = json_object(c, &selection);
	if (!err)
		err = json_set_str(c, selection, S("residentKey"), S("required"));
	if (!err)
		err = json_set_bool(c, selection, S("requireResidentKey"), true);
	if (!err)
		err = json_set_str(c, selection, S("userVerification"), S("required"));
	if (!err)
		err = json_set(c, o, S("authenticatorSelection"), selection);
	return err ? err : json_set_str(c, o, S("attestation"), S("none"));
}

/* Section 5.5: any passkey of ours, chosen in the browser. */
static enum err
request_fill(struct ctx *c, struct json *o)
{
	struct json *none;
	enum err err = json_array(c, &none);

	if (!err)
		err = json_set_str(c, o, S("rpId"), site_host(c));
	if (!err)
		err = json_set_str(c, o, S("userVerification"), S("required"));
	return err ? err : json_set(c, o, S("allowCredentials"), none);
}

/* Keeps the challenge, and gives the owner a handle if one is needed. Inside a transaction. */
static enum err
challenge_keep(struct ctx *c, struct db *db, const struct challenge_row *row,
	enum factor_purpose purpose, int *retry)
{
	char handle[HANDLE_BYTES];
	enum err err = OK;

	if (purpose != FACTOR_ENROL)
		err = throttle_take(c, db, THROTTLE_CHALLENGE, retry);
	crypto_random(handle, sizeof(handle));
	if (!err && purpose == FACTOR_ENROL)
		err = owner_row_set_handle(c, db, str_n(handle, sizeof(handle)));
	return err ? err : challenge_row_put(c, db, row, CHALLENGES_MAX);
}

enum err
factor_challenge(struct ctx *c, struct db *db, enum factor_purpose purpose, struct str cookie,
	struct str *json, int *retry)
{
	struct challenge_row row = {.purpose = str_z(purposes[purpose]),
		.expires = domain_now(c) + FACTOR_CHALLENGE_LIFE};
	struct json *o;
	enum err err = throttle_look(c, db, THROTTLE_CHALLENGE, retry);

	crypto_sha256(cookie, row.hash);
	crypto_random(row.challenge, sizeof(row.challenge));
	if (!err)
		err = db_tx_begin(c, db);
	if (!err)
		err = domain_tx_keep(c, db, challenge_keep(c, db, &row, purpose, retry));
	if (!err)
		err = json_object(c, &o);
	if (!err)
		err = set_bytes(c, o, "challenge",
			str_n((const char *)row.challenge, sizeof(row.challenge)));
	if (!err)
		err = json_set_int(c, o, S("timeout"), TIMEOUT_MS);
	if (!err)
		err = purpose == FACTOR_ENROL ? creation_fill(c, db, o) : request_fill(c, o);
	return err ? err : json_write(c, o, json);
}

enum err
factor_challenge_take(struct ctx *c, struct db *db, enum factor_purpose purpose, struct str cookie,
	struct webauthn_expect *out)
{
	struct challenge_row row = {.purpose = str_z(purposes[purpose])};
	bool found;
	enum err err;

	crypto_sha256(cookie, row.hash);
	err = challenge_row_take(c, db, &row, &found);
	*out = (struct webauthn_expect){.rp_id = site_host(c), .origin = site_origin(c)};
	if (!err && (!found || row.expires <= domain_now(c)))
		return err_raise(c, ERR_PASSKEY, "no challenge was given, or it is too old");
	return err ? err : ctx_str(c, str_n((const char *)row.challenge, sizeof(row.challenge)),
		&out->challenge);
}

/* ---- which are known --------------------------------------------------------------------------- */

/* What a passkey may be called: one line of text. */
static enum err
name_make(struct ctx *c, struct str name, struct str *out)
{
	struct buf b;

	if (!enc_utf8_valid(name))
		name = S("");
	name = enc_utf8_cut(str_trim(name), NAME_MAX_BYTES);
	buf_init(&b, &c->arena, NAME_MAX_BYTES + 1);
	for (size_t i = 0; i < name.n; i++)
		buf_putc(&b, (unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f ? ' ' : name.p[i]);
	if (name.n == 0)
		buf_puts(&b, "Passkey");
	return buf_end(c, &b, out);
}

static enum err
add(struct ctx *c, struct db *db, struct str cookie, struct str json, struct passkey_row *row)
{
	struct webauthn_expect expect;
	struct passkey_row *rows;
	size_t n;
	enum err err = factor_challenge_take(c, db, FACTOR_ENROL, cookie, &expect);

	if (!err)
		err = passkey_row_list(c, db, &rows, &n);
	if (!err && n >= FACTOR_PASSKEYS_MAX)
		err = err_raise_hint(c, ERR_PASSKEY, "there are %d already", FACTOR_PASSKEYS_MAX);
	if (!err)
		err = webauthn_created(c, &expect, json, row);
	return err ? err : passkey_row_insert(c, db, row);
}

enum err
factor_passkey_add(struct ctx *c, struct db *db, struct str cookie, struct str json,
	struct str name, struct str keep)
{
	char id[AUTH_ID_CHARS];
	struct passkey_row row = {.id = str_n(id, sizeof(id)), .created = domain_now(c)};
	enum err err = name_make(c, name, &row.name);

	auth_random_text(id, sizeof(id));
	if (!err)
		err = db_tx_begin(c, db);
	if (err)
		return err;
	err = add(c, db, cookie, json, &row);
	if (!err)
		err = factor_changed(c, db, AUDIT_PASSKEY_ADDED, row.name, keep);
	err = domain_tx_keep(c, db, err);
	if (!err)
		log_event(c, factor_changed, .factor = S("passkey"), .added = true);
	return err;
}

enum err
factor_passkey_remove(struct ctx *c, struct db *db, struct str id, struct str keep)
{
	enum err err = db_tx_begin(c, db);

	if (err)
		return err;
	err = passkey_row_delete(c, db, id);
	if (!err)
		err = factor_changed(c, db, AUDIT_PASSKEY_REMOVED, id, keep);
	err = domain_tx_end(c, db, err);
	if (!err)
		log_event(c, factor_changed, .factor = S("passkey"), .added = false);
	return err;
}
