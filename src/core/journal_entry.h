/*
 * One entry of a journal (core/journal.h) being built: a JSON object on one line, in the caller's
 * own buffer. No memory is taken and nothing fails: a text that does not fit is cut on a
 * character's edge and ends in an ellipsis, any other member is left out, and the object says so
 * with a last member "cut":true. What stands there at the end is valid JSON whatever was put in:
 * names and values may be anything; controls and direction marks are escaped, malformed UTF-8 and
 * NUL become U+FFFD.
 *
 *	struct journal_entry e;
 *	journal_entry_begin(&e);
 *	journal_entry_str(&e, S("method"), S("POST"), 100);
 *	journal_entry_open(&e, S("values"), '[');
 *	journal_entry_str(&e, JOURNAL_ITEM, S("first"), 100);
 *	journal_entry_close(&e);
 *	journal_put(c, j, &e);
 *
 * A caller does not give one object two members of the same name.
 */
#ifndef CORE_JOURNAL_ENTRY_H
#define CORE_JOURNAL_ENTRY_H

#include "base/str.h"

#include <stdint.h>

enum {
	JOURNAL_ENTRY_MAX = 8192,	/* bytes of an entry, newline included */
	JOURNAL_NAME_MAX = 128,		/* bytes of a name; longer ones are left out */
	JOURNAL_DEPTH_MAX = 12		/* objects and arrays in one another, within the entry */
};

struct journal_entry {
	size_t n;			/* bytes of text so far, the first newline included */
	size_t depth;			/* objects and arrays that are open */
	size_t skipped;			/* open ones behind them for which there was no room */
	char ends[JOURNAL_DEPTH_MAX];	/* what closes each: '}' or ']' */
	bool first;			/* the innermost has nothing in it yet */
	bool cut;			/* something was cut or left out */
	char text[1 + JOURNAL_ENTRY_MAX];	/* [0] is a newline, for after a torn entry */
};

/* The name of what is put into an array. */
#define JOURNAL_ITEM ((struct str){0})

void journal_entry_begin(struct journal_entry *e);

/* Members of the innermost object, or items of the innermost array; at most max bytes of a text. */
void journal_entry_str(struct journal_entry *e, struct str name, struct str value, size_t max);
void journal_entry_int(struct journal_entry *e, struct str name, int64_t value);
/* Microseconds, written as milliseconds with three decimals. */
void journal_entry_ms(struct journal_entry *e, struct str name, int64_t us);
/* A value that is JSON already, on one line: a number, true, false, null. */
void journal_entry_raw(struct journal_entry *e, struct str name, struct str json);

/* Opens an object ('{') or an array ('['), into which all goes until it is closed. */
void journal_entry_open(struct journal_entry *e, struct str name, char bracket);
void journal_entry_close(struct journal_entry *e);

/* Notes that the caller itself has cut or left out something. */
void journal_entry_cut(struct journal_entry *e);

/* Closes everything; the line with its newline. */
struct str journal_entry_end(struct journal_entry *e);

#endif
