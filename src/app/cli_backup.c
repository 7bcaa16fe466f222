/*
 * `starpunk backup`, `starpunk backup verify` and `starpunk restore`. The work is the domain's; here is
 * who asks and who is asked. INT, TERM and QUIT, and HUP of a terminal that is gone, end the work where it
 * is, so that nothing is left behind.
 */
#include "app/cli.h"

#include "core/config.h"
#include "core/folder.h"
#include "core/proc.h"
#include "domain/backup.h"
#include "text/json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ANSWER_MAX = 16, SCRATCH_TRIES = 8 };

#define SCRATCH_FOLDER "/var/tmp"
#define SCRATCH_NAME "starpunk-verify-"
#define SCRATCH SCRATCH_FOLDER "/" SCRATCH_NAME "XXXXXX"

/* ---- waiting ----------------------------------------------------------------------------- */

struct waiting {
	int signal_fd;
	bool bar;
	int percent; /* shown last */
};

static bool
go_on(void *self, int64_t done, int64_t all)
{
	struct waiting *w = self;
	int percent = all > 0 ? (int)((double)done * 100 / (double)all) : 0;

	if (w->bar && percent != w->percent && percent <= 100)
		cli_bar(done, all);
	w->percent = percent;
	return proc_signal_next(w->signal_fd, NULL) == 0;
}

static enum err
waiting_begin(struct ctx *c, const struct cli *cli, struct waiting *w)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	*w = (struct waiting){.signal_fd = -1, .bar = cli_bar_wanted(cli), .percent = -1};
	proc_signal_ignore_pipe();
	return proc_signal_block_and_fd(c, signals, sizeof(signals) / sizeof(signals[0]),
		&w->signal_fd);
}

static void
waiting_end(struct cli *cli, struct waiting *w, enum err err)
{
	if (w->bar && w->percent >= 0)
		cli_bar_end();
	if (w->signal_fd >= 0)
		(void)close(w->signal_fd);
	if (err == ERR_TIMEOUT)
		cli->remedy = "It was told to stop, and has left nothing behind.";
}

/* ---- what is said ------------------------------------------------------------------------ */

static enum err
put_json(struct ctx *c, const char *what, const struct backup_report *r, struct str kept, FILE *to)
{
	struct json *o = NULL;
	struct buf b;
	struct str text;
	enum err err = json_object(c, &o);

	buf_init(&b, &c->arena, CLI_TEXT_MAX);
	if (!err)
		err = json_set_bool(c, o, str_z(what), true);
	if (!err)
		err = json_set_str(c, o, S("site_url"), r->site_url);
	if (!err)
		err = json_set_str(c, o, S("program"), r->program);
	if (!err)
		err = json_set_str(c, o, S("created"), cli_moment(c, r->created));
	if (!err)
		err = json_set_int(c, o, S("schema"), r->schema);
	if (!err)
		err = json_set_int(c, o, S("files"), r->files);
	if (!err)
		err = json_set_int(c, o, S("bytes"), r->bytes);
	if (!err)
		err = json_set_int(c, o, S("database_bytes"), r->database_bytes);
	if (!err)
		err = json_set_int(c, o, S("missing"), r->missing);
	if (!err)
		err = json_set_int(c, o, S("deleted"), r->deleted);
	if (!err && str_eq(str_z(what), S("restored")))
		err = json_set_bool(c, o, S("finished"), r->finished);
	if (!err && kept.n > 0)
		err = json_set_str(c, o, S("kept"), kept);
	if (!err)
		err = cli_put_json(c, o, &b);
	if (!err)
		err = buf_end(c, &b, &text);
	if (!err && (fwrite(text.p, 1, text.n, to) != text.n || fflush(to) != 0))
		err = err_raise(c, ERR_IO, "printing: %s", strerror(errno));
	return err;
}

/* Standard output may be the backup itself. */
static void
tell(FILE *to, const char *what, const struct backup_report *r)
{
	(void)fprintf(to, "%s: database %.1f MB, schema %d; %lld files, %.1f MB\n", what,
		(double)r->database_bytes / 1e6, r->schema, (long long)r->files,
		(double)r->bytes / 1e6);
	if (r->missing > 0)
		(void)fprintf(stderr, "%lld files had been lost before it was made; see 'starpunk check'.\n",
			(long long)r->missing);
	if (r->deleted > 0)
		(void)fprintf(stderr, "%lld files were deleted by the site while it was made, and are not in it.\n",
			(long long)r->deleted);
}

static enum err
operand_path(struct ctx *c, const struct cli *cli, struct str *out)
{
	if (cli->operands[0].n == 0 || cli->operands[0].n >= PATH_MAX)
		return err_raise(c, ERR_USAGE, "FILE is no path");
	return ctx_str(c, cli->operands[0], out);
}

/* ---- backup ------------------------------------------------------------------------------ */

static void
backup_remedy(struct cli *cli, enum err err)
{
	if (err == ERR_EXISTS && !cli->remedy)
		cli->remedy = "Choose another name, or replace the file with --force.";
	if (err == ERR_USAGE && !cli->remedy)
		cli->remedy = "Choose a folder that is for backups alone, such as /var/backups/starpunk.";
	if (err == ERR_IO && !cli->remedy)
		cli->remedy = "The folder must be one that the site's user may write to:\n"
			      "  install -d -o starpunk -g starpunk -m 700 /var/backups/starpunk";
}

static void
reading_remedy(struct cli *cli, enum err err)
{
	if (err == ERR_IO && !cli->remedy)
		cli->remedy = "The file must be one that the site's user may read.";
}

enum err
cli_backup(struct ctx *c, struct cli *cli)
{
	struct backup_report report = {0};
	struct waiting w = {.signal_fd = -1};
	struct backup_watch watch = {go_on, &w};
	struct str path;
	FILE *to;
	enum err err = operand_path(c, cli, &path);

	if (err)
		return err;
	to = str_eq(path, S("-")) ? stderr : stdout;
	if (to == stderr && isatty(STDOUT_FILENO) == 1)
		return err_raise(c, ERR_USAGE, "standard output is a terminal: a backup is for a file");
	err = cli_config(c, cli);
	if (!err)
		err = cli_database_exists(c, cli);
	if (!err)
		err = cli_settle(c, cli);
	if (!err)
		err = waiting_begin(c, cli, &w);
	if (!err)
		err = backup_make(c, path.p, cli_flag(cli, S("--force")), &watch, &report);
	waiting_end(cli, &w, err);
	if (err == ERR_IO && to == stderr)
		cli->remedy = "What the backup is written to must take all of it.";
	if (err) {
		backup_remedy(cli, err);
		return err;
	}
	if (cli_flag(cli, S("--json")))
		return put_json(c, "made", &report, S(""), to);
	tell(to, "backup made", &report);
	return OK;
}

/* ---- backup verify ----------------------------------------------------------------------- */

/* Where the database out of a backup is looked at, with all that is secret in it. */
struct scratch {
	char path[sizeof(SCRATCH)];
	int lock; /* of the folder itself: who has it is at work there */
};

/* Takes the lock of a folder of ours. False: it is another one's, or somebody is at work there. */
static bool
scratch_lock(const char *path, int *lock)
{
	struct stat st;

	*lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) == 0 && fstat(*lock, &st) == 0 &&
		st.st_uid == geteuid() && st.st_nlink > 0)
		return true;
	if (*lock >= 0)
		(void)close(*lock);
	*lock = -1;
	return false;
}

/* Removes what one that was killed has left behind. */
static enum err
scratch_clear(struct ctx *c)
{
	DIR *dir = opendir(SCRATCH_FOLDER);
	struct dirent *e;
	enum err err = OK;

	while (!err && dir && (e = readdir(dir)) != NULL) {
		struct str path;
		int lock;

		if (!str_starts(str_z(e->d_name), S(SCRATCH_NAME)))
			continue;
		err = ctx_printf(c, &path, SCRATCH_FOLDER "/%s", e->d_name);
		if (err || !scratch_lock(path.p, &lock))
			continue;
		err = folder_remove(c, path.p);
		(void)close(lock);
	}
	if (dir)
		(void)closedir(dir);
	return err;
}

static enum err
scratch_open(struct ctx *c, struct scratch *s)
{
	enum err err = scratch_clear(c);

	/* Another one may take it for left behind before we have locked it. */
	for (int i = 0; !err && s->lock < 0 && i < SCRATCH_TRIES; i++) {
		(void)snprintf(s->path, sizeof(s->path), "%s", SCRATCH);
		if (!mkdtemp(s->path))
			err = err_raise(c, ERR_IO, SCRATCH ": %s", strerror(errno));
		else
			(void)scratch_lock(s->path, &s->lock);
	}
	if (!err && s->lock < 0)
		err = err_raise(c, ERR_IO, "%s: somebody else removes it", s->path);
	return err;
}

/*
 * Whoever has a backup can look whether it is one, on any machine: a configuration says no more than whose
 * user reads it. One that is named has to be there.
 */
static enum err
verify_settle(struct ctx *c, struct cli *cli, const char *path)
{
	enum err err;

	if (strcmp(cli->file, config_default_file()) == 0 && access(cli->file, F_OK) != 0 &&
		errno == ENOENT)
		return cli_settle_alone(c, cli, path);
	err = cli_config(c, cli);
	return err ? err : cli_settle(c, cli);
}

enum err
cli_backup_verify(struct ctx *c, struct cli *cli)
{
	struct backup_report report = {0};
	struct scratch scratch = {.lock = -1};
	struct waiting w = {.signal_fd = -1};
	struct backup_watch watch = {go_on, &w};
	struct str path;
	enum err err = operand_path(c, cli, &path);

	if (!err)
		err = verify_settle(c, cli, path.p);
	if (!err)
		err = waiting_begin(c, cli, &w);
	if (!err)
		err = scratch_open(c, &scratch);
	if (!err)
		err = backup_verify(c, path.p, scratch.path, &watch, &report);
	if (scratch.lock >= 0)
		(void)close(scratch.lock);
	waiting_end(cli, &w, err);
	reading_remedy(cli, err);
	if (err)
		return err;
	if (cli_flag(cli, S("--json")))
		return put_json(c, "good", &report, S(""), stdout);
	tell(stdout, "backup good", &report);
	return OK;
}

/* ---- restore ----------------------------------------------------------------------------- */

/* On a terminal the owner is asked; elsewhere --yes has been given. */
static enum err
confirm(struct ctx *c, struct cli *cli, const char *question)
{
	char answer[ANSWER_MAX] = "";

	if (cli_flag(cli, S("--yes")))
		return OK;
	if (isatty(STDIN_FILENO) != 1) {
		cli->remedy = "Give --yes if that is meant.";
		return err_raise(c, ERR_USAGE, "%s Nobody is there to be asked", question);
	}
	(void)fprintf(stderr, "%s [yes/no] ", question);
	(void)fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) && str_eqi(str_trim(str_z(answer)), S("yes")))
		return OK;
	cli->remedy = "Nothing was changed.";
	return err_raise(c, ERR_USAGE, "not confirmed");
}

static enum err
ask(struct ctx *c, struct cli *cli, const char *path)
{
	bool over = access(cli->cfg->database_path, F_OK) == 0;
	struct backup_report about = {0};
	struct str question, when;
	enum err err = backup_look(c, path, &about);

	if (err == ERR_DB_SCHEMA || err == ERR_IO)
		return err;
	/* A bare database says nothing of itself; whether it is one is seen later. */
	err_clear(c);
	when = about.created ? cli_moment(c, about.created) : S("an unknown time");
	if (about.site_url.n > 0 && !str_eq(about.site_url, str_z(cli->cfg->site_url)))
		(void)fprintf(stderr, "Note: the backup is of %.*s and this site is %s.\n",
			STR(about.site_url), cli->cfg->site_url);
	err = ctx_printf(c, &question, "The site at %s becomes what it was at %.*s%s.",
		cli->cfg->database_path, STR(when), over ? "; what is there is kept aside" : "");
	return err ? err : confirm(c, cli, question.p);
}

static void
interrupted_remedy(struct ctx *c, struct cli *cli, enum err err)
{
	if (err && cli->cfg && backup_restore_pending(c))
		cli->remedy = "It stopped between two sites, and none can start: see to the cause and run it again.";
}

static enum err
kept_tell(struct ctx *c, const struct cli *cli, struct str *kept)
{
	enum err err = ctx_printf(c, kept, "%s.before-restore", cli->cfg->database_path);

	if (!err && access(kept->p, F_OK) != 0)
		*kept = S("");
	return err;
}

/* Whatever comes is left pending: from the first rename on there is no way but forward, and it is short. */
static enum err
undo(struct ctx *c, struct cli *cli)
{
	struct waiting w = {.signal_fd = -1};
	enum err err;

	if (cli->n_operands > 0)
		return err_raise(c, ERR_USAGE, "--undo takes no FILE");
	err = cli_config(c, cli);
	if (!err)
		err = cli_settle(c, cli);
	if (!err)
		err = confirm(c, cli, "The site becomes what it was before the last restore.");
	if (!err)
		err = waiting_begin(c, cli, &w);
	if (!err)
		err = backup_restore_undo(c);
	waiting_end(cli, &w, err);
	interrupted_remedy(c, cli, err);
	if (!err)
		(void)fputs("The site is what it was before; 'starpunk restore --undo' changes them again.\n",
			stderr);
	return err;
}

static enum err
restore_run(struct ctx *c, struct cli *cli, const char *path, struct backup_report *report)
{
	struct waiting w = {.signal_fd = -1};
	struct backup_watch watch = {go_on, &w};
	enum err err = waiting_begin(c, cli, &w);

	if (!err)
		err = backup_restore(c, path, &watch, report);
	waiting_end(cli, &w, err);
	if (err == ERR_DISK_FULL)
		cli->remedy = "Nothing was changed. A restore makes everything ready beside what is there; what an earlier one\n"
			      "has kept (.before-restore) may be removed.";
	interrupted_remedy(c, cli, err);
	if (err == ERR_EXISTS && !cli->remedy)
		cli->remedy = "Nothing else was done. If that site is not needed any more, run this once more.";
	return err;
}

enum err
cli_restore(struct ctx *c, struct cli *cli)
{
	struct backup_report report = {0};
	struct str path, kept = S("");
	enum err err;

	if (cli_flag(cli, S("--undo")))
		return undo(c, cli);
	err = cli->n_operands == 0 ? err_raise(c, ERR_USAGE, "'restore' needs FILE, or --undo") :
		operand_path(c, cli, &path);
	if (!err)
		err = cli_config(c, cli);
	if (!err)
		err = cli_settle(c, cli);
	if (!err)
		err = ask(c, cli, path.p);
	if (!err)
		err = restore_run(c, cli, path.p, &report);
	if (!err)
		err = kept_tell(c, cli, &kept);
	reading_remedy(cli, err);
	if (err)
		return err;
	if (cli_flag(cli, S("--json")))
		return put_json(c, "restored", &report, kept, stdout);
	if (report.finished)
		(void)puts("restored: what had been interrupted is finished");
	else
		tell(stdout, "restored", &report);
	if (kept.n > 0)
		(void)fprintf(stderr, "What was there is kept as %.*s and in %s/.before-restore;\n"
			"'starpunk restore --undo' brings it back. Remove it when it is not needed.\n",
			STR(kept), cli->cfg->media_path);
	return OK;
}
