/*
 * The arithmetic of one-time codes. That a code is good once only is kept by the caller, who knows
 * the step that was accepted last.
 */
#include "domain/totp.h"

#include "base/enc.h"
#include "core/crypto.h"
#include "core/signature.h"

#include <stdio.h>

enum err
totp_code(struct ctx *c, struct str secret, uint64_t counter, int digits, uint32_t *out)
{
	unsigned char message[8], mac[SIGNATURE_HMAC_SHA1_BYTES];
	const unsigned char *p;
	uint32_t modulus = 1;
	enum err err;

	for (int i = 0; i < 8; i++)
		message[i] = (unsigned char)(counter >> (56 - 8 * i));
	err = signature_hmac_sha1(
		c, secret, str_n((const char *)message, sizeof(message)), mac);
	if (err)
		return err;
	p = mac + (mac[sizeof(mac) - 1] & 15);
	while (digits-- > 0)
		modulus *= 10;
	*out = (((uint32_t)p[0] & 0x7f) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]) %
		modulus;
	return OK;
}

static bool
is_code(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n == TOTP_DIGITS;
}

enum err
totp_match(struct ctx *c, struct str secret, struct str code, int64_t now, int64_t *step)
{
	char want[16];
	uint32_t number;
	enum err err = OK;

	*step = 0;
	if (!is_code(code))
		return OK;
	for (int64_t s = now / TOTP_PERIOD - TOTP_WINDOW;
		!err && s <= now / TOTP_PERIOD + TOTP_WINDOW; s++) {
		err = totp_code(c, secret, (uint64_t)s, TOTP_DIGITS, &number);
		(void)snprintf(want, sizeof(want), "%06u", (unsigned)number);
		if (!err && crypto_equal(want, code.p, TOTP_DIGITS))
			*step = s;
	}
	return err;
}
