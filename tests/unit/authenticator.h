/*
 * An authenticator for tests: makes passkeys and uses them, as a browser would send it, and can be
 * told to do everything wrong.
 */
#ifndef UNIT_AUTHENTICATOR_H
#define UNIT_AUTHENTICATOR_H

#include "base/buf.h"
#include "base/enc.h"
#include "core/crypto.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>

struct authenticator {
	EVP_PKEY *key;
	unsigned char x[32], y[32];
	char id[1200];
	size_t n_id;
};

enum { AUTH_UP = 1, AUTH_UV = 4, AUTH_BE = 8, AUTH_BS = 16, AUTH_AT = 64, AUTH_ED = 128 };

/* What it does; zero is what it should. */
struct ceremony {
	struct str challenge;		/* in base64url, as the options had it */
	const char *type;		/* webauthn.create or webauthn.get */
	const char *origin;		/* https://ada.example */
	const char *rp_id;		/* ada.example */
	const char *more;		/* further members of clientDataJSON: ",\"crossOrigin\":true" */
	unsigned flags;			/* AUTH_UP | AUTH_UV, and AUTH_AT for one that is made */
	uint32_t count;
	struct str handle;		/* p NULL: none is sent */
	struct str behind;		/* bytes behind the authenticator data */
	struct str attestation;		/* in place of "fmt": "none", "attStmt": {} */
	struct str key;			/* in place of the COSE key */
	struct str signature;		/* in place of the signature */
};

static inline void
authenticator_init(struct authenticator *a)
{
	size_t n = 0;
	unsigned char point[65];

	a->key = EVP_EC_gen("P-256");
	if (!a->key || EVP_PKEY_get_octet_string_param(
			a->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &n) != 1 || n != 65)
		abort();
	memcpy(a->x, point + 1, 32);
	memcpy(a->y, point + 33, 32);
	a->n_id = 32;
	crypto_random(a->id, a->n_id);
}

static inline void
authenticator_fini(struct authenticator *a)
{
	EVP_PKEY_free(a->key);
}

static inline void
put_bytes(struct buf *b, const void *p, size_t n)
{
	buf_put(b, str_n(p, n));
}

/* rpIdHash, flags, count. */
static inline void
put_auth_data(struct buf *b, const struct ceremony *how, unsigned flags)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];

	crypto_sha256(str_z(how->rp_id ? how->rp_id : "ada.example"), hash);
	put_bytes(b, hash, sizeof(hash));
	buf_putc(b, (char)flags);
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_putc(b, (char)(how->count >> shift & 0xff));
}

static inline void
put_client_data(struct buf *b, const struct ceremony *how, const char *type)
{
	buf_printf(b, "{\"type\":\"%s\",\"challenge\":\"%.*s\",\"origin\":\"%s\"%s}",
		how->type ? how->type : type, STR(how->challenge),
		how->origin ? how->origin : "https://ada.example", how->more ? how->more : "");
}

static inline void
put_member(struct buf *b, const char *name, struct str bytes)
{
	buf_printf(b, "\"%s\":\"", name);
	enc_base64url(b, bytes.p, bytes.n);
	buf_puts(b, "\"");
}

static inline void
put_key(struct buf *b, const struct authenticator *a, const struct ceremony *how)
{
	if (how->key.p) {
		buf_put(b, how->key);
		return;
	}
	put_bytes(b, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
	put_bytes(b, a->x, 32);
	put_bytes(b, "\x22\x58\x20", 3);
	put_bytes(b, a->y, 32);
}

/* The JSON of a passkey that was just made. */
static inline struct str
authenticator_make(struct ctx *c, const struct authenticator *a, const struct ceremony *how)
{
	unsigned flags = how->flags ? how->flags : AUTH_UP | AUTH_UV | AUTH_AT;
	struct buf data, object, client, json;
	struct str out;

	buf_init(&data, &c->arena, 65536);
	put_auth_data(&data, how, flags);
	put_bytes(&data, "0123456789abcdef", 16);
	buf_putc(&data, (char)(a->n_id >> 8));
	buf_putc(&data, (char)(a->n_id & 0xff));
	put_bytes(&data, a->id, a->n_id);
	put_key(&data, a, how);
	buf_put(&data, how->behind);
	buf_init(&object, &c->arena, 65536);
	buf_puts(&object, "\xa3");
	buf_put(&object, how->attestation.p ? how->attestation
					    : S("\x63" "fmt\x64none\x67" "attStmt\xa0"));
	buf_puts(&object, data.n < 256 ? "\x68" "authData\x58" : "\x68" "authData\x59");
	if (data.n >= 256)
		buf_putc(&object, (char)(data.n >> 8));
	buf_putc(&object, (char)(data.n & 0xff));
	buf_put(&object, buf_str(&data));
	buf_init(&client, &c->arena, 65536);
	put_client_data(&client, how, "webauthn.create");
	buf_init(&json, &c->arena, 262144);
	buf_puts(&json, "{");
	put_member(&json, "id", str_n(a->id, a->n_id));
	buf_puts(&json, ",");
	put_member(&json, "rawId", str_n(a->id, a->n_id));
	buf_puts(&json, ",\"type\":\"public-key\",\"response\":{");
	put_member(&json, "clientDataJSON", buf_str(&client));
	buf_puts(&json, ",");
	put_member(&json, "attestationObject", buf_str(&object));
	buf_puts(&json, ",\"transports\":[\"internal\",\"telepathy\",\"hybrid\"]},"
		"\"clientExtensionResults\":{}}");
	if (buf_end(c, &json, &out) != OK)
		abort();
	return out;
}

/* The signature of authenticator data and client data. */
static inline struct str
authenticator_sign(struct ctx *c, const struct authenticator *a, struct str data, struct str client)
{
	unsigned char hash[CRYPTO_SHA256_BYTES];
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t n = 80;
	unsigned char *sig = ctx_alloc(c, n);
	struct buf text;

	crypto_sha256(client, hash);
	buf_init(&text, &c->arena, 65536);
	buf_put(&text, data);
	put_bytes(&text, hash, sizeof(hash));
	if (!md || !sig || EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, a->key) != 1 ||
		EVP_DigestSign(md, sig, &n, (const unsigned char *)text.p, text.n) != 1)
		abort();
	EVP_MD_CTX_free(md);
	return str_n((const char *)sig, n);
}

/* The JSON of a passkey that was used. */
static inline struct str
authenticator_use(struct ctx *c, const struct authenticator *a, const struct ceremony *how)
{
	unsigned flags = how->flags ? how->flags : AUTH_UP | AUTH_UV;
	struct buf data, client, json;
	struct str out;

	buf_init(&data, &c->arena, 65536);
	put_auth_data(&data, how, flags);
	buf_put(&data, how->behind);
	buf_init(&client, &c->arena, 65536);
	put_client_data(&client, how, "webauthn.get");
	buf_init(&json, &c->arena, 262144);
	buf_puts(&json, "{");
	put_member(&json, "id", str_n(a->id, a->n_id));
	buf_puts(&json, ",");
	put_member(&json, "rawId", str_n(a->id, a->n_id));
	buf_puts(&json, ",\"type\":\"public-key\",\"response\":{");
	put_member(&json, "clientDataJSON", buf_str(&client));
	buf_puts(&json, ",");
	put_member(&json, "authenticatorData", buf_str(&data));
	buf_puts(&json, ",");
	put_member(&json, "signature", how->signature.p ? how->signature
		: authenticator_sign(c, a, buf_str(&data), buf_str(&client)));
	buf_puts(&json, how->handle.p ? "," : ",\"userHandle\":null");
	if (how->handle.p)
		put_member(&json, "userHandle", how->handle);
	buf_puts(&json, "}}");
	if (buf_end(c, &json, &out) != OK)
		abort();
	return out;
}

#endif
