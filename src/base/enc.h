/*
 * Encodings between bytes and text: hexadecimal, base64, and without padding base64url and base32
 * (RFC 4648), percent-encoding (RFC 3986 section 2.1), and the check of UTF-8 (RFC 3629).
 */
#ifndef BASE_ENC_H
#define BASE_ENC_H

#include "base/buf.h"
#include "base/str.h"

/* Writes 2 * n lower-case digits and a NUL to out. */
void enc_hex(const void *p, size_t n, char *out);

/* Reads exactly 2 * n digits of either case into out. False: not that. */
bool enc_hex_parse(struct str s, void *out, size_t n);

/* Appends n bytes as base64 with padding (RFC 4648 section 4). */
void enc_base64(struct buf *b, const void *p, size_t n);

/* Appends n bytes as base64url without padding. */
void enc_base64url(struct buf *b, const void *p, size_t n);

/* Decodes it into the arena. False: padding, other characters, bits left over, or no memory. */
bool enc_base64url_parse(struct arena *a, struct str s, struct str *out);

/* Appends n bytes in base32 (RFC 4648 section 6, A-Z and 2-7), without padding. */
void enc_base32(struct buf *b, const void *p, size_t n);

/* Appends s with all but unreserved characters (and those in keep) percent-encoded. */
void enc_percent(struct buf *b, struct str s, struct str keep);

/*
 * Decodes %XX once, with plus as space if asked (forms and query strings), into the arena. False:
 * a broken triplet, or no memory; a decoded NUL is data and the caller's to judge.
 */
bool enc_percent_parse(struct arena *a, struct str s, bool plus, struct str *out);

/*
 * Appends s as text of an mdoc(7) page: no part of it is taken for a request or an escape, and what
 * is not ASCII is named by number.
 */
void enc_mdoc(struct buf *b, struct str s);

/* True for well-formed UTF-8: no surrogates, no overlong forms, nothing above U+10FFFF. */
bool enc_utf8_valid(struct str s);

/* The longest part of s of at most max bytes that ends on a character's edge. */
struct str enc_utf8_cut(struct str s, size_t max);

/* Reads one character at *at (which moves on); 0xFFFD for a malformed byte. s.n > *at. */
unsigned enc_utf8_next(struct str s, size_t *at);

/* Appends the character in UTF-8. */
void enc_utf8_put(struct buf *b, unsigned character);

#endif
