/*
 * The jails. The list of system calls is what glibc's memory and threads, GLib and
 * the picture libraries were seen to need on files of all kinds. mmap and mprotect are allowed
 * without PROT_EXEC, clone for threads only. Machines of 32 bits have other names for some of it,
 * which libseccomp passes over elsewhere; clone3, whose flags a filter cannot read, is answered
 * with ENOSYS, upon which glibc uses clone.
 */
#include "core/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* AddressSanitizer maps terabytes that it never touches: no limit on addresses can be set there. */
#if defined(__SANITIZE_ADDRESS__)
enum { LIMIT_ADDRESSES = 0 };
#else
enum { LIMIT_ADDRESSES = 1 };
#endif

static const int calls[] = {
	SCMP_SYS(read),
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(lseek),
	SCMP_SYS(fstat),
	SCMP_SYS(close),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(gettid),
	SCMP_SYS(getpid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(getrandom),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* 32 bits */
	SCMP_SYS(_llseek),
	SCMP_SYS(fstat64),
	SCMP_SYS(futex_time64),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(sigreturn),
};

bool
jail_limit(const struct jail *limits)
{
	const struct {
		int resource;
		int64_t soft, hard;
	} list[] = {
		{RLIMIT_CPU, limits->cpu_seconds, limits->cpu_seconds + 1},
		{RLIMIT_FSIZE, limits->file_bytes, limits->file_bytes},
		{RLIMIT_CORE, 0, 0},
		{RLIMIT_AS, limits->memory_bytes, limits->memory_bytes},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct rlimit limit = {(rlim_t)list[i].soft, (rlim_t)list[i].hard};

		if (list[i].resource == RLIMIT_AS && !LIMIT_ADDRESSES)
			continue;
		if (setrlimit(list[i].resource, &limit) != 0)
			return false;
	}
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0;
}

/* Calls that are allowed with some arguments only. */
static int
filter_arguments(scmp_filter_ctx filter)
{
	int e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap2), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	/* A thread's name. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
			SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
	/* glibc's fstat(). A path could be looked up by it, which tells less than opening would. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
			SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	/* The same on 32 bits, and on machines that have no other. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fstatat64), 1,
			SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(statx), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH));
	return e;
}

void
jail_offer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* Best effort: without /proc the limits still hold. */
	if (fd < 0)
		return;
	if (write(fd, "1000", 4) != 4)
		errno = 0;
	(void)close(fd);
}

/* Loads the filter with which e says that all is well; frees it in any case. */
static bool
filter_load(scmp_filter_ctx filter, int e)
{
	/* Threads that a library has started already are locked up with us. */
	if (e == 0)
		e = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if (e == 0)
		e = seccomp_load(filter);
	seccomp_release(filter);
	return e == 0;
}

bool
jail_enter(const struct jail *limits)
{
	/* New descriptors; those that are open stay. */
	const struct rlimit none = {0, 0};
	scmp_filter_ctx filter;
	int e = 0;

	if (!jail_limit(limits) || setrlimit(RLIMIT_NOFILE, &none) != 0 ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (!filter)
		return false;
	for (size_t i = 0; e == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	if (e == 0)
		e = filter_arguments(filter);
	return filter_load(filter, e);
}

bool
jail_no_network(void)
{
	scmp_filter_ctx filter;
	int e;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return false;
	e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
		SCMP_A0(SCMP_CMP_NE, AF_UNIX, 0));
	/* It makes sockets, too, and no filter sees which. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);
	return filter_load(filter, e);
}
