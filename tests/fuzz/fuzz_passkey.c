/*
 * What a browser sends after a passkey was made: as JSON, or, where the input is none, as CBOR of an
 * attestation. What is accepted obeys the limits; what is read as CBOR has used no more than there is.
 */
#include "fuzz.h"

#include "domain/webauthn.h"
#include "text/cbor.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct webauthn_expect expect = {.origin = S("https://example.org"),
		.rp_id = S("example.org"), .challenge = S("0123456789abcdef0123456789abcdef")};
	struct str text = str_n((const char *)data, size);
	struct webauthn_assertion a;
	struct passkey_row row = {.sign_count = 0};
	struct cbor v;
	struct ctx c;
	size_t used;

	ctx_init(&c, 8 << 20);
	if (cbor_parse(&c, text, &v, &used) == OK)
		assert(used > 0 && used <= size);
	err_clear(&c);
	if (webauthn_created(&c, &expect, text, &row) == OK)
		assert(row.credential.n > 0 && row.credential.n <= WEBAUTHN_CREDENTIAL_MAX);
	err_clear(&c);
	if (webauthn_parse(&c, text, &a) == OK)
		assert(a.credential.n > 0 && a.credential.n <= WEBAUTHN_CREDENTIAL_MAX);
	ctx_fini(&c);
	return 0;
}
