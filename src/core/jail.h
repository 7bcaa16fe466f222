/*
 * Taking away from a process what it does not need (seccomp, rlimits), for the programs that look
 * at what strangers sent, and for all others. What was taken away does not come back, and is taken
 * from whatever the process starts as well. Which files are left is said in core/sight.h.
 */
#ifndef CORE_JAIL_H
#define CORE_JAIL_H

#include <stdbool.h>
#include <stdint.h>

struct jail {
	int64_t cpu_seconds;	/* of processor time; then SIGXCPU */
	int64_t file_bytes;	/* largest file it may write; then SIGXFSZ */
	int64_t memory_bytes;	/* of addresses */
};

/* Before a jail: where memory runs out, the kernel shall take this process first. */
void jail_offer(void);

/*
 * Limits alone, for what has yet to be done in freedom; no core is ever dumped, and the process dies
 * with its parent. False: the kernel refused; the caller must end.
 */
bool jail_limit(const struct jail *limits);

/*
 * The jail: from now on the process can compute, read and write what it has open, start threads and
 * end, and nothing else. Any other system call kills it: no file can be opened, no socket, no
 * program, no process. Landlock says the same of files, where the kernel has it. Once, when all
 * libraries are loaded. False: the kernel refused; the caller must end.
 */
bool jail_enter(const struct jail *limits);

/*
 * What no server needs, taken from this process and its children: other processes' memory, mounts,
 * namespaces, modules, keys, tracing, clocks, memory that can be written and run at once (though a file that
 * may be written can still be mapped to be run, as libraries are). It is answered with an
 * error and kills nobody. False: the kernel refused.
 */
bool jail_refuse(void);

/*
 * What a worker or logger gives up beyond that, for itself and its children: making a socket or a pair, of whatever
 * kind, and connecting one, while those that are open stay as they are; and files in memory, which no view
 * of the file system covers, so that a program could be written into one and run. False: the kernel refused.
 */
bool jail_worker(void);

#endif
