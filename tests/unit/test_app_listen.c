/*
 * The listening socket: whose file may be replaced, who may connect, what is loopback, what is
 * taken over from a parent.
 */
#include "app_fixture.h"

#include "app/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct fixture {
	struct ctx ctx;
	struct config cfg;
	char dir[64], path[96];
	struct listen l;
};

/* What takes the place of a socket's path as soon as it is bound; or NULL. */
static const char *intruder;

int __real_bind(int fd, const struct sockaddr *sa, socklen_t size);
int __wrap_bind(int fd, const struct sockaddr *sa, socklen_t size);

int
__wrap_bind(int fd, const struct sockaddr *sa, socklen_t size)
{
	int rc = __real_bind(fd, sa, size);

	if (rc == 0 && intruder) {
		const char *path = ((const struct sockaddr_un *)sa)->sun_path;

		assert_int_equal(unlink(path), 0);
		assert_int_equal(symlink(intruder, path), 0);
	}
	return rc;
}

static int
set_up(void **state)
{
	static struct fixture f;

	intruder = NULL;
	f = (struct fixture){.l = {.fd = -1}};
	ctx_init(&f.ctx, 1 << 20);
	(void)snprintf(f.dir, sizeof(f.dir), "/tmp/sp-listen-XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	(void)snprintf(f.path, sizeof(f.path), "%s/s", f.dir);
	f.cfg.listen = f.path;
	f.cfg.listen_group = "";
	f.cfg.user = "";
	*state = &f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	listen_close(&f->l);
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	ctx_fini(&f->ctx);
	return 0;
}

static enum err
open_it(struct fixture *f)
{
	return listen_open(&f->ctx, &f->cfg, &f->l);
}

static int
bind_unix(const char *path, bool listening)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int
dial(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static void
a_unix_socket_is_for_owner_and_group(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	mode_t old = umask(0);
	int fd;

	assert_int_equal(open_it(f), OK);
	assert_int_equal(umask(old), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_true((fcntl(f->l.fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(f->l.fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_false(f->l.inherited);
	fd = dial(f->path);
	assert_true(fd >= 0);
	(void)close(fd);
	listen_close(&f->l);
	assert_int_equal(access(f->path, F_OK), -1);
}

static void
a_group_can_be_let_in(void **state)
{
	struct fixture *f = *state;
	struct group *own = getgrgid(getgid());
	struct stat st;

	assert_non_null(own);
	f->cfg.listen_group = own->gr_name;
	assert_int_equal(open_it(f), OK);
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_gid, getgid());
	listen_close(&f->l);
	f->cfg.listen_group = "no-such-group";
	assert_int_equal(open_it(f), ERR_CONFIG);
	assert_non_null(strstr(f->ctx.err.detail, "no-such-group"));
	assert_int_equal(f->l.fd, -1);
	assert_int_equal(access(f->path, F_OK), -1);
}

/* Whoever may write the directory may not have other files given away. */
static void
what_has_come_into_the_sockets_place_is_not_given_away(void **state)
{
	struct fixture *f = *state;
	struct group *own = getgrgid(getgid());
	char victim[128];
	int fd;

	(void)snprintf(victim, sizeof(victim), "%s/victim", f->dir);
	fd = open(victim, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0 && own);
	(void)close(fd);
	f->cfg.listen_group = own->gr_name;
	intruder = victim;
	assert_int_equal(open_it(f), ERR_CONFIG);
	intruder = NULL;
	assert_int_equal(unlink(victim), 0);
}

static void
a_dead_socket_is_replaced(void **state)
{
	struct fixture *f = *state;

	(void)close(bind_unix(f->path, true));
	assert_int_equal(access(f->path, F_OK), 0);
	assert_int_equal(open_it(f), OK);
}

static void
a_socket_in_use_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	int theirs = bind_unix(f->path, true), fd;

	assert_int_equal(open_it(f), ERR_LISTEN);
	assert_non_null(strstr(f->ctx.err.detail, "listen: "));
	assert_non_null(strstr(f->ctx.err.detail, f->path));
	assert_non_null(strstr(f->ctx.err.detail, "in use"));
	fd = dial(f->path);
	assert_true(fd >= 0);
	(void)close(fd);
	(void)close(theirs);
}

static void
a_file_that_is_no_socket_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	int fd = open(f->path, O_CREAT | O_WRONLY, 0600);

	(void)close(fd);
	assert_int_equal(open_it(f), ERR_CONFIG);
	assert_non_null(strstr(f->ctx.err.detail, "not a socket"));
	assert_int_equal(access(f->path, F_OK), 0);
}

static void
a_missing_directory_and_a_long_path_are_named(void **state)
{
	struct fixture *f = *state;
	char path[160];

	f->cfg.listen = "/nonexistent/dir/s";
	assert_int_equal(open_it(f), ERR_CONFIG);
	assert_non_null(strstr(f->ctx.err.detail, "/nonexistent/dir/s"));
	err_clear(&f->ctx);
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	f->cfg.listen = path;
	assert_int_equal(open_it(f), ERR_CONFIG);
	assert_non_null(strstr(f->ctx.err.detail, "107"));
}

static void
after_unlink_the_queue_is_still_there(void **state)
{
	struct fixture *f = *state;
	int fd, ours;

	assert_int_equal(open_it(f), OK);
	fd = dial(f->path);
	listen_unlink(&f->l);
	assert_int_equal(dial(f->path), -1);
	ours = accept(f->l.fd, NULL, NULL);
	assert_true(ours >= 0);
	(void)close(ours);
	(void)close(fd);
}

static void
tcp_is_for_loopback_only(void **state)
{
	static const char *const good[] = {"127.0.0.1:0", "127.8.9.10:0", "localhost:0"};
	static const char *const bad[] = {"0.0.0.0:9000", "192.0.2.1:9000", "[::]:9000", "127.0.0.1",
		"127.0.0.1:", "127.0.0.1:65536", ":9000", "example.org:9000", "127.0.0.1:-1", "127.0.0.1:9x"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		f->cfg.listen = good[i];
		assert_int_equal(open_it(f), OK);
		assert_true((fcntl(f->l.fd, F_GETFL) & O_NONBLOCK) != 0);
		listen_close(&f->l);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f->cfg.listen = bad[i];
		assert_int_equal(open_it(f), ERR_CONFIG);
		assert_non_null(strstr(f->ctx.err.detail, bad[i]));
		assert_int_equal(f->l.fd, -1);
		err_clear(&f->ctx);
	}
}

static void
a_port_that_is_taken_is_named(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in sin = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text[32];

	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &size), 0);
	(void)snprintf(text, sizeof(text), "127.0.0.1:%d", ntohs(sin.sin_port));
	f->cfg.listen = text;
	assert_int_equal(open_it(f), ERR_LISTEN);
	assert_non_null(strstr(f->ctx.err.detail, "listen: "));
	assert_non_null(strstr(f->ctx.err.detail, "in use"));
	assert_non_null(strstr(f->ctx.err.detail, text));
	(void)close(fd);
}

static void
a_socket_on_descriptor_zero_is_taken_over(void **state)
{
	struct fixture *f = *state;
	int saved = dup(STDIN_FILENO), fd = bind_unix(f->path, true);

	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	f->cfg.listen = "/nonexistent/never/used";
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->l.fd, STDIN_FILENO);
	assert_true(f->l.inherited);
	assert_true((fcntl(f->l.fd, F_GETFL) & O_NONBLOCK) != 0);
	listen_unlink(&f->l);
	assert_int_equal(access(f->path, F_OK), 0);
	f->l.fd = -1;
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	(void)close(saved);
	(void)close(fd);
}

static void
the_service_managers_socket_is_taken_over(void **state)
{
	struct fixture *f = *state;
	int saved = fcntl(3, F_DUPFD, 100), fd = bind_unix(f->path, true);
	char pid[16];

	if (fd != 3)
		assert_int_equal(dup2(fd, 3), 3);
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	assert_int_equal(setenv("LISTEN_PID", pid, 1) + setenv("LISTEN_FDS", "1", 1), 0);
	f->cfg.listen = "/nonexistent/never/used";
	assert_int_equal(open_it(f), OK);
	assert_int_equal(f->l.fd, 3);
	assert_true(f->l.inherited);
	f->l.fd = -1;
	assert_int_equal(setenv("LISTEN_FDS", "2", 1), 0);
	assert_int_equal(dup2(3, 4), 4);
	assert_int_equal(open_it(f), ERR_CONFIG);
	err_clear(&f->ctx);
	assert_int_equal(setenv("LISTEN_FDS", "1", 1), 0);
	assert_int_equal(dup2(STDERR_FILENO, 3), 3);
	assert_int_equal(open_it(f), ERR_CONFIG);
	assert_non_null(strstr(f->ctx.err.detail, "does not listen"));
	assert_int_equal(unsetenv("LISTEN_PID") + unsetenv("LISTEN_FDS"), 0);
	if (saved >= 0)
		assert_int_equal(dup2(saved, 3), 3);
	(void)close(4);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_unix_socket_is_for_owner_and_group),
		TEST(a_group_can_be_let_in),
		TEST(what_has_come_into_the_sockets_place_is_not_given_away),
		TEST(a_dead_socket_is_replaced),
		TEST(a_socket_in_use_is_refused_and_left_alone),
		TEST(a_file_that_is_no_socket_is_refused_and_left_alone),
		TEST(a_missing_directory_and_a_long_path_are_named),
		TEST(after_unlink_the_queue_is_still_there),
		TEST(tcp_is_for_loopback_only),
		TEST(a_port_that_is_taken_is_named),
		TEST(a_socket_on_descriptor_zero_is_taken_over),
		TEST(the_service_managers_socket_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
