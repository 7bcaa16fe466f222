/*
 * libsodium behind our own names, so that which primitive stands for which purpose is decided once:
 * SHA-256 where a standard asks for it, BLAKE2b where only we read the result, Argon2id for
 * passwords. Nothing here keeps state; every function may be called from any thread.
 */
#include "core/crypto.h"

#include <sodium.h>

_Static_assert(CRYPTO_PASSWORD_BYTES >= crypto_pwhash_STRBYTES, "a hash must fit");
_Static_assert(sizeof(((struct crypto_digest *)0)->room) >=
		sizeof(crypto_generichash_state) + _Alignof(crypto_generichash_state),
	"a digest in the making must fit");
_Static_assert(CRYPTO_KEY_BYTES == crypto_generichash_KEYBYTES, "a key of BLAKE2b");
_Static_assert(CRYPTO_DIGEST_BYTES == crypto_generichash_BYTES, "a digest of BLAKE2b");
_Static_assert(CRYPTO_KEY_BYTES == crypto_auth_hmacsha256_KEYBYTES, "a key of HMAC-SHA-256");
_Static_assert(CRYPTO_HMAC_BYTES == crypto_auth_hmacsha256_BYTES, "HMAC-SHA-256 has 32 bytes");
_Static_assert(CRYPTO_KEY_BYTES == crypto_secretbox_KEYBYTES, "a key to seal with");
_Static_assert(CRYPTO_SEAL_BYTES == crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES,
	"what sealing adds");
_Static_assert(sizeof(struct crypto_sha256) >= sizeof(crypto_hash_sha256_state) &&
		_Alignof(struct crypto_sha256) >= _Alignof(crypto_hash_sha256_state),
	"a SHA-256 in the making must fit");
_Static_assert(CRYPTO_SHA256_BYTES == crypto_hash_sha256_BYTES, "SHA-256 has 32 bytes");

static const unsigned char *
bytes(struct str s)
{
	return (const unsigned char *)(s.p ? s.p : "");
}

enum err
crypto_init(struct ctx *c)
{
	if (sodium_init() < 0)
		return err_raise(c, ERR_INTERNAL, "libsodium does not start");
	return OK;
}

void
crypto_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

void
crypto_sha256(struct str s, unsigned char out[CRYPTO_SHA256_BYTES])
{
	(void)crypto_hash_sha256(out, bytes(s), s.n);
}

void
crypto_sha256_begin(struct crypto_sha256 *d)
{
	(void)crypto_hash_sha256_init((void *)d->room);
}

void
crypto_sha256_put(struct crypto_sha256 *d, struct str s)
{
	(void)crypto_hash_sha256_update((void *)d->room, bytes(s), s.n);
}

void
crypto_sha256_end(struct crypto_sha256 *d, unsigned char out[CRYPTO_SHA256_BYTES])
{
	(void)crypto_hash_sha256_final((void *)d->room, out);
}

/*
 * Sixteen bytes are the least that libsodium's BLAKE2b gives out; the first eight are as good as
 * any. They are read as little-endian on every machine.
 */
uint64_t
crypto_digest64(struct str s)
{
	unsigned char h[crypto_generichash_BYTES_MIN];
	uint64_t v = 0;

	(void)crypto_generichash(h, sizeof(h), bytes(s), s.n, NULL, 0);
	for (size_t i = 0; i < sizeof(v); i++)
		v |= (uint64_t)h[i] << (8 * i);
	return v;
}

/* The state inside the room, where it is aligned as libsodium wants it: more than arenas do. */
static crypto_generichash_state *
digest_state(struct crypto_digest *d)
{
	uintptr_t alignment = _Alignof(crypto_generichash_state), at = (uintptr_t)d->room;

	return (void *)(d->room + (alignment - at % alignment) % alignment);
}

void
crypto_digest_begin(struct crypto_digest *d)
{
	(void)crypto_generichash_init(digest_state(d), NULL, 0, CRYPTO_DIGEST_BYTES);
}

void
crypto_digest_put(struct crypto_digest *d, struct str s)
{
	(void)crypto_generichash_update(digest_state(d), bytes(s), s.n);
}

void
crypto_digest_end(struct crypto_digest *d, unsigned char out[CRYPTO_DIGEST_BYTES])
{
	(void)crypto_generichash_final(digest_state(d), out, CRYPTO_DIGEST_BYTES);
}

void
crypto_digest_keyed(struct str s, const unsigned char key[CRYPTO_KEY_BYTES],
	unsigned char out[CRYPTO_DIGEST_BYTES])
{
	(void)crypto_generichash(
		out, CRYPTO_DIGEST_BYTES, bytes(s), s.n, key, CRYPTO_KEY_BYTES);
}

void
crypto_hmac_sha256(const unsigned char key[CRYPTO_KEY_BYTES], struct str s,
	unsigned char out[CRYPTO_HMAC_BYTES])
{
	(void)crypto_auth_hmacsha256(out, bytes(s), s.n, key);
}

enum err
crypto_seal(struct ctx *c, const unsigned char key[CRYPTO_KEY_BYTES], struct str s, struct str *out)
{
	unsigned char *box = ctx_alloc(c, s.n + CRYPTO_SEAL_BYTES);

	if (!box)
		return ERR_MEMORY;
	crypto_random(box, crypto_secretbox_NONCEBYTES);
	(void)crypto_secretbox_easy(
		box + crypto_secretbox_NONCEBYTES, bytes(s), s.n, box, key);
	*out = str_n((const char *)box, s.n + CRYPTO_SEAL_BYTES);
	return OK;
}

enum err
crypto_open(struct ctx *c, const unsigned char key[CRYPTO_KEY_BYTES], struct str sealed,
	struct str *out, bool *good)
{
	const unsigned char *box = bytes(sealed);
	unsigned char *plain;

	*good = sealed.n >= CRYPTO_SEAL_BYTES;
	if (!*good)
		return OK;
	plain = ctx_alloc(c, sealed.n - CRYPTO_SEAL_BYTES + 1);
	if (!plain)
		return ERR_MEMORY;
	*good = crypto_secretbox_open_easy(plain, box + crypto_secretbox_NONCEBYTES,
			sealed.n - crypto_secretbox_NONCEBYTES, box, key) == 0;
	*out = str_n((const char *)plain, sealed.n - CRYPTO_SEAL_BYTES);
	return OK;
}

bool
crypto_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

enum err
crypto_password_hash(struct ctx *c, struct str password, char out[CRYPTO_PASSWORD_BYTES])
{
	if (crypto_pwhash_str(out, password.p ? password.p : "", password.n,
		    crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		return err_raise(c, ERR_MEMORY, "no memory for a password hash");
	return OK;
}

bool
crypto_password_verify(struct str password, const char *hash)
{
	return crypto_pwhash_str_verify(hash, password.p ? password.p : "", password.n) == 0;
}

bool
crypto_password_stale(const char *hash)
{
	return crypto_pwhash_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_INTERACTIVE,
		       crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0;
}
