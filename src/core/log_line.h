/*
 * One log line being built: a JSON object, or readable text, in the caller's own buffer. No memory
 * is taken and nothing fails: what does not fit is cut on a character's edge or left out, and what
 * stands there at the end is a whole line. Names are trusted (they come out of events.def), values
 * are not: controls, quotes, backslashes, invisible separators and direction marks are escaped,
 * malformed UTF-8 becomes U+FFFD.
 */
#ifndef CORE_LOG_LINE_H
#define CORE_LOG_LINE_H

#include "base/str.h"

#include <stdint.h>

enum {
	LOG_LINE_MAX = 8192,	/* bytes of a line, newline included */
	LOG_LINE_SPARE = 64,	/* behind them: a field is written first, and counted then */
	LOG_VALUE_MAX = 1024	/* bytes of one value, as escaped */
};

struct log_line {
	size_t n;		/* bytes of text so far, the first newline included */
	size_t cap;		/* bytes it may have; room for the end is kept beside it */
	bool json;
	/* [0] is a newline, written only after a torn line; each field begins with what parts it from the last */
	char text[1 + LOG_LINE_MAX + LOG_LINE_SPARE];
};

/* cap: largest length, newline included, at most LOG_LINE_MAX. */
void log_line_begin(struct log_line *l, bool json, size_t cap);

/* Text without a name, in readable lines only; width pads with spaces. */
void log_line_word(struct log_line *l, struct str word, size_t width);

/*
 * A field's name, from a literal of at most 27 letters: kept as JSON wants it, and of one size whatever
 * its length, so that it is copied without counting.
 */
struct log_name {
	char text[31];
	unsigned char n;
};
#define LOG_NAME_INIT(lit) {",\"" lit "\":", sizeof(lit) + 3}
#define LOG_NAME(lit) (&(const struct log_name)LOG_NAME_INIT(lit))

/* Whole fields that are JSON already, beginning with a comma; for JSON lines only. */
void log_line_raw(struct log_line *l, struct str fields);

void log_line_str(struct log_line *l, const struct log_name *name, struct str value);
void log_line_int(struct log_line *l, const struct log_name *name, int64_t value);
void log_line_bool(struct log_line *l, const struct log_name *name, bool value);

/* Microseconds, written as milliseconds with three decimals; the name should end in _ms. */
void log_line_ms(struct log_line *l, const struct log_name *name, int64_t us);

/* When it happened, in microseconds of the wall clock: the first field of either format. */
void log_line_time(struct log_line *l, int64_t us);

/* A wall clock time in microseconds as RFC 3339 in UTC with milliseconds; out is not terminated. */
enum { LOG_TIME_BYTES = 24 };
void log_time_format(int64_t us, char out[LOG_TIME_BYTES]);

/* True for characters that move the cursor, break lines or turn the direction of what follows. */
bool log_line_unsafe(unsigned character);

/*
 * The character at *at, which moves behind it, as it stands in a JSON string and in a value of a
 * line: itself, or escaped if it is unsafe. Returns the length.
 */
enum { LOG_ESCAPE_BYTES = 8 };
size_t log_line_escape(struct str s, size_t *at, char out[LOG_ESCAPE_BYTES]);

/* Bytes from p on, of most, that stand as they are: printable ASCII, taken over in runs. */
size_t log_line_plain(const char *p, size_t most);

/* Closes the line, newline included. */
struct str log_line_end(struct log_line *l);

#endif
