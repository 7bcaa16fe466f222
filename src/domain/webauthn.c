/*
 * The checks of Web Authentication, in the standard's order. Hashes and signatures are always over
 * the bytes that came, never over something written anew.
 */
#include "domain/webauthn.h"

#include "base/buf.h"
#include "base/enc.h"
#include "core/crypto.h"
#include "core/signature.h"
#include "text/cbor.h"
#include "text/json.h"

enum { FLAG_UP = 0x01, FLAG_UV = 0x04, FLAG_BE = 0x08, FLAG_BS = 0x10, FLAG_AT = 0x40, FLAG_ED = 0x80 };

/* Offsets in authenticator data (section 6.1). */
enum { AT_FLAGS = 32, AT_COUNT = 33, AT_REST = 37, AAGUID_BYTES = 16 };

/* Names in COSE_Key (RFC 9052 section 7, RFC 9053 section 7, RFC 8230 section 4). */
enum { COSE_KTY = 1, COSE_ALG = 3, COSE_CRV = -1, COSE_X = -2, COSE_Y = -3, COSE_N = -1, COSE_E = -2 };
enum { KTY_OKP = 1, KTY_EC2 = 2, KTY_RSA = 3, CRV_P256 = 1, CRV_ED25519 = 6 };

enum { TRANSPORTS_MAX = 100 };

struct auth_data {
	unsigned flags;
	int64_t count;
	struct str aaguid;
	struct str credential;
	struct str key;
};

static enum err
bad(struct ctx *c, const char *what)
{
	err_clear(c);	/* of a parser: what it was about says more */
	return err_raise(c, ERR_PASSKEY, "%s", what);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* A binary member of a JSON object. */
static enum err
member_read(struct ctx *c, const struct json *o, const char *name, struct str *out)
{
	const struct json *v = json_find(o, str_z(name));

	if (!v || json_kind(v) != JSON_STRING || !enc_base64url_parse(&c->arena, json_str(v), out))
		return bad(c, name);
	return OK;
}

/* The credential's id and its response. */
static enum err
credential_read(struct ctx *c, struct str text, struct str *id, const struct json **response)
{
	const struct json *o, *type;
	struct str raw;
	enum err err = json_parse(c, text, &o);

	if (err == ERR_MEMORY)
		return err;
	if (err)
		return bad(c, "what was sent is no JSON");
	type = json_find(o, S("type"));
	if (!type || !str_eq(json_str(type), S("public-key")))
		return bad(c, "type");
	err = member_read(c, o, "id", id);
	if (!err)
		err = member_read(c, o, "rawId", &raw);
	if (err)
		return err;
	*response = json_find(o, S("response"));
	if (!str_eq(*id, raw) || !*response)
		return bad(c, "id and rawId differ, or there is no response");
	return OK;
}

/* Section 5.8.1: what the browser says it has done, and where. */
static enum err
client_data_check(struct ctx *c, const struct webauthn_expect *e, struct str data, struct str type)
{
	const struct json *o, *cross;
	struct str challenge;
	enum err err;

	if (str_starts(data, S("\xEF\xBB\xBF")))
		data = str_sub(data, 3, data.n);
	err = json_parse(c, data, &o);
	if (err == ERR_MEMORY)
		return err;
	if (err || json_kind(o) != JSON_OBJECT)
		return bad(c, "clientDataJSON is no JSON");
	if (!str_eq(json_str(json_find(o, S("type"))), type))
		return bad(c, "clientDataJSON is of another ceremony");
	err = member_read(c, o, "challenge", &challenge);
	if (err)
		return err;
	if (challenge.n != e->challenge.n || !crypto_equal(challenge.p, e->challenge.p, challenge.n))
		return bad(c, "the challenge is another one");
	if (!str_eq(json_str(json_find(o, S("origin"))), e->origin))
		return bad(c, "the origin is another one");
	cross = json_find(o, S("crossOrigin"));
	if ((cross && (json_kind(cross) != JSON_BOOL || json_bool(cross))) ||
		json_find(o, S("topOrigin")))
		return bad(c, "done inside another site's page");
	return OK;
}

/* ---- authenticator data ------------------------------------------------------------------------ */

/* Attested credential data (section 6.5.2); what follows it is *rest. */
static enum err
attested_read(struct ctx *c, struct str in, struct auth_data *out, struct str *rest)
{
	struct cbor key;
	size_t n, used;

	if (in.n < AAGUID_BYTES + 2)
		return bad(c, "authenticator data is cut short");
	out->aaguid = str_sub(in, 0, AAGUID_BYTES);
	n = (size_t)((unsigned char)in.p[AAGUID_BYTES] << 8 | (unsigned char)in.p[AAGUID_BYTES + 1]);
	in = str_sub(in, AAGUID_BYTES + 2, in.n);
	if (n == 0 || n > WEBAUTHN_CREDENTIAL_MAX || n > in.n)
		return bad(c, "a credential id of no or too many bytes");
	out->credential = str_sub(in, 0, n);
	in = str_sub(in, n, in.n);
	if (cbor_parse(c, in, &key, &used) != OK)
		return bad(c, "the key is no CBOR of ours");
	out->key = str_sub(in, 0, used);
	*rest = str_sub(in, used, in.n);
	return OK;
}

/* Section 6.1, and what sections 7.1 and 7.2 demand of it alike. */
static enum err
auth_data_read(struct ctx *c, const struct webauthn_expect *e, struct str in, bool attested,
	struct auth_data *out)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	const unsigned char *p = (const unsigned char *)in.p;
	struct str rest;
	struct cbor extensions;
	size_t used;
	enum err err = OK;

	*out = (struct auth_data){0};
	if (in.n < AT_REST)
		return bad(c, "authenticator data is cut short");
	crypto_sha256(e->rp_id, hash);
	if (!crypto_equal(hash, p, sizeof(hash)))
		return bad(c, "of another site");
	out->flags = p[AT_FLAGS];
	out->count = (int64_t)p[AT_COUNT] << 24 | p[AT_COUNT + 1] << 16 | p[AT_COUNT + 2] << 8 |
		     p[AT_COUNT + 3];
	if (!(out->flags & FLAG_UP) || (!(out->flags & FLAG_UV) && !e->unverified))
		return bad(c, "nobody was there, or was not verified");
	if ((out->flags & FLAG_BS) && !(out->flags & FLAG_BE))
		return bad(c, "backed up, but not to be backed up");
	if (attested && !(out->flags & FLAG_AT))
		return bad(c, "no credential in it");
	rest = str_sub(in, AT_REST, in.n);
	if (out->flags & FLAG_AT)
		err = attested_read(c, rest, out, &rest);
	if (!err && (out->flags & FLAG_ED)) {
		if (cbor_parse(c, rest, &extensions, &used) != OK || extensions.kind != CBOR_MAP)
			return bad(c, "extensions that are no map");
		rest = str_sub(rest, used, rest.n);
	}
	return !err && rest.n > 0 ? bad(c, "bytes behind the authenticator data") : err;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* A COSE_Key of one of the three kinds that we offer, and nothing else in it. */
static enum err
key_read(struct ctx *c, struct str text, struct signature_key *out)
{
	struct cbor map;
	size_t used;

	if (cbor_parse(c, text, &map, &used) != OK || used != text.n || map.kind != CBOR_MAP)
		return bad(c, "the key is no map");
	*out = (struct signature_key){.alg = SIGNATURE_ES256};
	if (cbor_is_int(cbor_find_int(&map, COSE_KTY), KTY_EC2) &&
		cbor_is_int(cbor_find_int(&map, COSE_ALG), SIGNATURE_ES256) &&
		cbor_is_int(cbor_find_int(&map, COSE_CRV), CRV_P256) && map.n == 5) {
		out->a = cbor_bytes(cbor_find_int(&map, COSE_X));
		out->b = cbor_bytes(cbor_find_int(&map, COSE_Y));
	} else if (cbor_is_int(cbor_find_int(&map, COSE_KTY), KTY_OKP) &&
		cbor_is_int(cbor_find_int(&map, COSE_ALG), SIGNATURE_EDDSA) &&
		cbor_is_int(cbor_find_int(&map, COSE_CRV), CRV_ED25519) && map.n == 4) {
		out->alg = SIGNATURE_EDDSA;
		out->a = cbor_bytes(cbor_find_int(&map, COSE_X));
	} else if (cbor_is_int(cbor_find_int(&map, COSE_KTY), KTY_RSA) &&
		cbor_is_int(cbor_find_int(&map, COSE_ALG), SIGNATURE_RS256) && map.n == 4) {
		out->alg = SIGNATURE_RS256;
		out->a = cbor_bytes(cbor_find_int(&map, COSE_N));
		out->b = cbor_bytes(cbor_find_int(&map, COSE_E));
	} else {
		return bad(c, "a key of a kind that was not offered");
	}
	return signature_key_valid(out) ? OK : bad(c, "a key that cannot be");
}

/* ---- a passkey that was made (section 7.1) ---------------------------------------------------- */

/* {"fmt": text, "attStmt": map, "authData": bytes} (section 6.5.4). */
static enum err
attestation_read(struct ctx *c, struct str in, struct str *auth_data)
{
	struct cbor map;
	const struct cbor *fmt, *statement;
	size_t used;

	if (cbor_parse(c, in, &map, &used) != OK || used != in.n || map.n != 3)
		return bad(c, "the attestation object is no CBOR of ours");
	fmt = cbor_find(&map, S("fmt"));
	statement = cbor_find(&map, S("attStmt"));
	*auth_data = cbor_bytes(cbor_find(&map, S("authData")));
	if (!fmt || fmt->kind != CBOR_TEXT || !statement || statement->kind != CBOR_MAP ||
		!auth_data->p)
		return bad(c, "the attestation object lacks something");
	if (str_eq(fmt->s, S("none")) && statement->n != 0)
		return bad(c, "an attestation of none that says something");
	return OK;
}

/* Words that we have never heard of are dropped: they would come back to the browser as hints. */
static enum err
transports_read(struct ctx *c, const struct json *response, struct str *out)
{
	static const struct str known[] = {S_INIT("usb"), S_INIT("nfc"), S_INIT("ble"),
		S_INIT("smart-card"), S_INIT("hybrid"), S_INIT("internal")};
	const struct json *list = json_find(response, S("transports"));
	struct buf b;

	buf_init(&b, &c->arena, TRANSPORTS_MAX);
	for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		bool named = false;

		for (size_t i = 0; i < json_len(list) && !named; i++)
			named = str_eq(json_str(json_at(list, i)), known[k]);
		if (named)
			buf_printf(&b, "%s%.*s", b.n ? " " : "", STR(known[k]));
	}
	return buf_end(c, &b, out);
}

enum err
webauthn_created(struct ctx *c, const struct webauthn_expect *expect, struct str json,
	struct passkey_row *out)
{
	const struct json *response;
	struct signature_key key;
	struct str id, client_data, attestation, raw;
	struct auth_data data;
	enum err err = credential_read(c, json, &id, &response);

	if (!err)
		err = member_read(c, response, "clientDataJSON", &client_data);
	if (!err)
		err = client_data_check(c, expect, client_data, S("webauthn.create"));
	if (!err)
		err = member_read(c, response, "attestationObject", &attestation);
	if (!err)
		err = attestation_read(c, attestation, &raw);
	if (!err)
		err = auth_data_read(c, expect, raw, true, &data);
	if (!err)
		err = key_read(c, data.key, &key);
	if (!err && !str_eq(id, data.credential))
		err = bad(c, "the id is not that of the credential");
	if (!err)
		err = transports_read(c, response, &out->transports);
	if (err)
		return err;
	out->credential = data.credential;
	out->key = data.key;
	out->sign_count = data.count;
	out->backup_eligible = (data.flags & FLAG_BE) != 0;
	out->backed_up = (data.flags & FLAG_BS) != 0;
	memcpy(out->aaguid, data.aaguid.p, sizeof(out->aaguid));
	return OK;
}

/* ---- a passkey that was used (section 7.2) ---------------------------------------------------- */

enum err
webauthn_parse(struct ctx *c, struct str json, struct webauthn_assertion *out)
{
	const struct json *response, *handle;
	enum err err = credential_read(c, json, &out->credential, &response);

	if (!err)
		err = member_read(c, response, "clientDataJSON", &out->client_data);
	if (!err)
		err = member_read(c, response, "authenticatorData", &out->auth_data);
	if (!err)
		err = member_read(c, response, "signature", &out->signature);
	if (err)
		return err;
	out->user_handle = (struct str){0};
	handle = json_find(response, S("userHandle"));
	if (handle && json_kind(handle) != JSON_NULL)
		err = member_read(c, response, "userHandle", &out->user_handle);
	if (!err && (out->credential.n == 0 || out->credential.n > WEBAUTHN_CREDENTIAL_MAX))
		err = bad(c, "a credential id of no or too many bytes");
	return err;
}

/* authenticatorData and the digest of clientDataJSON, as they came. */
static enum err
signed_make(struct ctx *c, const struct webauthn_assertion *a, struct str *out)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	struct buf b;

	crypto_sha256(a->client_data, hash);
	buf_init(&b, &c->arena, a->auth_data.n + sizeof(hash) + 1);
	buf_put(&b, a->auth_data);
	buf_put(&b, str_n((const char *)hash, sizeof(hash)));
	return buf_end(c, &b, out);
}

enum err
webauthn_used(struct ctx *c, const struct webauthn_expect *expect,
	const struct webauthn_assertion *a, struct str handle, struct passkey_row *row, bool *cloned)
{
	struct signature_key key;
	struct auth_data data;
	struct str text;
	enum err err;

	*cloned = false;
	if ((handle.p && !a->user_handle.p) ||
		(handle.p && a->user_handle.p && !str_eq(handle, a->user_handle)))
		return bad(c, "the user handle is missing, or not the owner's");
	err = client_data_check(c, expect, a->client_data, S("webauthn.get"));
	if (!err)
		err = auth_data_read(c, expect, a->auth_data, false, &data);
	if (!err && ((data.flags & FLAG_BE) != 0) != row->backup_eligible)
		err = bad(c, "whether it is to be backed up has changed");
	if (!err)
		err = key_read(c, row->key, &key);
	if (!err)
		err = signed_make(c, a, &text);
	if (!err && !signature_verify(&key, text, a->signature))
		err = bad(c, "the signature is wrong");
	if (err)
		return err;
	*cloned = (data.count != 0 || row->sign_count != 0) && data.count <= row->sign_count;
	if (*cloned && !row->backup_eligible)
		return bad(c, "its count went back: it may have been copied");
	row->sign_count = data.count;
	row->backed_up = (data.flags & FLAG_BS) != 0;
	return OK;
}
