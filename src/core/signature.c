/*
 * OpenSSL's EVP behind our own names. Nothing here keeps state; every function may be called from
 * any thread.
 */
#include "core/signature.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

enum {
	POINT_BYTES = 32,
	ED25519_BYTES = 32,
	RSA_MIN_BYTES = 256,
	RSA_MAX_BYTES = 512,
	RSA_EXPONENT_MAX = 8,
	SIGNATURE_MAX = 1024
};

static const unsigned char *
bytes(struct str s)
{
	return (const unsigned char *)(s.p ? s.p : "");
}

enum err
signature_hmac_sha1(struct ctx *c, struct str key, struct str message,
	unsigned char out[SIGNATURE_HMAC_SHA1_BYTES])
{
	unsigned n = 0;

	if (HMAC(EVP_sha1(), bytes(key), (int)key.n, bytes(message), message.n, out, &n) &&
		n == SIGNATURE_HMAC_SHA1_BYTES)
		return OK;
	ERR_clear_error();
	return err_raise(c, ERR_INTERNAL, "OpenSSL refuses HMAC-SHA-1");
}

/* The key that these parameters make, checked by OpenSSL; NULL if they make none. */
static EVP_PKEY *
key_from(const char *type, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params && ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

/* A point in the form 4 x y; that it is on the curve is checked where it is decoded. */
static EVP_PKEY *
key_es256(const struct signature_key *k)
{
	char group[] = "P-256";
	unsigned char point[1 + 2 * POINT_BYTES] = {4};
	OSSL_PARAM_BLD *bld;
	EVP_PKEY *key = NULL;

	if (k->a.n != POINT_BYTES || k->b.n != POINT_BYTES)
		return NULL;
	memcpy(point + 1, k->a.p, POINT_BYTES);
	memcpy(point + 1 + POINT_BYTES, k->b.p, POINT_BYTES);
	bld = OSSL_PARAM_BLD_new();
	if (bld && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
		OSSL_PARAM_BLD_push_octet_string(
			bld, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
		key = key_from("EC", bld);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

static EVP_PKEY *
key_rs256(const struct signature_key *k)
{
	BIGNUM *n, *e;
	OSSL_PARAM_BLD *bld;
	EVP_PKEY *key = NULL;

	if (k->a.n < RSA_MIN_BYTES || k->a.n > RSA_MAX_BYTES || k->a.p[0] == 0 || k->b.n == 0 ||
		k->b.n > RSA_EXPONENT_MAX)
		return NULL;
	n = BN_bin2bn(bytes(k->a), (int)k->a.n, NULL);
	e = BN_bin2bn(bytes(k->b), (int)k->b.n, NULL);
	bld = OSSL_PARAM_BLD_new();
	if (n && e && bld && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		key = key_from("RSA", bld);
	OSSL_PARAM_BLD_free(bld);
	BN_free(n);
	BN_free(e);
	return key;
}

static EVP_PKEY *
key_open(const struct signature_key *k)
{
	switch (k->alg) {
	case SIGNATURE_ES256:
		return key_es256(k);
	case SIGNATURE_RS256:
		return key_rs256(k);
	case SIGNATURE_EDDSA:
		return k->a.n == ED25519_BYTES
			? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes(k->a), k->a.n)
			: NULL;
	}
	return NULL;
}

bool
signature_key_valid(const struct signature_key *key)
{
	EVP_PKEY *k = key_open(key);

	EVP_PKEY_free(k);
	ERR_clear_error();
	return k != NULL;
}

bool
signature_verify(const struct signature_key *key, struct str data, struct str sig)
{
	const EVP_MD *md = key->alg == SIGNATURE_EDDSA ? NULL : EVP_sha256();
	EVP_PKEY *k = key_open(key);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = k && ctx && sig.n <= SIGNATURE_MAX &&
		    EVP_DigestVerifyInit(ctx, NULL, md, NULL, k) == 1 &&
		    EVP_DigestVerify(ctx, bytes(sig), sig.n, bytes(data), data.n) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	ERR_clear_error();
	return good;
}
