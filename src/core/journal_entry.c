/*
 * Building an entry under a budget. Room for what closes it is kept back from the first byte on,
 * and every member is all or nothing but for texts, so that the entry can end at any moment.
 */
#include "core/journal_entry.h"

#include "base/enc.h"
#include "core/log_line.h"

#include <assert.h>
#include <stdio.h>

static const struct str ellipsis = S_INIT("\xe2\x80\xa6");
static const struct str tail_cut = S_INIT(",\"cut\":true");

enum { TAIL = sizeof(",\"cut\":true}\n") - 1 };

/* ---- pieces; false: does not fit --------------------------------------------------------- */

/* Bytes that can still be written: the rest closes what is open. */
static size_t
room(const struct journal_entry *e)
{
	size_t used = e->n - 1 + e->depth + TAIL;

	return used < JOURNAL_ENTRY_MAX ? JOURNAL_ENTRY_MAX - used : 0;
}

static bool
put(struct journal_entry *e, struct str s)
{
	if (s.n > room(e))
		return false;
	if (s.n > 0)
		memcpy(e->text + e->n, s.p, s.n);
	e->n += s.n;
	return true;
}

/* log_line_escape(), but for NUL: our own reader takes none, as it takes none from clients. */
static size_t
escape(struct str s, size_t *at, char out[LOG_ESCAPE_BYTES])
{
	static const struct str replacement = S_INIT("\xef\xbf\xbd");

	if (s.p[*at] != '\0')
		return log_line_escape(s, at, out);
	++*at;
	memcpy(out, replacement.p, replacement.n);
	return replacement.n;
}

/* A text with its quotes; where there is no more room it ends in an ellipsis. */
static bool
put_text(struct journal_entry *e, struct str s, bool cut)
{
	char out[LOG_ESCAPE_BYTES];

	if (room(e) < 2 + ellipsis.n)
		return false;
	(void)put(e, S("\""));
	for (size_t at = 0; at < s.n;) {
		size_t most = room(e) - ellipsis.n - 1, n;

		n = log_line_plain(s.p + at, s.n - at < most ? s.n - at : most);
		(void)put(e, str_n(s.p + at, n));
		at += n;
		n = at < s.n ? escape(s, &at, out) : 0;
		if (n + ellipsis.n + 1 > room(e)) {
			cut = true;
			break;
		}
		(void)put(e, str_n(out, n));
	}
	e->cut = e->cut || cut;
	return put(e, cut ? ellipsis : S("")) && put(e, S("\""));
}

/* The comma before a member, and its name. */
static bool
put_name(struct journal_entry *e, struct str name)
{
	bool fits = e->first || put(e, S(","));

	if (!fits || !name.p)
		return fits;
	fits = name.n <= JOURNAL_NAME_MAX && put(e, S("\""));
	for (size_t at = 0; fits && at < name.n;) {
		char out[LOG_ESCAPE_BYTES];
		size_t n = escape(name, &at, out);

		fits = put(e, str_n(out, n));
	}
	return fits && put(e, S("\":"));
}

/* ---- members ----------------------------------------------------------------------------- */

/* Ends a member begun at mark: keeps it, or undoes it. */
static void
settle(struct journal_entry *e, size_t mark, bool fits)
{
	if (fits) {
		e->first = false;
	} else {
		e->n = mark;
		e->cut = true;
	}
}

void
journal_entry_begin(struct journal_entry *e)
{
	e->text[0] = '\n';
	e->text[1] = '{';
	e->n = 2;
	e->depth = 0;
	e->skipped = 0;
	e->first = true;
	e->cut = false;
}

void
journal_entry_str(struct journal_entry *e, struct str name, struct str value, size_t max)
{
	struct str shown = enc_utf8_cut(value, max);
	size_t mark = e->n;

	if (e->skipped == 0)
		settle(e, mark, put_name(e, name) && put_text(e, shown, shown.n < value.n));
}

void
journal_entry_raw(struct journal_entry *e, struct str name, struct str json)
{
	size_t mark = e->n;

	if (e->skipped == 0)
		settle(e, mark, put_name(e, name) && put(e, json));
}

void
journal_entry_int(struct journal_entry *e, struct str name, int64_t value)
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%lld", (long long)value);

	journal_entry_raw(e, name, str_n(digits, (size_t)n));
}

void
journal_entry_ms(struct journal_entry *e, struct str name, int64_t us)
{
	char digits[32];
	int n = snprintf(digits, sizeof(digits), "%.3f", (double)us / 1e3);

	journal_entry_raw(e, name, str_n(digits, (size_t)n));
}

void
journal_entry_open(struct journal_entry *e, struct str name, char bracket)
{
	size_t mark = e->n;
	bool fits = e->skipped == 0 && e->depth < JOURNAL_DEPTH_MAX && put_name(e, name) &&
		    /* One byte to open it, one kept back to close it. */
		    room(e) >= 2 && put(e, str_n(&bracket, 1));

	if (!fits) {
		e->n = mark;
		e->skipped++;
		e->cut = true;
		return;
	}
	e->ends[e->depth++] = bracket == '{' ? '}' : ']';
	e->first = true;
}

void
journal_entry_close(struct journal_entry *e)
{
	if (e->skipped > 0) {
		e->skipped--;
		return;
	}
	assert(e->depth > 0);
	e->text[e->n++] = e->ends[--e->depth];
	e->first = false;
}

void
journal_entry_cut(struct journal_entry *e)
{
	e->cut = true;
}

struct str
journal_entry_end(struct journal_entry *e)
{
	e->skipped = 0;
	while (e->depth > 0)
		journal_entry_close(e);
	if (e->cut) {
		/* Without the comma where nothing else found room. */
		struct str tail = str_sub(tail_cut, e->first ? 1 : 0, tail_cut.n);

		memcpy(e->text + e->n, tail.p, tail.n);
		e->n += tail.n;
	}
	memcpy(e->text + e->n, "}\n", 2);
	e->n += 2;
	return str_n(e->text + 1, e->n - 1);
}
