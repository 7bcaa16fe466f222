/*
 * Codes of authenticator apps: HOTP (RFC 4226) counted by time (TOTP, RFC 6238) with SHA-1, six
 * digits and 30 seconds, which is what every app can.
 */
#ifndef DOMAIN_TOTP_H
#define DOMAIN_TOTP_H

#include "base/ctx.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_DIGITS = 6, TOTP_PERIOD = 30, TOTP_WINDOW = 1 };

/* The code of a counter as a number below 10^digits (RFC 4226 section 5.3); digits 1 to 9. */
MUST enum err totp_code(struct ctx *c, struct str secret, uint64_t counter, int digits,
	uint32_t *out);

/*
 * Looks which step a code is of: the one of now, one before or one behind. *step is 0 for none. Takes
 * the same time for every code of six digits; anything else is none.
 */
MUST enum err totp_match(struct ctx *c, struct str secret, struct str code, int64_t now,
	int64_t *step);

#endif
