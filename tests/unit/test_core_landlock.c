/*
 * core/landlock: what is asked of kernels old and new, seen through a kernel that writes it down; and what
 * a process can do afterwards, where this machine's kernel has it.
 */
#include "core/landlock.h"

#include "tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- a kernel that writes down ------------------------------------------------------------- */

enum { RULES = 8, PRETENDED_FD = 1000 };

struct heard {
	int version;
	int fails;	/* errno of restrict_self(); 0: it works */
	struct landlock_set set;
	uint64_t allowed[RULES];
	size_t n;
	unsigned restricted;
};

/* The table has no room for a context; tests run one after the other. */
static struct heard heard;

static int
say_version(void)
{
	return heard.version;
}

static int
hear_set(const struct landlock_set *set)
{
	heard.set = *set;
	return PRETENDED_FD;
}

static int
hear_rule(int set_fd, int path_fd, uint64_t allowed)
{
	struct stat st;

	assert_int_equal(set_fd, PRETENDED_FD);
	assert_int_equal(fstat(path_fd, &st), 0);
	assert_true(heard.n < RULES);
	heard.allowed[heard.n++] = allowed;
	return 0;
}

static int
hear_restrict(int set_fd)
{
	assert_int_equal(set_fd, PRETENDED_FD);
	heard.restricted++;
	errno = heard.fails;
	return heard.fails ? -1 : 0;
}

static const struct landlock_kernel listening = {
	.version = say_version,
	.create = hear_set,
	.add = hear_rule,
	.restrict_self = hear_restrict,
};

static const struct landlock_rule all_uses[] = {
	{"/", USE_READ},
	{"/", USE_WRITE},
	{"/", USE_MAKE},
	{"/", USE_RUN},
	{"/dev/null", USE_READ | USE_WRITE | USE_MAKE | USE_RUN},
	{"/nonexistent/file", USE_READ},
};
static const struct landlock_want everything = {all_uses, 6, false};

static bool
ask(int version)
{
	heard = (struct heard){.version = version};
	return landlock_enter_with(&listening, &everything);
}

static void
each_version_is_asked_for_what_it_knows(void **state)
{
	static const struct landlock_set wanted[] = {
		{0x1fff, 0, 0},
		{0x3fff, 0, 0},		/* moving between directories */
		{0x7fff, 0, 0},		/* truncation */
		{0x7fff, 3, 0},		/* TCP */
		{0xffff, 3, 0},		/* devices */
		{0xffff, 3, 3},		/* signals, abstract sockets */
		{0xffff, 3, 3},		/* what is newer than us */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_true(ask((int)i + 1));
		assert_memory_equal(&heard.set, &wanted[i], sizeof(wanted[i]));
		assert_int_equal(heard.restricted, 1);
	}
}

static void
a_use_is_the_rights_it_takes(void **state)
{
	(void)state;
	assert_true(ask(6));
	assert_int_equal(heard.n, 5);		/* what is not there is passed over */
	assert_int_equal(heard.allowed[0], 0x000c);	/* read files, list directories */
	assert_int_equal(heard.allowed[1], 0x4002);	/* write, truncate */
	assert_int_equal(heard.allowed[2], 0x21b0);	/* make, remove, move; no device, no socket */
	assert_int_equal(heard.allowed[3], 0x0005);	/* run, read */
}

static void
a_file_is_not_asked_what_only_directories_can_do(void **state)
{
	(void)state;
	assert_true(ask(6));
	assert_int_equal(heard.allowed[4], 0x4007);
	assert_true(ask(2));
	assert_int_equal(heard.allowed[4], 0x0007);	/* no truncation in that version */
}

static void
connections_are_left_to_who_wants_them(void **state)
{
	const struct landlock_want want = {.connect = true};

	(void)state;
	heard = (struct heard){.version = 4};
	assert_true(landlock_enter_with(&listening, &want));
	assert_int_equal(heard.set.net, 1);	/* no port is opened all the same */
}

static void
a_kernel_without_it_is_asked_nothing(void **state)
{
	(void)state;
	assert_false(ask(0));
	assert_int_equal(errno, ENOSYS);
	assert_int_equal(heard.restricted, 0);
}

static void
a_refusal_is_told(void **state)
{
	(void)state;
	heard = (struct heard){.version = 3, .fails = EPERM};
	assert_false(landlock_enter_with(&listening, &everything));
	assert_int_equal(errno, EPERM);
}

/* ---- this machine's kernel ----------------------------------------------------------------- */

struct place {
	struct tempdir dir;
	char seen[128], read_only[128], hidden[128];
};

static void
write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0755);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "#!/bin/sh\n", 10), 10);
	assert_int_equal(close(fd), 0);
}

static int
setup(void **state)
{
	static struct place p;
	char path[256];

	tempdir_init(&p.dir);
	(void)snprintf(p.seen, sizeof(p.seen), "%s/seen", p.dir.path);
	(void)snprintf(p.read_only, sizeof(p.read_only), "%s/read_only", p.dir.path);
	(void)snprintf(p.hidden, sizeof(p.hidden), "%s/hidden", p.dir.path);
	for (int i = 0; i < 3; i++) {
		const char *dir = i == 0 ? p.seen : i == 1 ? p.read_only : p.hidden;

		assert_int_equal(mkdir(dir, 0755), 0);
		(void)snprintf(path, sizeof(path), "%s/file", dir);
		write_file(path);
	}
	*state = &p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	tempdir_fini(&p->dir);
	return 0;
}

static void
must(bool good, int line)
{
	if (!good) {
		(void)fprintf(stderr, "line %d: errno %d\n", line, errno);
		_exit(1);
	}
}

#define MUST_BE(what) must(what, __LINE__)
#define MUST_NOT(what, e) must((what) < 0 && errno == (e), __LINE__)

static const char *
in(const char *dir, const char *name)
{
	static char paths[2][256];
	static unsigned i;

	i = !i;
	(void)snprintf(paths[i], sizeof(paths[i]), "%s/%s", dir, name);
	return paths[i];
}

static void
enter(const struct place *p)
{
	const struct landlock_rule rules[] = {
		{p->seen, USE_READ | USE_WRITE | USE_MAKE}, {p->read_only, USE_READ}};
	const struct landlock_want want = {rules, 2, false};

	MUST_BE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	MUST_BE(landlock_enter(&want));
}

static void
what_is_seen(const struct place *p)
{
	enter(p);
	MUST_BE(open(in(p->seen, "file"), O_RDWR) >= 0);
	MUST_BE(open(in(p->seen, "new"), O_RDWR | O_CREAT | O_EXCL, 0600) >= 0);
	MUST_BE(mkdir(in(p->seen, "folder"), 0700) == 0);
	/* Uploads go this way. */
	MUST_BE(link(in(p->seen, "new"), in(p->seen, "folder/linked")) == 0);
	MUST_BE(rename(in(p->seen, "new"), in(p->seen, "folder/moved")) == 0);
	MUST_BE(unlink(in(p->seen, "folder/moved")) == 0);
	MUST_BE(truncate(in(p->seen, "file"), 0) == 0);
	MUST_BE(open(in(p->read_only, "file"), O_RDONLY) >= 0);
	MUST_BE(open(p->read_only, O_RDONLY | O_DIRECTORY) >= 0);
}

static void
what_is_not(const struct place *p)
{
	static char program[256];
	char *argv[] = {program, NULL};

	enter(p);
	MUST_NOT(open("/etc/passwd", O_RDONLY), EACCES);
	MUST_NOT(open("/", O_RDONLY | O_DIRECTORY), EACCES);
	MUST_NOT(open(in(p->hidden, "file"), O_RDONLY), EACCES);
	MUST_NOT(open(in(p->read_only, "file"), O_WRONLY), EACCES);
	MUST_NOT(open(in(p->read_only, "new"), O_WRONLY | O_CREAT, 0600), EACCES);
	MUST_NOT(unlink(in(p->read_only, "file")), EACCES);
	MUST_NOT(rename(in(p->seen, "file"), in(p->read_only, "file")), EACCES);
	MUST_NOT(symlink("/etc", in(p->seen, "link")), EACCES);
	(void)snprintf(program, sizeof(program), "%s/file", p->seen);
	MUST_NOT(execv(program, argv), EACCES);
	if (landlock_version() >= 3)
		MUST_NOT(truncate(in(p->read_only, "file"), 0), EACCES);
}

static void
other_processes(const struct place *p)
{
	enter(p);
	if (landlock_version() >= 6)
		MUST_NOT(kill(getppid(), 0), EPERM);
}

static void
the_network(const struct place *p)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9),
		.sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd;

	enter(p);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	MUST_BE(fd >= 0);
	if (landlock_version() < 4)
		return;
	MUST_NOT(connect(fd, (struct sockaddr *)&to, sizeof(to)), EACCES);
	MUST_NOT(bind(fd, (struct sockaddr *)&to, sizeof(to)), EACCES);
}

static void
nothing_at_all(const struct place *p)
{
	const struct landlock_want want = {0};

	(void)p;
	MUST_BE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	MUST_BE(landlock_enter(&want));
	MUST_NOT(open("/dev/null", O_RDONLY), EACCES);
	MUST_BE(write(STDERR_FILENO, "", 0) == 0);
}

static void
assert_child(const struct place *p, void (*what)(const struct place *))
{
	int status = -1;
	pid_t pid;

	if (landlock_version() < LANDLOCK_LEAST)
		skip();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		what(p);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
what_is_wanted_can_be_used(void **state)
{
	assert_child(*state, what_is_seen);
}

static void
nothing_else_can(void **state)
{
	assert_child(*state, what_is_not);
}

static void
who_is_not_in_here_gets_no_signal(void **state)
{
	assert_child(*state, other_processes);
}

static void
no_port_is_connected_to_or_opened(void **state)
{
	assert_child(*state, the_network);
}

static void
without_rules_no_file_can_be_opened(void **state)
{
	assert_child(*state, nothing_at_all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_is_asked_for_what_it_knows),
		cmocka_unit_test(a_use_is_the_rights_it_takes),
		cmocka_unit_test(a_file_is_not_asked_what_only_directories_can_do),
		cmocka_unit_test(connections_are_left_to_who_wants_them),
		cmocka_unit_test(a_kernel_without_it_is_asked_nothing),
		cmocka_unit_test(a_refusal_is_told),
		cmocka_unit_test_setup_teardown(what_is_wanted_can_be_used, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_else_can, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_not_in_here_gets_no_signal, setup, teardown),
		cmocka_unit_test_setup_teardown(no_port_is_connected_to_or_opened, setup, teardown),
		cmocka_unit_test_setup_teardown(without_rules_no_file_can_be_opened, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
