/*
 * What to do about a finding: sentences out of the tables, and below them what can be pasted as it
 * stands, made of this site's own paths, user, unit and front server.
 */
#include "app/doctor.h"

#include "core/helper.h"

#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASTE_MAX = 8192, MIB = 1024 * 1024, ACCOUNT_BYTES = 16 * 1024 };

static const struct {
	const char *name, *known_by, *users, *shipped, *copy, *reload;
} fronts[DOCTOR_FRONT__MAX] = {
#define FRONT(sym, name, known_by, users, shipped, copy, reload) \
	[DOCTOR_FRONT_##sym] = {name, known_by, users, shipped, copy, reload},
#define MEND(...)
#include "tables/fronts.def"
#undef FRONT
#undef MEND
};

static const struct {
	enum doctor_check check;
	enum doctor_front front;
	const char *remedy, *line;
} mends[] = {
#define FRONT(...)
#define MEND(check, front, remedy, line) {DOCTOR_##check, DOCTOR_FRONT_##front, remedy, line},
#include "tables/fronts.def"
#undef FRONT
#undef MEND
};

/* ---- the front server -------------------------------------------------------------------- */

void
doctor_front_is(struct doctor *d, struct str name)
{
	char word[64];
	size_t n = name.n < sizeof(word) - 1 ? name.n : sizeof(word) - 1;

	for (size_t i = 0; i < n; i++)
		word[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] + 'a' - 'A' : name.p[i]);
	for (int i = DOCTOR_FRONT_NONE + 1; i < DOCTOR_FRONT__MAX; i++)
		if (str_search(str_n(word, n), str_z(fronts[i].known_by), 0) < n)
			d->front = (enum doctor_front)i;
}

const char *
doctor_front_name(const struct doctor *d)
{
	return d->front == DOCTOR_FRONT_NONE ? "the front server" : fronts[d->front].name;
}

const char *
doctor_front_process(const struct doctor *d)
{
	return d->front == DOCTOR_FRONT_NONE ? NULL : fronts[d->front].known_by;
}

const char *
doctor_front_users(const struct doctor *d)
{
	return d->front == DOCTOR_FRONT_NONE ? "www-data nginx apache lighttpd caddy http"
					     : fronts[d->front].users;
}

/* ---- what can be pasted ------------------------------------------------------------------ */

/* Appends a line to what can be pasted for the last finding. */
static void
put_line(struct doctor *d, struct str line)
{
	struct doctor_finding *f = d->last;
	struct str all;

	if (!f)
		return;
	if (ctx_printf(d->c, &all, "%.*s%s%.*s", STR(f->paste), f->paste.n ? "\n" : "", STR(line)) == OK)
		f->paste = all;
	err_clear(d->c);
}

void
doctor_say(struct doctor *d, const char *remedy)
{
	if (d->last)
		d->last->remedy = remedy;
}

void
doctor_try(struct doctor *d, const char *format, ...)
{
	char text[PASTE_MAX];
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	put_line(d, str_z(text));
}

/* A word for a shell, in quotes only if it needs some. */
const char *
doctor_word(struct doctor *d, const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%,=";
	struct buf b;
	struct str out;

	if (word[0] != '\0' && strspn(word, plain) == strlen(word))
		return word;
	buf_init(&b, &d->c->arena, PASTE_MAX);
	buf_putc(&b, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			buf_puts(&b, "'\\'");
		buf_putc(&b, *word);
	}
	buf_putc(&b, '\'');
	if (buf_end(d->c, &b, &out) != OK || ctx_str(d->c, out, &out) != OK) {
		err_clear(d->c);
		return "?";
	}
	return out.p;
}

/* True if the shell finds this very program by its name. */
static bool
is_in_path(struct doctor *d)
{
	const char *found;
	struct stat a, b;

	return helper_in_path(d->c, "starpunk", &found) == OK && found && stat(found, &a) == 0 &&
		stat("/proc/self/exe", &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* "starpunk", or in full where the shell would not find it; with --config where it is needed. */
const char *
doctor_program_word(struct doctor *d)
{
	char self[PASTE_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *program = "starpunk";
	struct str out;

	self[n > 0 ? n : 0] = '\0';
	if (n > 0 && !is_in_path(d))
		program = doctor_word(d, self);
	if (strcmp(d->cli->file, SP_SYSCONFDIR "/starpunk.conf") == 0)
		return ctx_str(d->c, str_z(program), &out) == OK ? out.p : "starpunk";
	if (ctx_printf(d->c, &out, "%s --config %s", program, doctor_word(d, d->cli->file)) != OK)
		return "starpunk";
	return out.p;
}

/* "starpunk:starpunk": the site's user and its group, whom we have become. */
const char *
doctor_owner(struct doctor *d)
{
	struct passwd pw, *user = NULL;
	struct group gr, *group = NULL;
	char *users = ctx_alloc(d->c, ACCOUNT_BYTES), *groups = ctx_alloc(d->c, ACCOUNT_BYTES);
	struct str out;
	enum err err;

	if (!users || !groups)
		return "starpunk:starpunk";
	if (getpwuid_r(geteuid(), &pw, users, ACCOUNT_BYTES, &user) == 0 && user &&
		getgrgid_r(user->pw_gid, &gr, groups, ACCOUNT_BYTES, &group) == 0 && group)
		err = ctx_printf(d->c, &out, "%s:%s", user->pw_name, group->gr_name);
	else
		err = ctx_printf(d->c, &out, "%u:%u", (unsigned)geteuid(), (unsigned)getegid());
	return err ? "starpunk:starpunk" : out.p;
}

void
doctor_try_start(struct doctor *d)
{
	if (d->unit)
		doctor_try(d, "systemctl start starpunk.socket starpunk.service");
	else
		doctor_try(d, "%s serve", doctor_program_word(d));
}

void
doctor_try_restart(struct doctor *d)
{
	if (d->unit)
		doctor_try(d, "systemctl restart starpunk.service");
	else if (d->pid > 0)
		doctor_try(d, "kill %d; tail --pid=%d -f /dev/null; %s serve", (int)d->pid, (int)d->pid,
			doctor_program_word(d));
	else
		doctor_try(d, "%s serve", doctor_program_word(d));
}

void
doctor_try_reload(struct doctor *d)
{
	if (d->unit)
		doctor_try(d, "systemctl reload starpunk.service");
	else if (d->pid > 0)
		doctor_try(d, "kill -HUP %d", (int)d->pid);
}

void
doctor_try_log(struct doctor *d)
{
	if (d->cfg->log_file[0] != '\0')
		doctor_try(d, "%s log --level error --limit 20", doctor_program_word(d));
	else if (d->unit)
		doctor_try(d, "journalctl -u starpunk -n 200 -o cat --no-pager | %s log - --level error",
			doctor_program_word(d));
}

void
doctor_try_openers(struct doctor *d)
{
	struct str pattern;

	if (ctx_printf(d->c, &pattern, "%s*", d->cfg->database_path) == OK)
		doctor_try(d, "ps -fp \"$(find /proc/[0-9]*/fd -lname %s 2>/dev/null | cut -d/ -f3 | sort -u | paste -sd,)\"",
			doctor_word(d, pattern.p));
	err_clear(d->c);
}

/* ---- the front server's lines ------------------------------------------------------------ */

/* What a limit has to be: the setting, and room for what a form puts around it. */
static long long
limit_mib(const struct doctor *d, bool upload)
{
	int64_t bytes = upload ? d->cfg->max_media_size : d->cfg->max_body_size;

	return (bytes + MIB - 1) / MIB + (upload ? 2 : 1);
}

static void
put_value(const struct doctor *d, enum doctor_check check, struct str mark, struct buf *out)
{
	long long mib = limit_mib(d, check == DOCTOR_UPLOAD);

	if (str_eq(mark, S("STATIC")))
		buf_printf(out, "%s/static", d->cfg->share_path);
	else if (str_eq(mark, S("MEDIA")))
		buf_puts(out, d->cfg->media_path);
	else if (str_eq(mark, S("SOCKET")))
		buf_puts(out, d->cfg->listen);
	else if (str_eq(mark, S("HOST")))
		buf_put(out, d->url.host);
	else if (str_eq(mark, S("MIB")))
		buf_printf(out, "%lld", mib);
	else if (str_eq(mark, S("KIB")))
		buf_printf(out, "%lld", mib * 1024);
	else
		buf_printf(out, "%lld", limit_mib(d, str_eq(mark, S("UPLOAD"))) * MIB);
}

/* Replaces what stands between two @. */
static void
put_filled(const struct doctor *d, enum doctor_check check, const char *text, struct buf *out)
{
	struct str rest = str_z(text);

	while (rest.p) {
		buf_put(out, str_cut(&rest, '@'));
		if (rest.p)
			put_value(d, check, str_cut(&rest, '@'), out);
	}
}

/* How the site's file differs from the shipped one, if it is where README has it put, and how it is taken up. */
static void
put_comparison(const struct doctor *d, struct buf *out)
{
	char shipped[PASTE_MAX];

	(void)snprintf(shipped, sizeof(shipped), "%s/examples/%s", d->cfg->share_path,
		fronts[d->front].shipped);
	if (access(shipped, R_OK) != 0 || access(fronts[d->front].copy, R_OK) != 0)
		return;
	buf_printf(out, "\ndiff -u %s %s\n%s", shipped, fronts[d->front].copy, fronts[d->front].reload);
}

static bool
is_of_the_front(enum doctor_check check)
{
	return check == DOCTOR_FRONT || check >= DOCTOR_AUTHORIZATION;
}

void
doctor_remedy(const struct doctor *d, const struct doctor_finding *f, struct buf *remedy, struct buf *paste)
{
	buf_put(paste, f->paste);
	for (size_t i = 0; !f->remedy && str_empty(f->paste) && i < sizeof(mends) / sizeof(mends[0]); i++) {
		if (mends[i].check != f->check || mends[i].front != d->front)
			continue;
		put_filled(d, f->check, mends[i].remedy, remedy);
		put_filled(d, f->check, mends[i].line, paste);
		if (is_of_the_front(f->check))
			put_comparison(d, paste);
		return;
	}
	buf_puts(remedy, f->remedy ? f->remedy : doctor_row_remedy(f->check));
}
