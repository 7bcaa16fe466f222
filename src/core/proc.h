/*
 * What a process has to do with the system around it: privileges, standard descriptors, signals,
 * the service manager (sd_notify(3), sd_listen_fds(3), both spoken here without libsystemd), pid
 * files, threads. Everything here acts on the calling process; call it from the main thread, before
 * threads are started, unless a function says otherwise.
 */
#ifndef CORE_PROC_H
#define CORE_PROC_H

#include "base/ctx.h"

#include <pthread.h>
#include <sys/types.h>

/* ---- privileges -------------------------------------------------------------------------- */

/*
 * Becomes user: supplementary groups, group, user, in this order, then proves that there is no way
 * back. Nothing is done if user is "" or root, or the process is not root's. ERR_CONFIG: no such
 * user. ERR_INTERNAL: the kernel refused; the caller must end.
 */
MUST enum err proc_drop_privileges(struct ctx *c, const char *user);

/*
 * Gives up what is left of special rights, for the programs that it starts, too: all capabilities (of
 * root, all but writing to files of others), set-user-id programs, and leaving its memory to a
 * core file or to a tracer of the same user. After the one above. ERR_INTERNAL: the kernel refused;
 * the caller must end.
 */
MUST enum err proc_drop_rights(struct ctx *c);

/* ERR_CONFIG: no such user, no such group. */
MUST enum err proc_user_find(struct ctx *c, const char *name, uid_t *uid, gid_t *gid);
MUST enum err proc_group_find(struct ctx *c, const char *name, gid_t *gid);

/* ---- descriptors and the environment of libraries ---------------------------------------- */

/*
 * Opens /dev/null on those of descriptors 0 to 2 that are closed, so that no socket or database
 * can become one of them. First thing in main(). ERR_IO.
 */
MUST enum err proc_open_std_fds(struct ctx *c);

/*
 * Sets what libfcgi reads from the environment: it must not wait 2 s for a silent peer. Before
 * FCGX_Init(). ERR_MEMORY.
 */
MUST enum err proc_setenv_library(struct ctx *c);

/* ---- signals ----------------------------------------------------------------------------- */

/*
 * Blocks the n signals for this thread and those it will start, and opens a descriptor on which
 * they arrive: readable in poll(2), close-on-exec, non-blocking. The caller closes it. A forked
 * child inherits the mask, but must open its own descriptor. ERR_IO.
 */
MUST enum err proc_signal_block_and_fd(struct ctx *c, const int *signals, size_t n, int *fd);

/* The next signal at fd; 0: none. *child, if not NULL: its sender; for SIGCHLD, the child. */
int proc_signal_next(int fd, pid_t *child);

/*
 * Ignores SIGPIPE and SIGXFSZ: writing to a closed pipe or socket, or to a file that may not grow, is an
 * error value and not the end.
 */
void proc_signal_ignore_pipe(void);

/*
 * In a forked child: signal sig comes when the parent dies; at once if parent, the parent's pid
 * before fork(), is gone already. ERR_INTERNAL.
 */
MUST enum err proc_parent_death_signal(struct ctx *c, int sig, pid_t parent);

/* ---- the service manager ----------------------------------------------------------------- */

/*
 * Tells the manager "READY=1", "STOPPING=1", "STATUS=...": lines as in sd_notify(3). Any thread.
 * OK also where nobody listens (no NOTIFY_SOCKET). ERR_IO.
 */
MUST enum err proc_notify(struct ctx *c, const char *state);

/* How often at least "WATCHDOG=1" is expected of this process, microseconds; 0: never. */
int64_t proc_watchdog_us(void);

/*
 * Sockets handed over by the manager: descriptors PROC_LISTEN_FD to PROC_LISTEN_FD + *n - 1, now
 * close-on-exec; *n is 0 when there are none or they are meant for another process. ERR_CONFIG: the
 * variables make no sense, or a descriptor is not open.
 */
enum { PROC_LISTEN_FD = 3 };
MUST enum err proc_listen_fds(struct ctx *c, int *n);

/* ---- the process itself ------------------------------------------------------------------ */

/* Resident memory in bytes, 0 if unknown. Any thread. */
int64_t proc_rss_bytes(void);

/* Cores that this process may run on, at least 1. */
int proc_cores(void);

/* The name that ps and top show for this thread; cut to 15 bytes. */
void proc_set_name(const char *name);

/*
 * Starts a thread with a stack of 8 MiB, whatever the limits say: Markdown needs it. All signals
 * that the caller has blocked stay blocked in it. The caller joins it. ERR_MEMORY.
 */
MUST enum err proc_thread_start(struct ctx *c, void *(*fn)(void *), void *arg, pthread_t *out);

/* ---- pid files --------------------------------------------------------------------------- */

/*
 * Writes our pid and a newline to path, replacing the file in one step; mode 0644. *lock is a descriptor, the
 * caller's to close: as long as it is open in this process, the file is ours to proc_pid_free() of others,
 * however we end. A forked child holds nothing. ERR_IO: *lock is -1.
 */
MUST enum err proc_pid_write(struct ctx *c, const char *path, int *lock);

/* No other process keeps the pid file at path. ERR_SITE_RUNS: one does, and the detail names it. */
MUST enum err proc_pid_free(struct ctx *c, const char *path);

/* Reads the pid in path; that process may be gone. ERR_NOT_FOUND: no file; ERR_IO: no pid in it. */
MUST enum err proc_pid_read(struct ctx *c, const char *path, pid_t *pid);

/* Removes path if it holds our pid, and gives up its lock. */
void proc_pid_remove(const char *path);

#endif
