/*
 * One list of errors for the whole program, tables/errors.def, and the slot in which the first
 * cause of a failure is kept.
 *
 * A function that can fail returns enum err; OK is 0. Whoever discovers a failure raises it with
 * detail for the log, callers pass the value on unchanged:
 *
 *	return err_raise(c, ERR_NOT_FOUND, "post '%.*s'", STR(slug));
 *
 * The detail never reaches a client: clients see the row's public texts (err_info()).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err {
	OK = 0,
#define ERROR(sym, ...) ERR_##sym,
#include "tables/errors.def"
#undef ERROR
	ERR__MAX
};

/* Puts "you must look at this result" on every function that returns enum err. */
#define MUST __attribute__((warn_unused_result))

enum err_level {
	ERR_LEVEL_DEBUG,
	ERR_LEVEL_INFO,
	ERR_LEVEL_WARNING,
	ERR_LEVEL_ERROR,
	ERR_LEVEL_CRITICAL
};
enum err_fault { ERR_FAULT_USER, ERR_FAULT_SYSTEM };

/* A row of errors.def. All texts are static and may be shown to anyone. */
struct err_info {
	const char *name;		/* "not_found": the row's symbol in small letters */
	int status;			/* HTTP status code */
	const char *code;		/* what protocols call it: "invalid_request" */
	enum err_level level;		/* of the log line about it */
	enum err_fault fault;		/* whose it is: the user's or the system's */
	int retry_after;		/* seconds for Retry-After; 0 for none */
	const char *message;		/* what happened */
	const char *suggestion;		/* what to do about it */
	const char *steps[4];		/* troubleshooting, in order; NULL-terminated if fewer */
};

const struct err_info *err_info(enum err e);

/* The first failure of the work at hand. Lives in struct ctx. */
struct err_slot {
	enum err code;		/* OK when nothing failed */
	const char *file;	/* where it was raised */
	int line;
	char detail[256];	/* for the log only; cut when longer */
	char hint[160];		/* public: names the offending input; from err_raise_hint() only */
};

struct buf;

/*
 * The reference of all errors out of the table: "mdoc" is the list in starpunk-errors(7), "json" an array
 * of objects for programs.
 */
void err_docs(const char *format, struct buf *out);

/* One error for people, or as an object. */
void err_explain(enum err e, bool json, struct buf *out);

struct ctx;

/*
 * Raises code with printf-style detail for the log and returns code. If the slot is taken, the
 * first cause stays and the new one is dropped; the returned value is still code.
 */
#define err_raise(c, ...) err_raise_at((c), __FILE__, __LINE__, __VA_ARGS__)
enum err err_raise_at(struct ctx *c, const char *file, int line, enum err code,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * The same with a text that the client may read beside the row's message, because it names the
 * client's own input: "property 'published' is not a date". Never put paths, SQL or secrets here.
 */
#define err_raise_hint(c, ...) err_raise_hint_at((c), __FILE__, __LINE__, __VA_ARGS__)
enum err err_raise_hint_at(struct ctx *c, const char *file, int line, enum err code,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* ERR_MEMORY, raised: for an arena or heap that gave NULL. */
#define err_memory(c) err_raise((c), ERR_MEMORY, "out of memory")

/* Empties the slot after a failure that was dealt with. */
void err_clear(struct ctx *c);

#endif
