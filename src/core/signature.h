/*
 * What libsodium does not have and the standards of signing in ask for: HMAC-SHA-1 (RFC 2104, for
 * the codes of authenticator apps) and the signatures of passkeys (RFC 9053: ES256, EdDSA, RS256).
 * The only file that knows OpenSSL.
 */
#ifndef CORE_SIGNATURE_H
#define CORE_SIGNATURE_H

#include "base/ctx.h"

enum { SIGNATURE_HMAC_SHA1_BYTES = 20 };

/* ERR_INTERNAL where the system's policy forbids SHA-1. */
MUST enum err signature_hmac_sha1(struct ctx *c, struct str key, struct str message,
	unsigned char out[SIGNATURE_HMAC_SHA1_BYTES]);

/* By their COSE numbers (RFC 9053 section 2, RFC 8812 section 2). */
enum signature_alg {
	SIGNATURE_ES256 = -7,
	SIGNATURE_EDDSA = -8,
	SIGNATURE_RS256 = -257
};

/* A public key; the caller's bytes. */
struct signature_key {
	enum signature_alg alg;
	struct str a;	/* ES256: x; EdDSA: the key; RS256: the modulus, big-endian */
	struct str b;	/* ES256: y; RS256: the exponent */
};

/*
 * True if there is such a key: ES256: both coordinates of 32 bytes, of a point on P-256; EdDSA: 32
 * bytes; RS256: a modulus of 2048 to 4096 bits.
 */
bool signature_key_valid(const struct signature_key *key);

/*
 * True if sig is the key's signature of data. ES256: a DER SEQUENCE of two INTEGERs, in the one
 * shortest form, with nothing behind it. An invalid key has signed nothing.
 */
bool signature_verify(const struct signature_key *key, struct str data, struct str sig);

#endif
