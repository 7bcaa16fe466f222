/*
 * Kernel, libraries, clock, helpers, service manager.
 */
#include "app/doctor.h"

#include "base/time.h"
#include "core/helper.h"
#include "core/landlock.h"
#include "core/sight.h"
#include "store/db.h"

#include <signal.h>
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
	if (note)
		doctor_try(d, "apt-get install --only-upgrade libsqlite3-0");
}

static void
kernel_look(struct doctor *d)
{
	if (sight_works())
		doctor_find(d, DOCTOR_KERNEL, DOCTOR_OK, "Landlock %d", landlock_version());
	else
		doctor_find(d, DOCTOR_KERNEL, DOCTOR_NOTE, "this kernel has no Landlock that would do (version %d)",
			landlock_version());
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
	if (d->last->level != DOCTOR_OK)
		doctor_try(d, "timedatectl set-ntp true");
}

void
doctor_system(struct doctor *d)
{
	doctor_look(d, DOCTOR_SQLITE, DOCTOR_SHORT);
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

/* "probe" does what its jail forbids, and dies of it. True: all is well. */
static bool
helper_look(struct doctor *d, const char *name, const char *path)
{
	enum { NO_JAIL = 4 };
	struct helper h = {.name = name, .path = path, .arguments = {"probe"}};
	struct helper_end end = {.status = -1};
	const char *file = NULL;
	bool ran = run(d, &h, &end), good = ran && end.signal == SIGSYS;

	if (!ran)
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_ERROR, "%s: %s", name,
			d->c->err.detail[0] ? d->c->err.detail : "it does not end, and was killed");
	else if (end.status == NO_JAIL)
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_ERROR, "%s cannot lock itself up here", name);
	else if (!good)
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_WARNING, "%s ended with %d and not as it should",
			name, end.signal ? end.signal : end.status);
	else
		doctor_find(d, DOCTOR_HELPERS, DOCTOR_OK, "%s starts and locks itself up", name);
	err_clear(d->c);
	if (!good && helper_find(d->c, name, path, &file) == OK && file)
		doctor_try(d, "timeout 5 %s probe; echo $?", doctor_word(d, file));
	err_clear(d->c);
	return ran && end.status != NO_JAIL;
}

void
doctor_helpers(struct doctor *d)
{
	doctor_look(d, DOCTOR_HELPERS, DOCTOR_LONG);
	(void)helper_look(d, "starpunk-media", d->cfg->media_helper);
	if (!d->cfg->sandbox) {
		doctor_find(d, DOCTOR_KERNEL, DOCTOR_NOTE, "sandbox is off: the site's processes see all files that its user may");
		doctor_say(d, "Unless there is a reason for it, this line of the configuration; then restart the site.");
		doctor_try(d, "sandbox = on");
	}
	d->mute = !helper_look(d, "starpunk-fetch", d->cfg->fetch_helper);
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

/* What is not active, and what is to be done. */
static void
inactive(struct doctor *d, struct str lines, struct str state)
{
	struct str result = property(lines, S("Result")), status = property(lines, S("ExecMainStatus"));

	doctor_find(d, DOCTOR_SERVICE, DOCTOR_ERROR, "the unit is %.*s (%.*s, exit status %.*s)", STR(state),
		STR(result), STR(status));
	doctor_try(d, "journalctl -u starpunk -n 20 --no-pager");
	doctor_try(d, "systemctl restart starpunk.service");
}

/* That the unit changes nothing now, but will. */
static void
later_look(struct doctor *d, struct str lines)
{
	if (str_eq(property(lines, S("UnitFileState")), S("disabled"))) {
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_WARNING, "it does not start with the machine");
		doctor_try(d, "systemctl enable starpunk.socket starpunk.service");
	}
	if (str_eq(property(lines, S("NeedDaemonReload")), S("yes"))) {
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_WARNING,
			"the unit's file has been changed, and systemd has not read it");
		doctor_try(d, "systemctl daemon-reload && systemctl restart starpunk.service");
	}
}

/* A unit that is not active is only wrong if the site does not run otherwise. */
static void
unit_judge(struct doctor *d, struct str lines)
{
	struct str state = property(lines, S("ActiveState")), load = property(lines, S("LoadState"));
	struct str restarts = property(lines, S("NRestarts"));
	bool active = str_eq(state, S("active")) || str_eq(state, S("reloading"));

	if (str_empty(load) || str_eq(load, S("not-found")))
		return;
	if (!str_eq(load, S("loaded"))) {
		doctor_find(d, DOCTOR_SERVICE, d->running ? DOCTOR_WARNING : DOCTOR_ERROR,
			"the unit is %.*s, and systemd cannot start it", STR(load));
		doctor_try(d, str_eq(load, S("masked")) ? "systemctl unmask starpunk.service"
							: "systemd-analyze verify starpunk.service");
		return;
	}
	if (!active && d->running) {
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_NOTE,
			"the unit is %.*s; the program was started in another way", STR(state));
		doctor_try(d, "systemctl status starpunk.service --no-pager");
		return;
	}
	if (!active) {
		inactive(d, lines, state);
	} else if (!str_empty(restarts) && !str_eq(restarts, S("0"))) {
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_WARNING,
			"active, but it had to be restarted %.*s times", STR(restarts));
		doctor_try(d, "journalctl -u starpunk -n 200 --no-pager | grep -iE 'systemd|error|critical'");
	} else {
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_OK, "active");
	}
	later_look(d, lines);
}

/* Where there is no systemd, systemctl says so at once, or is not there. */
void
doctor_service(struct doctor *d)
{
	struct helper h = {.name = "systemctl",
		.arguments = {"show", "starpunk.service",
			"--property=LoadState,ActiveState,NRestarts,Result,ExecMainStatus,UnitFileState,NeedDaemonReload"}};
	struct helper_end end;

	doctor_look(d, DOCTOR_SERVICE, DOCTOR_SHORT);
	if (helper_in_path(d->c, h.name, &h.path) != OK || !h.path) {
		err_clear(d->c);
		return;
	}
	if (!run(d, &h, &end)) {
		doctor_find(d, DOCTOR_SERVICE, DOCTOR_WARNING, "%s does not answer", h.path);
		doctor_try(d, "systemctl status starpunk.service --no-pager");
	} else if (end.status == 0) {
		d->unit = str_eq(property(str_z(h.answer), S("LoadState")), S("loaded"));
		unit_judge(d, str_z(h.answer));
	}
	err_clear(d->c);
}
