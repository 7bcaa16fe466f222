/*
 * The jails. The list of system calls is what glibc's memory and threads, GLib and
 * the picture libraries were seen to need on files of all kinds. mmap and mprotect are allowed
 * without PROT_EXEC, clone for threads only. Machines of 32 bits have other names for some of it,
 * which libseccomp passes over elsewhere; clone3, whose flags a filter cannot read, is answered
 * with ENOSYS, upon which glibc uses clone.
 *
 * What every process gives up is a list of what is refused instead, since what a server needs may
 * change with the next libc; it is refused with an error that programs know how to take.
 */
#include "core/jail.h"

#include "core/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

/*
 * AddressSanitizer and ThreadSanitizer map terabytes that they never touch: no limit on addresses can
 * be set there.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SP_SHADOWED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SP_SHADOWED 1
#endif
#endif
#ifdef SP_SHADOWED
enum { LIMIT_ADDRESSES = 0 };
#else
enum { LIMIT_ADDRESSES = 1 };
#endif

/* ---- jails ------------------------------------------------------------------------------- */

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
	/* How much memory there is: glibc's qsort() asks before it sorts more than a KiB, as libwebp has it do. */
	SCMP_SYS(sysinfo),
	/* Asked of the kernel where the machine's clock cannot be read without: in many a virtual one. */
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(getrandom),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	/* 32 bits */
	SCMP_SYS(_llseek),
	SCMP_SYS(fstat64),
	SCMP_SYS(futex_time64),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_getres_time64),
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
	const struct landlock_want nothing = {0};
	scmp_filter_ctx filter;
	int e = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	/* A second wall where the kernel has it; the filter is one that does not need it. */
	if (!landlock_enter(&nothing))
		errno = 0;
	if (!jail_limit(limits) || setrlimit(RLIMIT_NOFILE, &none) != 0)
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

/* ---- what every process gives up ---------------------------------------------------------- */

static const int refused[] = {
	/* other processes */
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(process_madvise),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp),
	SCMP_SYS(move_pages),
	SCMP_SYS(migrate_pages),
	/* file systems */
	SCMP_SYS(mount),
	SCMP_SYS(umount),
	SCMP_SYS(umount2),
	SCMP_SYS(mount_setattr),
	SCMP_SYS(move_mount),
	SCMP_SYS(open_tree),
	SCMP_SYS(fsopen),
	SCMP_SYS(fsconfig),
	SCMP_SYS(fsmount),
	SCMP_SYS(fspick),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(quotactl),
	SCMP_SYS(quotactl_fd),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(fanotify_init),
	/* namespaces */
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	/* the kernel itself */
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(syslog),
	SCMP_SYS(acct),
	SCMP_SYS(reboot),
	SCMP_SYS(lookup_dcookie),
	SCMP_SYS(uselib),
	SCMP_SYS(vhangup),
	SCMP_SYS(_sysctl),
	/* keys */
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(keyctl),
	/* the machine */
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
	SCMP_SYS(modify_ldt),
	SCMP_SYS(sethostname),
	SCMP_SYS(setdomainname),
	SCMP_SYS(settimeofday),
	SCMP_SYS(stime),
	SCMP_SYS(clock_settime),
	SCMP_SYS(clock_settime64),
	SCMP_SYS(clock_adjtime),
	SCMP_SYS(clock_adjtime64),
	SCMP_SYS(adjtimex),
	/* With the one LeakSanitizer looks at threads, with the other ThreadSanitizer begins. */
#if !defined(__SANITIZE_ADDRESS__)
	SCMP_SYS(ptrace),
#endif
#if !defined(__SANITIZE_THREAD__)
	SCMP_SYS(personality),
#endif
};

/* Namespaces by clone(); clone3(), whose flags cannot be seen, is not there. */
static int
refuse_namespaces(scmp_filter_ctx filter)
{
	static const unsigned flags[] = {CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET,
		CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP};
	int e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	for (size_t i = 0; e == 0 && i < sizeof(flags) / sizeof(flags[0]); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, flags[i], flags[i]));
	return e;
}

/* Memory that is written to and run; the loader of programs needs the one or the other. */
static int
refuse_code(scmp_filter_ctx filter)
{
	static const int maps[] = {SCMP_SYS(mmap), SCMP_SYS(mmap2)};
	static const int protects[] = {SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect)};
	const uint64_t both = PROT_WRITE | PROT_EXEC;
	int e = 0;

	for (size_t i = 0; e == 0 && i < sizeof(maps) / sizeof(maps[0]); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), maps[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, both, both));
	for (size_t i = 0; e == 0 && i < sizeof(protects) / sizeof(protects[0]); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), protects[i], 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC));
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(shmat), 1,
			SCMP_A2(SCMP_CMP_MASKED_EQ, SHM_EXEC, SHM_EXEC));
	return e;
}

bool
jail_refuse(void)
{
	scmp_filter_ctx filter;
	int e = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return false;
	for (size_t i = 0; e == 0 && i < sizeof(refused) / sizeof(refused[0]); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
	/* Its operations pass by all filters; who asks for it can do without. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);
	/* Typing into the terminal that we were started from. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, TIOCSTI));
	if (e == 0)
		e = refuse_namespaces(filter);
	if (e == 0)
		e = refuse_code(filter);
	return filter_load(filter, e);
}

bool
jail_worker(void)
{
	static const int sockets[] = {SCMP_SYS(socket), SCMP_SYS(socketpair)};
	static const int memory[] = {SCMP_SYS(memfd_create), SCMP_SYS(memfd_secret), SCMP_SYS(execveat)};
	scmp_filter_ctx filter;
	int e = 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return false;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return false;
	/* One of a pair of datagram sockets could send to any path. */
	for (size_t i = 0; e == 0 && i < sizeof(sockets) / sizeof(sockets[0]); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), sockets[i], 0);
	for (size_t i = 0; e == 0 && i < sizeof(memory) / sizeof(memory[0]); i++)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), memory[i], 0);
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(connect), 0);
	/* It makes sockets, too, and no filter sees which. */
	if (e == 0)
		e = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);
	return filter_load(filter, e);
}
