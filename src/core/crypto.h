/*
 * The few cryptographic operations there are, all by libsodium: random bytes, hashes, comparison in
 * constant time, password hashing. The only file that knows <sodium.h>.
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include "base/ctx.h"

enum {
	CRYPTO_SHA256_BYTES = 32,
	CRYPTO_DIGEST_BYTES = 32,
	CRYPTO_KEY_BYTES = 32,
	CRYPTO_HMAC_BYTES = 32,
	CRYPTO_SEAL_BYTES = 24 + 16,	/* that sealing adds */
	CRYPTO_PASSWORD_BYTES = 128
};

/* Once per process, before anything else here. ERR_INTERNAL if libsodium cannot start. */
MUST enum err crypto_init(struct ctx *c);

/* n random bytes from the kernel; cannot fail after crypto_init(). */
void crypto_random(void *p, size_t n);

void crypto_sha256(struct str s, unsigned char out[CRYPTO_SHA256_BYTES]);

/* SHA-256 of what comes in pieces: begin, any number of puts, end. The caller's memory. */
struct crypto_sha256 {
	uint64_t room[16];
};
void crypto_sha256_begin(struct crypto_sha256 *d);
void crypto_sha256_put(struct crypto_sha256 *d, struct str s);
void crypto_sha256_end(struct crypto_sha256 *d, unsigned char out[CRYPTO_SHA256_BYTES]);

/* The first 64 bits of BLAKE2b: short names for what somebody may want to forge. */
uint64_t crypto_digest64(struct str s);

/*
 * BLAKE2b of what comes in pieces: begin, any number of puts, end. The caller's memory, which must
 * not move meanwhile; its bytes are nobody's but crypto.c's.
 */
struct crypto_digest {
	unsigned char room[384 + 64];
};
void crypto_digest_begin(struct crypto_digest *d);
void crypto_digest_put(struct crypto_digest *d, struct str s);
void crypto_digest_end(struct crypto_digest *d, unsigned char out[CRYPTO_DIGEST_BYTES]);

/*
 * BLAKE2b of s under a key: the same for the same text, and who does not know the key can neither
 * guess it nor learn from it whether he has guessed the text.
 */
void crypto_digest_keyed(struct str s, const unsigned char key[CRYPTO_KEY_BYTES],
	unsigned char out[CRYPTO_DIGEST_BYTES]);

/* HMAC-SHA-256 (RFC 2104) under a key of ours. */
void crypto_hmac_sha256(const unsigned char key[CRYPTO_KEY_BYTES], struct str s,
	unsigned char out[CRYPTO_HMAC_BYTES]);

/*
 * Seals s for who has the key (XSalsa20 and Poly1305, under a random nonce): s.n + CRYPTO_SEAL_BYTES
 * bytes in c's arena. Opened, *good false: it was sealed with another key, or is damaged.
 */
MUST enum err crypto_seal(struct ctx *c, const unsigned char key[CRYPTO_KEY_BYTES], struct str s,
	struct str *out);
MUST enum err crypto_open(struct ctx *c, const unsigned char key[CRYPTO_KEY_BYTES],
	struct str sealed, struct str *out, bool *good);

/* Equal, in time that depends on n only. */
bool crypto_equal(const void *a, const void *b, size_t n);

/*
 * Argon2id at interactive cost (64 MiB, about 0.1 s): out is a NUL-terminated string that carries
 * its own salt and parameters.
 */
MUST enum err crypto_password_hash(
	struct ctx *c, struct str password, char out[CRYPTO_PASSWORD_BYTES]);
bool crypto_password_verify(struct str password, const char *hash);

/* True if a hash was made at another cost than today's. */
bool crypto_password_stale(const char *hash);

#endif
