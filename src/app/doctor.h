/*
 * `starpunk doctor`: looks at the site from inside and, through the front server, from outside, and says of
 * each thing whether it is well and what to do if it is not. Nothing here needs a running site, and
 * what cannot be looked at hides nothing of the rest. Only a file of a second's life in media_path is written.
 *
 *	doctor.c		findings, and how they are shown
 *	doctor_mend.c		what to do about them
 *	doctor_watch.c		that looking ends
 *	doctor_system.c		kernel, libraries, clock, service manager
 *	doctor_files.c		files and file systems
 *	doctor_program.c	the running program, and its database
 *	doctor_socket.c		its socket, and who may connect to it
 *	doctor_front.c		what the front server passes on
 *	doctor_https.c		certificates and redirects		doctor_paths.c	what it serves
 *	doctor_ask.c		asking it
 */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include "app/cli.h"
#include "net/fetch.h"
#include "net/url.h"

#include <pthread.h>

enum doctor_check {
#define DOCTOR(sym, ...) DOCTOR_##sym,
#define ARRIVES(...)
#include "tables/doctor.def"
#undef DOCTOR
#undef ARRIVES
	DOCTOR__MAX
};

enum doctor_front {
	DOCTOR_FRONT_NONE,
#define FRONT(sym, ...) DOCTOR_FRONT_##sym,
#define MEND(...)
#include "tables/fronts.def"
#undef FRONT
#undef MEND
	DOCTOR_FRONT__MAX
};

enum doctor_level { DOCTOR_OK, DOCTOR_NOTE, DOCTOR_WARNING, DOCTOR_ERROR, DOCTOR_LEVEL__MAX };

enum { DOCTOR_FINDINGS_MAX = 200 };

struct doctor_finding {
	enum doctor_check check;
	enum doctor_level level;
	struct str text;
	const char *remedy;		/* a sentence in place of the tables'; NULL: theirs */
	struct str paste;		/* lines for a shell or a configuration, to mend it or lead on; or empty */
};

struct doctor;

/* A watch over the looking, with a thread of its own. */
struct doctor_watch {
	pthread_t thread;
	pthread_mutex_t lock;		/* over the findings, too */
	pthread_cond_t moved;
	enum doctor_check check;	/* is looked at */
	int64_t until_us;		/* monotonic */
	bool runs, over;
	bool shown;			/* people wait, and are told what for */
	void (*hung)(struct doctor *d, struct ctx *c);
};

struct doctor {
	struct ctx *c;
	struct cli *cli;
	const struct config *cfg;
	struct url url;			/* of the site as it is asked: --url, or site_url */
	bool reached;			/* a request through the front server was answered by this site */
	bool running;			/* the program runs, as far as can be seen without asking it */
	bool unit;			/* systemd has a unit for it */
	bool mute;			/* starpunk-fetch does not work: nobody can be asked */
	pid_t pid;			/* of the running program; 0: not known */
	bool replaced, looked_inside;	/* its file was replaced; it could be looked at as root */
	enum doctor_front front;	/* what calls itself so */
	struct doctor_watch watch;
	struct doctor_finding list[DOCTOR_FINDINGS_MAX];
	struct doctor_finding *last;	/* the newest; NULL: there is none, or no room for it */
	size_t n;
	size_t count[DOCTOR_LEVEL__MAX];
};

/* Adds a finding; several of one check stand below each other. A level of OK needs no remedy. */
void doctor_find(struct doctor *d, enum doctor_check check, enum doctor_level level,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same of a failure in c, which is cleared. */
void doctor_find_error(struct doctor *d, enum doctor_check check, enum doctor_level level);

/*
 * All findings: what is wrong first, in the order of the table. For people, in colour if asked for, and what is well
 * as mere names unless all is wanted; or as JSON. c is whose memory and errors are used.
 */
void doctor_text(struct ctx *c, const struct doctor *d, bool colour, bool all, struct buf *out);
MUST enum err doctor_json(struct ctx *c, const struct doctor *d, struct buf *out);

/* ---- what to do then ---------------------------------------------------------------------- */

/* What to do about the last finding, where that is not what is said of its check; text is not copied. */
void doctor_say(struct doctor *d, const char *remedy);

/* Adds a line that can be pasted to the last finding. */
void doctor_try(struct doctor *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, with what starts, restarts and reloads the site here, or shows why it ended. */
void doctor_try_start(struct doctor *d);
void doctor_try_restart(struct doctor *d);
void doctor_try_reload(struct doctor *d);
void doctor_try_log(struct doctor *d);

/* The same, with what shows which programs have the database open. */
void doctor_try_openers(struct doctor *d);

/* Words for such lines: quoted if need be; how this program is called; "user:group" of the site. */
const char *doctor_word(struct doctor *d, const char *word);
const char *doctor_program_word(struct doctor *d);
const char *doctor_owner(struct doctor *d);

/* Takes note of which front server it is, by what it calls itself ("Apache/2.4"). */
void doctor_front_is(struct doctor *d, struct str name);
const char *doctor_front_name(const struct doctor *d);

/* What its processes are called, or begin with ("apache2"); NULL: not known. */
const char *doctor_front_process(const struct doctor *d);

/* The users that it may run as, the likeliest first. */
const char *doctor_front_users(const struct doctor *d);

/* What to do about a finding, and the lines that can be pasted. */
void doctor_remedy(const struct doctor *d, const struct doctor_finding *f, struct buf *remedy,
	struct buf *paste);

/* Of the row: what to do, whatever the front server; and its name. */
const char *doctor_row_remedy(enum doctor_check check);
const char *doctor_check_name(enum doctor_check check);

/* ---- that it ends ------------------------------------------------------------------------ */

/*
 * Starts the watch. When something is looked at for longer than it may be, a disk that does not answer, say,
 * that becomes a finding, and hung() is called in the watch's thread, with a context of its own; it does not return.
 */
MUST enum err doctor_watch_start(struct doctor *d, bool shown, void (*hung)(struct doctor *d, struct ctx *c));
void doctor_watch_end(struct doctor *d);

enum { DOCTOR_SHORT = 10, DOCTOR_LONG = 30 };	/* seconds; more than what bounds itself takes */

/* From now on this is looked at, for at most so many seconds. */
void doctor_look(struct doctor *d, enum doctor_check check, int seconds);

/* ---- what is looked at ------------------------------------------------------------------- */

/* What needs no configuration. */
void doctor_system(struct doctor *d);

/* Whether the running program's file has been replaced: for root to see, so while we are root. */
void doctor_executable(struct doctor *d);

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

/* TLS that failed; and of what was reached, its certificate and whether http leads there. */
void doctor_certificate_refused(struct doctor *d, struct str why);
void doctor_https(struct doctor *d, struct str certificate_end);

/* ---- asking ------------------------------------------------------------------------------ */

struct doctor_answer {
	enum fetch_problem problem;	/* FETCH_OK: there is an answer */
	struct str detail;
	int status;
	struct str type, location, date, server, certificate_end;
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
