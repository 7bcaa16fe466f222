/*
 * The commands of the program: `starpunk [--config FILE] COMMAND [arguments]`, parsed by the rows
 * of tables/commands.def. Results go to standard output and nothing else does; what went wrong goes
 * to standard error with what to do about it.
 *
 *	exit status	0 done, 1 failed, 2 wrong usage, 3 configuration refused
 */
#ifndef APP_CLI_H
#define APP_CLI_H

#include "base/buf.h"
#include "core/config.h"
#include "core/segment.h"
#include "store/db.h"

enum { CLI_OPTIONS = 8, CLI_OPERANDS = 4, CLI_TEXT_MAX = 1024 * 1024 };

struct cli_command;

/* One call of the program. */
struct cli {
	const struct cli_command *command;
	const char *file;		/* --config, or its default place */
	struct str family;		/* with help and without a command: "token" of "token --help" */
	bool help, version;
	struct pair options[CLI_OPTIONS];	/* given ones: "--name" and value ("": a flag) */
	size_t n_options;
	struct str operands[CLI_OPERANDS];
	size_t n_operands;
	struct config *cfg;		/* after cli_config() */
	struct segment *segment;	/* of the running site; NULL if there is none */
	bool unwell;			/* it was done, and what it found is not good: status 1 */
	const char *remedy;		/* for what failed; NULL: that of the error's row */
};

struct cli_command {
	const char *words;		/* "token create" */
	const char *arguments;		/* "--scope SCOPES [--name TEXT]" */
	enum err (*run)(struct ctx *c, struct cli *cli);
	const char *doc;
};

/* The rows; NULL beyond the last. */
const struct cli_command *cli_command(size_t i);

/* Runs the program; the exit status. */
int cli_main(int argc, char **argv);

/*
 * Finds command, options and operands (argv without the program's name). ERR_USAGE with everything
 * that was mistyped named, and the nearest that exists.
 */
MUST enum err cli_parse(struct ctx *c, struct cli *cli, int argc, char **argv);

/* One argument out of a row: "--name", its value's name (empty: a flag), or an operand's name. */
struct cli_argument {
	struct str name;
	struct str value;
	bool optional;
};

/* The next argument of a row's text; false at its end. */
bool cli_argument_next(struct str *rest, struct cli_argument *out);

/* The tables that `starpunk docs` knows, "config" and so on; NULL beyond the last. */
const char *cli_docs_table(size_t i);

/* What completes the program's command lines in bash: a file for bash-completion. */
void cli_help_bash(struct buf *out);

/* --help of a command, of a family of commands ("token"), or of the program (NULL and ""), in lines of a terminal. */
void cli_help(const struct cli_command *command, struct str family, struct buf *out);

/* The same of all as mdoc, for starpunk(1). */
void cli_help_mdoc(struct buf *out);

/* The checks of `starpunk doctor`, for starpunk(1); format "mdoc". */
void doctor_docs(const char *format, struct buf *out);

/* ---- for the commands -------------------------------------------------------------------- */

/* The value of an option; p NULL if it was not given. */
struct str cli_option(const struct cli *cli, struct str name);
bool cli_flag(const struct cli *cli, struct str name);

/* Loads the configuration into cli->cfg and c->cfg, sets the zone. ERR_CONFIG: told. */
MUST enum err cli_config(struct ctx *c, struct cli *cli);

/* ERR_DB_SCHEMA, with the remedy, if a restore of the site was interrupted. */
MUST enum err cli_no_restore(struct ctx *c, struct cli *cli);

/* The same, and if the configuration's database is not there. */
MUST enum err cli_database_exists(struct ctx *c, struct cli *cli);

/*
 * Becomes, if root, the user that the site's files belong to: `user`, or the owner of the database
 * or of its directory. Files that a command makes would else be in the site's way. Then opens the
 * log: the site's own, where that is a file, or warnings to standard error.
 */
MUST enum err cli_settle(struct ctx *c, struct cli *cli);

/* The same for work on one file that needs no site and no configuration: as the owner of that file. */
MUST enum err cli_settle_alone(struct ctx *c, struct cli *cli, const char *path);

/* The directory of a path; arena of c. */
const char *cli_parent(struct ctx *c, const char *path);

/* Prints the problems that err, of config_load() or config_check(), was raised for; returns err. */
MUST enum err cli_problems(struct ctx *c, struct cli *cli, enum err err,
	const struct buf *problems);

/*
 * cli_config(), cli_database_exists(), cli_settle(), then a connection, whose commits a running site takes
 * notice of. The caller closes it with db_close().
 */
MUST enum err cli_db(struct ctx *c, struct cli *cli, struct db **out);

/* Adds a value as one line of JSON. */
struct json;
MUST enum err cli_put_json(struct ctx *c, const struct json *v, struct buf *b);

/* Adds a text out of a request: nothing in it moves the cursor of the terminal it is shown on. */
void cli_put_shown(struct buf *b, struct str s);

/* The number of --limit, from 1 to most; usual if it was not given. ERR_USAGE. */
MUST enum err cli_limit(struct ctx *c, const struct cli *cli, size_t usual, size_t most, size_t *out);

/* Prints the whole of b to standard output. ERR_IO if that cannot be written. */
MUST enum err cli_print(struct ctx *c, struct buf *b);

/* A bar for people who wait: wanted on a terminal and without --json; then how far, and that it is over. */
bool cli_bar_wanted(const struct cli *cli);
void cli_bar(int64_t done, int64_t all);
void cli_bar_end(void);

/* A moment as people and programs read it; "-" for none (0). */
struct str cli_moment(struct ctx *c, int64_t seconds);

/* The first line of standard input, without its end. ERR_USAGE: there is none. */
MUST enum err cli_read_line(struct ctx *c, struct str *out);

/* The handlers, one for each row. */
#define COMMAND(sym, words, arguments, handler, doc) \
	MUST enum err handler(struct ctx *c, struct cli *cli);
#include "tables/commands.def"
#undef COMMAND

#endif
