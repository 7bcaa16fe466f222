/*
 * The syntax that header values share (RFC 9110 section 5.6): tokens, lists, parameters. Everything
 * here reads views of the value and allocates nothing; each call is linear in what it consumes, so
 * a header of any allowed size costs no more than its bytes.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "base/str.h"

/* True for a non-empty token (section 5.6.2). */
bool head_is_token(struct str s);

/*
 * Takes the next element off a comma-separated list (section 5.6.1), trimmed. Commas inside quoted
 * strings are data; empty elements are passed over. False: none left.
 */
bool head_list_next(struct str *rest, struct str *element);

/* A parameter "name=value" (section 5.6.6). */
struct head_param {
	struct str name;  /* as written: compare with str_eqi() */
	struct str value; /* without the quotes; escapes inside them are left in */
	bool quoted;
};

enum head_next { HEAD_END, HEAD_PARAM, HEAD_MALFORMED };

/*
 * Takes the value before the first ";" off *rest, trimmed, and leaves the parameters there, for
 * head_param_next().
 */
struct str head_value(struct str *rest);

/*
 * Takes the next parameter off *rest. A bare value reaches to the next ";", whatever it holds: who
 * needs a token checks with head_is_token(). HEAD_MALFORMED: no name, no "=", an open quote, or
 * text behind a closing one; *rest is of no more use then.
 */
enum head_next head_param_next(struct str *rest, struct head_param *out);

#endif
