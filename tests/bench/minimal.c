/*
 * The yardstick of the benchmark: the least that a FastCGI program on libfcgi and SQLite can do.
 * Two processes of one thread each, epoll dispatch over the listening socket and kept connections,
 * no router, no log, no metrics, no template. What it answers depends on the path alone:
 *
 *	/sql	a SELECT of the 20 newest rows by a prepared statement, their text escaped into a page
 *	/insert	one durable INSERT (WAL, synchronous=FULL, BEGIN IMMEDIATE) of the request's body, then 201
 *	/304	just that status
 *	else	the bytes of the file named on the command line for that path, from memory
 *
 *	minimal SOCKET DATABASE [PATH=FILE ...]
 *
 * SIGTERM ends it. Not a part of the product.
 */
#include <errno.h>
#include <fcgiapp.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 2, MAX_PAGES = 8, ROWS = 20 };

struct page {
	const char *path;
	char *bytes;
	int n;
};

struct minimal {
	struct page pages[MAX_PAGES];
	int n_pages;
	sqlite3 *db;
	sqlite3_stmt *select, *begin, *insert, *commit;
	pthread_mutex_t *lock;
	char out[256 * 1024];
};

static volatile sig_atomic_t stopping;

static void
on_term(int sig)
{
	(void)sig;
	stopping = 1;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
page_load(struct minimal *m, char *arg)
{
	struct page *p = &m->pages[m->n_pages++];
	char *eq = strchr(arg, '=');
	struct stat st;
	FILE *f;

	if (!eq || m->n_pages > MAX_PAGES)
		die(arg);
	*eq = '\0';
	p->path = arg;
	f = fopen(eq + 1, "r");
	if (!f || fstat(fileno(f), &st) != 0)
		die(eq + 1);
	p->n = (int)st.st_size;
	p->bytes = malloc((size_t)p->n + 1);
	if (!p->bytes || fread(p->bytes, 1, (size_t)p->n, f) != (size_t)p->n)
		die(eq + 1);
	fclose(f);
}

static void
must(sqlite3 *db, int rc)
{
	if (rc == SQLITE_OK)
		return;
	fprintf(stderr, "minimal: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static void
database_create(const char *path)
{
	static const char schema[] =
		"PRAGMA journal_mode=WAL;"
		"CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, slug TEXT UNIQUE NOT NULL,"
		" created INTEGER NOT NULL, body TEXT NOT NULL) STRICT;"
		"CREATE INDEX IF NOT EXISTS note_created ON note(created, id);"
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
		" INSERT INTO note(slug, created, body) SELECT 'note-' || i, i,"
		" replace(hex(zeroblob(25)), '00', 'word & more text <b>') FROM n;";
	sqlite3 *db;

	must(NULL, sqlite3_open(path, &db));
	must(db, sqlite3_exec(db, schema, NULL, NULL, NULL));
	sqlite3_close(db);
}

static void
database_open(struct minimal *m, const char *path)
{
	must(m->db, sqlite3_open_v2(path, &m->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
	must(m->db, sqlite3_exec(m->db, "PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;", NULL, NULL, NULL));
	must(m->db, sqlite3_prepare_v2(m->db, "SELECT slug, created, body FROM note ORDER BY created DESC, id DESC"
		" LIMIT 20", -1, &m->select, NULL));
	must(m->db, sqlite3_prepare_v2(m->db, "BEGIN IMMEDIATE", -1, &m->begin, NULL));
	must(m->db, sqlite3_prepare_v2(m->db, "INSERT INTO note(slug, created, body)"
		" VALUES (hex(randomblob(8)), unixepoch(), ?1)", -1, &m->insert, NULL));
	must(m->db, sqlite3_prepare_v2(m->db, "COMMIT", -1, &m->commit, NULL));
}

static char *
put(char *to, const char *s)
{
	size_t n = strlen(s);

	memcpy(to, s, n);
	return to + n;
}

static char *
escape(char *to, const unsigned char *s)
{
	for (; *s; s++) {
		const char *entity = *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : *s == '>' ? "&gt;" :
			*s == '"' ? "&quot;" : NULL;

		if (entity)
			to = put(to, entity);
		else
			*to++ = (char)*s;
	}
	return to;
}

static void
answer_select(struct minimal *m, FCGX_Request *r)
{
	char *p = m->out;

	p = put(p, "Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<!DOCTYPE html>\n");
	while (sqlite3_step(m->select) == SQLITE_ROW) {
		p = put(p, "<article><a href=\"/note/");
		p = escape(p, sqlite3_column_text(m->select, 0));
		p += snprintf(p, 32, "\">%lld</a><p>", (long long)sqlite3_column_int64(m->select, 1));
		p = escape(p, sqlite3_column_text(m->select, 2));
		p = put(p, "</p></article>\n");
	}
	sqlite3_reset(m->select);
	FCGX_PutStr(m->out, (int)(p - m->out), r->out);
}

static void
answer_insert(struct minimal *m, FCGX_Request *r, const char *body, int n)
{
	static const char ok[] = "Status: 201 Created\r\nLocation: http://localhost/note/x\r\n\r\n";
	static const char bad[] = "Status: 503 Service Unavailable\r\n\r\n";
	int rc;

	if (pthread_mutex_lock(m->lock) == EOWNERDEAD)
		pthread_mutex_consistent(m->lock);
	rc = sqlite3_step(m->begin);
	sqlite3_reset(m->begin);
	sqlite3_bind_text(m->insert, 1, body, n, SQLITE_STATIC);
	if (rc == SQLITE_DONE)
		rc = sqlite3_step(m->insert);
	sqlite3_reset(m->insert);
	if (rc == SQLITE_DONE)
		rc = sqlite3_step(m->commit);
	sqlite3_reset(m->commit);
	pthread_mutex_unlock(m->lock);
	FCGX_PutStr(rc == SQLITE_DONE ? ok : bad, (int)(rc == SQLITE_DONE ? sizeof(ok) : sizeof(bad)) - 1, r->out);
}

static void
answer(struct minimal *m, FCGX_Request *r)
{
	const char *uri = FCGX_GetParam("REQUEST_URI", r->envp);
	char body[65536];
	int n = FCGX_GetStr(body, sizeof(body), r->in);

	if (!uri)
		uri = "/";
	if (strcmp(uri, "/sql") == 0) {
		answer_select(m, r);
	} else if (strcmp(uri, "/insert") == 0) {
		answer_insert(m, r, body, n);
	} else if (strcmp(uri, "/304") == 0) {
		FCGX_PutS("Status: 304 Not Modified\r\nETag: \"x\"\r\n\r\n", r->out);
	} else {
		for (int i = 0; i < m->n_pages; i++)
			if (strcmp(uri, m->pages[i].path) == 0) {
				FCGX_PutS("Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", r->out);
				FCGX_PutStr(m->pages[i].bytes, m->pages[i].n, r->out);
				return;
			}
		FCGX_PutS("Status: 404 Not Found\r\n\r\n", r->out);
	}
}

static void
serve(struct minimal *m, int listen_fd)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.fd = listen_fd}, got[64];
	int ep = epoll_create1(EPOLL_CLOEXEC);
	FCGX_Request r;

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, listen_fd, &ev) != 0)
		die("epoll");
	FCGX_Init();
	FCGX_InitRequest(&r, -1, 0);
	while (!stopping) {
		int n = epoll_wait(ep, got, 64, 1000);

		for (int i = 0; i < n; i++) {
			int fd = got[i].data.fd;

			if (fd == listen_fd) {
				fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
				ev = (struct epoll_event){.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};
				if (fd >= 0)
					epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
				continue;
			}
			r.ipcFd = fd;
			r.keepConnection = 1;
			if (FCGX_Accept_r(&r) != 0)
				continue;
			answer(m, &r);
			FCGX_Finish_r(&r);
			if (r.ipcFd >= 0) {
				ev = (struct epoll_event){.events = EPOLLIN | EPOLLONESHOT, .data.fd = r.ipcFd};
				epoll_ctl(ep, EPOLL_CTL_MOD, r.ipcFd, &ev);
				r.ipcFd = -1;
			}
		}
	}
}

static int
listen_on(const char *path)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	unlink(path);
	umask(0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 || listen(fd, 4096) != 0)
		die(path);
	return fd;
}

int
main(int argc, char **argv)
{
	static struct minimal m;
	struct sigaction sa = {.sa_handler = on_term};
	pthread_mutexattr_t attr;
	int fd;

	if (argc < 3)
		return 2;
	for (int i = 3; i < argc; i++)
		page_load(&m, argv[i]);
	m.lock = mmap(NULL, sizeof(*m.lock), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (m.lock == MAP_FAILED)
		die("mmap");
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(m.lock, &attr);
	database_create(argv[2]);
	fd = listen_on(argv[1]);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			database_open(&m, argv[2]);
			serve(&m, fd);
			_exit(0);
		}
	while (!stopping)
		pause();
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return 0;
}
