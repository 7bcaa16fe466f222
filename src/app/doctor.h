/*
 * `starpunk doctor`: looks at the site from inside and, through the front server, from outside, and says of
 * each thing whether it is well and what to do if it is not. Nothing here needs a running site, and
 * what cannot be looked at hides nothing of the rest. Only a file of a second's life in media_path is written.
 *
 *	doctor.c		findings, and how they are shown
 *	doctor_system.c		kernel, libraries, clock, service manager
 *	doctor_files.c		files and file systems
 *	doctor_program.c	the running program, its database and its socket
 *	doctor_front.c		what the front server passes on		doctor_paths.c	and what it serves
 *	doctor_ask.c		asking it
 */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include "app/cli.h"
#include "net/fetch.h"
#include "net/url.h"

enum doctor_check {
#define DOCTOR(sym, ...) DOCTOR_##sym,
#define ARRIVES(...)
#include "tables/doctor.def"
#undef DOCTOR
#undef ARRIVES
	DOCTOR__MAX
};

enum doctor_level { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_WARNING, DOCTOR_ERROR, DOCTOR_LEVEL__MAX };

enum { DOCTOR_FINDINGS_MAX = 200 };

struct doctor_finding {
	enum doctor_check check;
	enum doctor_level level;
	struct str text;
};

struct doctor {
	struct ctx *c;
	struct cli *cli;
	const struct config *cfg;
	struct url url;			/* of the site as it is asked: --url, or site_url */
	bool reached;			/* a request through the front server was answered by this site */
	bool running;			/* the program runs, as far as can be seen without asking it */
	struct doctor_finding list[DOCTOR_FINDINGS_MAX];
	size_t n;
	size_t count[DOCTOR_LEVEL__MAX];
};

/* Adds a finding; several of one check stand below each other. A level of OK needs no remedy. */
void doctor_find(struct doctor *d, enum doctor_check check, enum doctor_level level,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same of a failure in c, which is cleared. */
void doctor_find_error(struct doctor *d, enum doctor_check check, enum doctor_level level);

/* All findings in the order of the table: for people, in colour if asked for; or as JSON. */
void doctor_text(const struct doctor *d, bool colour, struct buf *out);
MUST enum err doctor_json(const struct doctor *d, struct buf *out);

/* ---- what is looked at ------------------------------------------------------------------- */

/* What needs no configuration. */
void doctor_system(struct doctor *d);

/* The service manager's unit, if there is one; needs to know whether the program runs. */
void doctor_service(struct doctor *d);

void doctor_helpers(struct doctor *d);
void doctor_files(struct doctor *d);
void doctor_program(struct doctor *d);

/* The socket, once it is known whether requests get through: what works is not faulted. */
void doctor_socket(struct doctor *d);

void doctor_front(struct doctor *d);
void doctor_limits(struct doctor *d);
void doctor_paths(struct doctor *d);

/* ---- asking ------------------------------------------------------------------------------ */

struct doctor_answer {
	enum fetch_problem problem;	/* FETCH_OK: there is an answer */
	struct str detail;
	int status;
	struct str type, location, date, certificate_end;
	struct str body;		/* its first FETCH_MAX_BYTES bytes */
	const struct json *seen;	/* what the program says it saw (web/doctor); NULL: it was not asked */
};

/*
 * Asks for a path of the site, with a fresh pass: "GET", or "POST" with that many bytes and the headers of
 * the table, some of which are conditions that a file would be held against. Failures are answers, too.
 */
MUST enum err doctor_ask(struct doctor *d, const char *method, const char *path, int64_t body_bytes,
	struct doctor_answer *out);

/* Asks for any address, with nothing of ours. */
MUST enum err doctor_ask_plain(struct doctor *d, struct str url, struct doctor_answer *out);

/* A member of what the program saw; empty if there is none. */
struct str doctor_seen(const struct doctor_answer *a, const char *name);

#endif
