/*
 * What the owner can show beside the password: an authenticator app (domain/totp.h), passkeys
 * (domain/webauthn.h), and codes on paper for the day when both are lost. As soon as an app or a
 * passkey is enrolled, the password alone opens nothing.
 *
 * Changes end all other sessions, and are written into the audit trail. Who may make them, and how
 * fresh the proof has to be, is the caller's to ask. keep: the public id of the session that stays;
 * "" for none.
 */
#ifndef DOMAIN_FACTOR_H
#define DOMAIN_FACTOR_H

#include "store/factor.h"

enum {
	FACTOR_CODES = 10,		/* recovery codes in a set */
	FACTOR_CODE_BYTES = 10,		/* of each: 80 bits */
	FACTOR_CHALLENGE_LIFE = 300,	/* seconds */
	FACTOR_PASSKEYS_MAX = 20
};

/* What there is. */
struct factors {
	bool totp;		/* an app is active */
	bool totp_begun;	/* one was begun, and waits for its first code */
	int64_t totp_since;
	struct passkey_row *passkeys;
	size_t n_passkeys;
	int64_t codes, codes_unused;
};
MUST enum err factor_list(struct ctx *c, struct db *db, struct factors *out);

/* True if the password has to be followed by something. */
MUST enum err factor_second(struct ctx *c, struct db *db, bool *out);

/* ---- authenticator app ---- */

/* Makes a secret, in place of one that was begun before. ERR_EXISTS if an app is active. Writes. */
MUST enum err factor_totp_begin(struct ctx *c, struct db *db);

/*
 * The secret that was begun, as base32 and as otpauth:// URI. ERR_NOT_FOUND if none is, or if it is
 * active already: then it is never shown again.
 */
MUST enum err factor_totp_show(struct ctx *c, struct db *db, struct str *secret, struct str *uri);

/* Makes it active with its first code. ERR_LOGIN_FAILED for a wrong one; ERR_NOT_FOUND. Writes. */
MUST enum err factor_totp_confirm(struct ctx *c, struct db *db, struct str code, struct str keep);

/* ERR_NOT_FOUND. Writes. */
MUST enum err factor_totp_remove(struct ctx *c, struct db *db, struct str keep);

/* ---- recovery codes ---- */

/* A new set in place of the old one, "ABCD-EFGH-IJKL-MNOP" each, to be shown once. Writes. */
MUST enum err factor_codes_make(struct ctx *c, struct db *db, struct str keep,
	struct str out[FACTOR_CODES]);

/* All of them. ERR_NOT_FOUND if there are none. Writes. */
MUST enum err factor_codes_remove(struct ctx *c, struct db *db, struct str keep);

/* ---- passkeys ---- */

/* False where there can be none: a site without a name, only with an address (WebAuthn 5.1.2). */
bool factor_passkeys_possible(const struct ctx *c);

/* What the answer to a challenge may do. */
enum factor_purpose { FACTOR_SIGN_IN, FACTOR_PROVE, FACTOR_ENROL };

/*
 * What a browser needs to make or to use a passkey: the JSON of PublicKeyCredentialCreationOptions
 * (FACTOR_ENROL) or …RequestOptions, with a challenge that is good once, for that purpose, for the
 * browser with that cookie, for FACTOR_CHALLENGE_LIFE. ERR_RATE_LIMITED: *retry says for how long.
 * Writes.
 */
MUST enum err factor_challenge(struct ctx *c, struct db *db, enum factor_purpose purpose,
	struct str cookie, struct str *json, int *retry);

/*
 * Adds the passkey that a browser with that cookie has made. ERR_PASSKEY; ERR_EXISTS. The challenge
 * is used up whatever comes of it. Writes.
 */
MUST enum err factor_passkey_add(struct ctx *c, struct db *db, struct str cookie, struct str json,
	struct str name, struct str keep);

/* By public id. ERR_NOT_FOUND. Writes. */
MUST enum err factor_passkey_remove(struct ctx *c, struct db *db, struct str id, struct str keep);

#endif
