/*
 * Normal form C by libunistring, into the arena: a text grows to three times its length at most
 * (UAX 15, "Maximum expansion factor").
 */
#include "text/unicode.h"

#include <uninorm.h>

enum { EXPANSION = 3 };

enum err
unicode_nfc(struct ctx *c, struct str s, struct str *out)
{
	size_t n = EXPANSION * s.n + 1;
	uint8_t *room = ctx_alloc(c, n), *made;

	*out = (struct str){0};
	if (!room)
		return ERR_MEMORY;
	made = u8_normalize(UNINORM_NFC, (const uint8_t *)(s.p ? s.p : ""), s.n, room, &n);
	if (made != room)
		return err_memory(c);
	*out = str_n((const char *)made, n);
	return OK;
}
