/*
 * Rules for the kernel. Its names for rights and the shape of what it is told are written down here,
 * because the headers of Debian 12 are older than its newer kernels.
 */
#include "core/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RIGHT(n) ((uint64_t)1 << (n))

/* linux/landlock.h, LANDLOCK_ACCESS_FS_... */
#define FS_EXECUTE RIGHT(0)
#define FS_WRITE_FILE RIGHT(1)
#define FS_READ_FILE RIGHT(2)
#define FS_READ_DIR RIGHT(3)
#define FS_REMOVE_DIR RIGHT(4)
#define FS_REMOVE_FILE RIGHT(5)
#define FS_MAKE_DIR RIGHT(7)
#define FS_MAKE_REG RIGHT(8)
#define FS_FIRST (RIGHT(13) - 1)	/* with devices, sockets, pipes and symbolic links */
#define FS_REFER RIGHT(13)
#define FS_TRUNCATE RIGHT(14)
#define FS_IOCTL_DEV RIGHT(15)
#define FS_OF_FILES (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

/* LANDLOCK_ACCESS_NET_..., LANDLOCK_SCOPE_... */
#define NET_BIND_TCP RIGHT(0)
#define NET_CONNECT_TCP RIGHT(1)
#define SCOPE_ABSTRACT_UNIX_SOCKET RIGHT(0)
#define SCOPE_SIGNAL RIGHT(1)

enum { SAY_VERSION = 1, PATH_BENEATH = 1 };

/* ---- the kernel that we run on ----------------------------------------------------------- */

static int
kernel_version(void)
{
	long n = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, SAY_VERSION);

	return n > 0 ? (int)n : 0;
}

/* A kernel takes what is longer than it knows, as long as the rest is zero. */
static int
kernel_create(const struct landlock_set *set)
{
	return (int)syscall(SYS_landlock_create_ruleset, set, sizeof(*set), 0);
}

static int
kernel_add(int set_fd, int path_fd, uint64_t allowed)
{
	const struct {
		uint64_t allowed;
		int32_t path_fd;
	} __attribute__((packed)) rule = {allowed, path_fd};

	return (int)syscall(SYS_landlock_add_rule, set_fd, PATH_BENEATH, &rule, 0);
}

static int
kernel_restrict(int set_fd)
{
	return (int)syscall(SYS_landlock_restrict_self, set_fd, 0);
}

static const struct landlock_kernel this_kernel = {
	.version = kernel_version,
	.create = kernel_create,
	.add = kernel_add,
	.restrict_self = kernel_restrict,
};

/* ---- rules ------------------------------------------------------------------------------- */

/* What is taken away unless a rule gives it: all that this version knows. */
static struct landlock_set
set_of(int version, const struct landlock_want *want)
{
	struct landlock_set set = {.fs = FS_FIRST};

	if (version >= 2)
		set.fs |= FS_REFER;
	if (version >= 3)
		set.fs |= FS_TRUNCATE;
	if (version >= 4)
		set.net = want->connect ? NET_BIND_TCP : NET_BIND_TCP | NET_CONNECT_TCP;
	if (version >= 5)
		set.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		set.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	return set;
}

static uint64_t
rights_of(unsigned uses)
{
	uint64_t rights = 0;

	if (uses & USE_READ)
		rights |= FS_READ_FILE | FS_READ_DIR;
	if (uses & USE_WRITE)
		rights |= FS_WRITE_FILE | FS_TRUNCATE;
	if (uses & USE_MAKE)
		rights |= FS_MAKE_REG | FS_MAKE_DIR | FS_REMOVE_FILE | FS_REMOVE_DIR | FS_REFER;
	if (uses & USE_RUN)
		rights |= FS_EXECUTE | FS_READ_FILE;
	return rights;
}

static bool
add(const struct landlock_kernel *kernel, int set_fd, const struct landlock_rule *rule,
	uint64_t known)
{
	uint64_t rights = rights_of(rule->uses) & known;
	int fd = open(rule->path, O_PATH | O_CLOEXEC), failed = 0;
	struct stat st;

	/* What we cannot get at now is none of ours later. */
	if (fd < 0)
		return true;
	if (fstat(fd, &st) != 0)
		failed = errno;
	else if (!S_ISDIR(st.st_mode))
		rights &= FS_OF_FILES;
	if (!failed && rights != 0 && kernel->add(set_fd, fd, rights) != 0)
		failed = errno;
	(void)close(fd);
	errno = failed;
	return failed == 0;
}

bool
landlock_enter_with(const struct landlock_kernel *kernel, const struct landlock_want *want)
{
	int version = kernel->version(), fd, failed;
	struct landlock_set set;
	bool good = true;

	if (version <= 0) {
		errno = ENOSYS;
		return false;
	}
	set = set_of(version, want);
	fd = kernel->create(&set);
	if (fd < 0)
		return false;
	for (size_t i = 0; good && i < want->n; i++)
		good = add(kernel, fd, &want->rules[i], set.fs);
	good = good && kernel->restrict_self(fd) == 0;
	failed = errno;
	(void)close(fd);
	errno = failed;
	return good;
}

bool
landlock_enter(const struct landlock_want *want)
{
	return landlock_enter_with(&this_kernel, want);
}

int
landlock_version(void)
{
	return this_kernel.version();
}
