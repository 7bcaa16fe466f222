/*
 * Kernel, libraries, clock, helpers, service manager.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/helper.h"
#include "store/db.h"

#include <linux/landlock.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

enum {
	ANSWER_MAX = 4096,
	LONGEST_US = 5 * 1000 * 1000,
	YEAR_2026 = 1767225600	/* seconds; no clock that is right is before it */
};

static void
sqlite_look(struct doctor *d)
{
	const char *note = db_engine_note();

	doctor_find(d, DOCTOR_SQLITE, note ? DOCTOR_NOTE : DOCTOR_OK, "%s%s%s", db_engine_version(),
		note ? ": " : "", note ? note : "");
}

/* glibc has no functions for Landlock. */
static void
kernel_look(struct doctor *d)
{
	long version = syscall(
		SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (version > 0)
		doctor_find(d, DOCTOR_KERNEL, DOCTOR_OK, "Landlock %ld", version);
	else
		doctor_find(d, DOCTOR_KERNEL, DOCTOR_NOTE, "this kernel has no Landlock");
}

static void
clock_look(struct doctor *d)
{
	struct timex t = {.modes = 0};
	int state = adjtimex(&t);

	if (d->c->now_us / 1000000 < YEAR_2026)
		doctor_find(d, DOCTOR_CLOCK, DOCTOR_ERROR, "it shows a day before 2026");
	else if (state < 0)
		doctor_find(d, DOCTOR_CLOCK, DOCTOR_NOTE, "the kernel does not say whether it is kept by NTP");
	else if (state == TIME_ERROR || t.status & STA_UNSYNC)
		doctor_find(d, DOCTOR_CLOCK, DOCTOR_NOTE, "nobody keeps it by NTP, as far as the kernel knows");
	else
		doctor_find(d, DOCTOR_CLOCK, DOCTOR_OK, "kept by NTP");
}

void
doctor_system(struct doctor *d)
{
	sqlite_look(d);
	kernel_look(d);
	clock_look(d);
}

/* ---- programs ---------------------------------------------------------------------------- */

/* Runs a program; false: it cannot be started, or was not done in time. */
static bool
run(struct doctor *d, struct helper *h, struct helper_end *end)
{
	h->failure = ERR_IO;
	h->in_fd = h->out_fd = -1;
	h->until_us = time_mono_us() + LONGEST_US;
	h->answer = ctx_alloc(d->c, ANSWER_MAX);
	h->answer_room = ANSWER_MAX;
	return h->answer && helper_run(d->c, h, end) == OK && end->in_time;
}

/* "probe" does what its jail forbids, and dies of it. */
static void
helper_look(struct doctor *d, const char *name, const char *path)
{
	enum { NO_JAIL = 4 };
	struct helper h = {.name = name, .path = path, .arguments = {"probe"}};
	struct helper_end end;

	if (!run(d, &h, &end))
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_ERROR, "%s: %s", name,
			d->c->err.detail[0] ? d->c->err.detail : "it does not end");
	else if (end.status == NO_JAIL)
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_ERROR, "%s cannot lock itself up here", name);
	else if (end.signal != SIGSYS)
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_WARNING, "%s ended with %d and not as it should",
			name, end.signal ? end.signal : end.status);
	else
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_OK, "%s starts and locks itself up", name);
	err_clear(d->c);
}

void
doctor_helpers(struct doctor *d)
{
	helper_look(d, "starpunk-media", d->cfg->media_helper);
	helper_look(d, "starpunk-fetch", d->cfg->fetch_helper);
}

/* ---- systemd ----------------------------------------------------------------------------- */

/* "ActiveState" of lines "Name=value"; empty if it is not there. */
static struct str
property(struct str lines, struct str name)
{
	while (lines.p) {
		struct str value = str_cut(&lines, '\n');

		if (str_eq(str_cut(&value, '='), name))
			return value;
	}
	return S("");
}

/* A unit that is not active is only wrong if the site does not run otherwise. */
static void
unit_judge(struct doctor *d, struct str lines)
{
	struct str state = property(lines, S("ActiveState"));
	struct str restarts = property(lines, S("NRestarts"));
	bool active = str_eq(state, S("active")) || str_eq(state, S("reloading"));

	if (!str_eq(property(lines, S("LoadState")), S("loaded")))
		return;
	if (!active && d->running)
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_NOTE,
			"the unit is %.*s; the program was started in another way", STR(state));
	else if (!active)
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_ERROR, "the unit is %.*s (%.*s)", STR(state),
			STR(property(lines, S("Result"))));
	else if (!str_empty(restarts) && !str_eq(restarts, S("0")))
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_WARNING,
			"active, but it had to be restarted %.*s times", STR(restarts));
	else
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_OK, "active");
}

void
doctor_service(struct doctor *d)
{
	struct helper h = {.name = "systemctl", .path = "/usr/bin/systemctl",
		.arguments = {"show", "starpunk.service",
			"--property=LoadState,ActiveState,NRestarts,Result"}};
	struct helper_end end;

	if (access("/run/systemd/system", F_OK) == 0 && access(h.path, X_OK) == 0 &&
		run(d, &h, &end) && end.status == 0)
		unit_judge(d, str_z(h.answer));
	err_clear(d->c);
}
