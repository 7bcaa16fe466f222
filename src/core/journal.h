/*
 * A journal: a bounded file of JSON objects, one a line, that all processes of a site write to and
 * its owner reads. It is for looking at what happened last and not for keeping: when the file has
 * JOURNAL_FILE_MAX bytes it becomes PATH.1, in place of the one before, and a new one begins, so
 * that the newest half megabyte is always there and never much more than one.
 *
 * An entry is one write(2) at the file's end, so that entries of different processes and threads
 * never mix. Writers take no lock; of those who find the file full one renames it, and nobody waits
 * for that. Nothing is lost by it: an entry that went into a file of the past is written again.
 *
 * Whoever writes an entry never fails and never waits for another process. What cannot be written,
 * on a full or read-only disk, is dropped and counted (metric journal_dropped). An entry of which
 * only a part was written, by a process killed meanwhile or on a disk that became full, is passed
 * over by readers and spoils no other.
 *
 * Nothing is flushed to the disk: a journal survives its writers, and a power cut maybe not.
 */
#ifndef CORE_JOURNAL_H
#define CORE_JOURNAL_H

#include "base/ctx.h"
#include "core/journal_entry.h"

/*
 * Bytes of one of the two files, an entry more or less; up to twice as many while the process that is
 * to rename it is kept waiting.
 */
enum { JOURNAL_FILE_MAX = 512 * 1024 };

struct journal;

/*
 * For the process; threads may share it. The file, mode 0600, is made with the first entry, in a
 * directory that is there; one that is there already is continued. Heap; journal_free().
 * ERR_MEMORY.
 */
MUST enum err journal_new(struct ctx *c, const char *path, struct journal **out);
void journal_free(struct journal *j);	/* NULL is fine */

/* Ends the entry and writes it, if it can be written. j NULL: nothing. */
void journal_put(struct ctx *c, struct journal *j, struct journal_entry *e);

/* What is in a journal, to be read from its end. */
struct journal_view {
	struct str newer, older;	/* what is left of the two files */
};

/* Reads both files, which may be missing, into c's arena. ERR_IO, ERR_MEMORY. */
MUST enum err journal_load(struct ctx *c, const char *path, struct journal_view *out);

/*
 * The newest entry that has not been given yet, without its newline; false: there is none. It
 * begins and ends as an object does, and is to be passed over if it is not JSON after all: a torn
 * one can look like that.
 */
bool journal_next(struct journal_view *v, struct str *entry);

#endif
