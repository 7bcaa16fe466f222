/*
 * Web Authentication Level 3, the relying party's checks: what a browser sends after a passkey was
 * made (section 7.1) and after it was used (section 7.2). Nothing here looks at the database or at
 * the clock; that a challenge is good once is kept by the caller, as is which credentials are known.
 *
 * What a browser sends is the JSON of PublicKeyCredential.toJSON(), its binary members in base64url.
 * All failures are ERR_PASSKEY, with the reason for the log.
 */
#ifndef DOMAIN_WEBAUTHN_H
#define DOMAIN_WEBAUTHN_H

#include "base/ctx.h"
#include "store/factor.h"

enum { WEBAUTHN_CREDENTIAL_MAX = 1023 };

/* What is demanded. */
struct webauthn_expect {
	struct str origin;	/* "https://ada.example" */
	struct str rp_id;	/* "ada.example" */
	struct str challenge;	/* the bytes */
	bool unverified;	/* the person need not have been verified: for tests of the standard's examples */
};

/*
 * A passkey that was just made: fills credential, key, sign_count, backup_eligible, backed_up,
 * transports and aaguid of *out. An attestation was not asked for and is not looked at beyond its
 * form.
 */
MUST enum err webauthn_created(struct ctx *c, const struct webauthn_expect *expect, struct str json,
	struct passkey_row *out);

/* What a passkey has signed; not verified. */
struct webauthn_assertion {
	struct str credential;
	struct str user_handle;	/* p NULL: none was sent */
	struct str client_data;
	struct str auth_data;
	struct str signature;
};
MUST enum err webauthn_parse(struct ctx *c, struct str json, struct webauthn_assertion *out);

/*
 * Verifies it against the stored passkey, whose sign_count and backed_up are brought up to date.
 * handle is the owner's; p NULL: the credential was asked for by its id, and no handle need be
 * there. *cloned: the count did not grow as it should, which is refused unless the passkey is one
 * that is kept in several places.
 */
MUST enum err webauthn_used(struct ctx *c, const struct webauthn_expect *expect,
	const struct webauthn_assertion *a, struct str handle, struct passkey_row *row, bool *cloned);

#endif
