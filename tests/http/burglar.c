/*
 * What somebody could do who had taken over one of our processes. Loaded into the program by LD_PRELOAD,
 * it waits for the first poll(2) of a worker, the courier or the logger, by which time they have shut themselves
 * in, tries what the file SP_BURGLAR_PLAN says, a line each, and writes beside it what came of it. The logger can read
 * no file: what it tries stands in SP_BURGLAR_LOGGER, and what came of it beside SP_BURGLAR_LOG.
 *
 *	read PATH, write PATH, list PATH, make PATH, run PATH, connect PORT, send PATH (a datagram, by one end of
 *	a pair), memory PATH (a copy of that program, run out of memory), signal PID, trace PID
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int
number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

static int
opens(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd < 0 ? errno : close(fd);
}

static int
runs(char *path)
{
	char *argv[] = {path, NULL}, *envp[] = {NULL};
	pid_t pid;

	return posix_spawn(&pid, path, NULL, NULL, argv, envp);
}

static int
connects(const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)number(port)),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return errno;
	return close(fd);
}

static int
sends(const char *path)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int pair[2];

	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
		return errno;
	return sendto(pair[0], "taken", 5, 0, (struct sockaddr *)&to, sizeof(to)) == 5 ? 0 : errno;
}

static int
runs_from_memory(const char *path)
{
	char name[64], bytes[64 * 1024];
	int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("mine", 0);
	ssize_t n;

	if (from < 0 || to < 0)
		return errno;
	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (write(to, bytes, (size_t)n) != n)
			return errno;
	(void)close(from);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", to);
	return runs(name);
}

static int
attempt(const char *what, char *whom)
{
	if (strcmp(what, "read") == 0)
		return opens(whom, O_RDONLY);
	if (strcmp(what, "write") == 0)
		return opens(whom, O_WRONLY);
	if (strcmp(what, "list") == 0)
		return opens(whom, O_RDONLY | O_DIRECTORY);
	if (strcmp(what, "make") == 0)
		return opens(whom, O_WRONLY | O_CREAT);
	if (strcmp(what, "run") == 0)
		return runs(whom);
	if (strcmp(what, "connect") == 0)
		return connects(whom);
	if (strcmp(what, "send") == 0)
		return sends(whom);
	if (strcmp(what, "memory") == 0)
		return runs_from_memory(whom);
	if (strcmp(what, "signal") == 0)
		return kill(number(whom), 0) == 0 ? 0 : errno;
	if (strcmp(what, "trace") == 0)
		return ptrace(PTRACE_ATTACH, number(whom), NULL, NULL) == 0 ? 0 : errno;
	return -1;
}

static void
burgle(const char *who)
{
	bool logger = strcmp(who, "logger") == 0;
	const char *path = getenv(logger ? "SP_BURGLAR_LOG" : "SP_BURGLAR_PLAN");
	char line[512], report[512], *doors = logger ? getenv("SP_BURGLAR_LOGGER") : NULL;
	int plan = path && !logger ? open(path, O_RDONLY | O_CLOEXEC) : -1, out;
	FILE *f = doors ? fmemopen(doors, strlen(doors), "r") : plan < 0 ? NULL : fdopen(plan, "r");

	(void)snprintf(report, sizeof(report), "%s.%s.%ld", path ? path : "", who, (long)getpid());
	if (!f || (out = open(report, O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) < 0)
		return;
	while (fgets(line, sizeof(line), f)) {
		char *whom = strchr(line, ' ');

		line[strcspn(line, "\n")] = '\0';
		*whom++ = '\0';
		(void)dprintf(out, "%s %s: %d\n", line, whom, attempt(line, whom));
	}
	(void)dprintf(out, "gone\n");
	(void)fclose(f);
	(void)close(out);
}

int
poll(struct pollfd *fds, nfds_t n, int timeout)
{
	static atomic_int owner;
	int (*next)(struct pollfd *, nfds_t, int);
	char name[16] = "";
	int pid = (int)getpid();

	*(void **)&next = dlsym(RTLD_NEXT, "poll");
	(void)prctl(PR_GET_NAME, name);
	if ((strcmp(name, "worker") == 0 || strcmp(name, "courier") == 0 || strcmp(name, "logger") == 0) &&
		atomic_exchange(&owner, pid) != pid)
		burgle(name);
	return next(fds, n, timeout);
}
