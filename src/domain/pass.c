/*
 * Moment of its end, random bytes, and their HMAC, as base64url.
 */
#include "domain/pass.h"

#include "base/enc.h"
#include "core/key.h"

enum {
	END_BYTES = 8,
	RANDOM_BYTES = 16,
	SIGNED_BYTES = END_BYTES + RANDOM_BYTES,
	PASS_BYTES = SIGNED_BYTES + CRYPTO_HMAC_BYTES,
	PASS_CHARS = (PASS_BYTES * 4 + 2) / 3
};

static enum err
sign(struct ctx *c, const char *use, struct str s, unsigned char out[CRYPTO_HMAC_BYTES])
{
	unsigned char key[CRYPTO_KEY_BYTES];
	enum err err = key_get(c, use, key);

	if (!err)
		crypto_hmac_sha256(key, s, out);
	return err;
}

static enum err
encode(struct ctx *c, const unsigned char *p, size_t n, struct str *out)
{
	struct buf b;

	buf_init(&b, &c->arena, 2 * n + 4);
	enc_base64url(&b, p, n);
	return buf_end(c, &b, out);
}

enum err
pass_make(struct ctx *c, struct str *out)
{
	unsigned char pass[PASS_BYTES];
	uint64_t end = (uint64_t)(c->now_us / 1000000) + PASS_SECONDS;
	enum err err;

	for (size_t i = 0; i < END_BYTES; i++)
		pass[i] = (unsigned char)(end >> 8 * (END_BYTES - 1 - i));
	crypto_random(pass + END_BYTES, RANDOM_BYTES);
	err = sign(c, "doctor asks", str_n((const char *)pass, SIGNED_BYTES), pass + SIGNED_BYTES);
	return err ? err : encode(c, pass, PASS_BYTES, out);
}

/* True if it is signed with our key and its time is not up, nor farther away than any of ours. */
static bool
is_good(struct ctx *c, struct str bytes)
{
	unsigned char want[CRYPTO_HMAC_BYTES];
	uint64_t end = 0, now = (uint64_t)(c->now_us / 1000000);

	for (size_t i = 0; i < END_BYTES; i++)
		end = end << 8 | (unsigned char)bytes.p[i];
	return sign(c, "doctor asks", str_sub(bytes, 0, SIGNED_BYTES), want) == OK &&
	       crypto_equal(bytes.p + SIGNED_BYTES, want, sizeof(want)) && end >= now &&
	       end - now <= PASS_SECONDS;
}

struct str
pass_find(struct ctx *c, struct str query)
{
	const struct err_slot before = c->err;
	struct str field = S(PASS_FIELD), pass, bytes;
	bool good;

	if (!str_starts(query, field))
		return (struct str){0};
	pass = str_sub(query, field.n, str_find(query, '&', 0));
	good = pass.n == PASS_CHARS && enc_base64url_parse(&c->arena, pass, &bytes) &&
	       bytes.n == PASS_BYTES && is_good(c, bytes);
	c->err = before;
	return good ? pass : (struct str){0};
}

enum err
pass_proof(struct ctx *c, struct str pass, struct str *out)
{
	unsigned char proof[CRYPTO_HMAC_BYTES];
	enum err err = sign(c, "doctor is answered", pass, proof);

	return err ? err : encode(c, proof, sizeof(proof), out);
}
