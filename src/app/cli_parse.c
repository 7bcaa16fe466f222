/*
 * The command line, read by the rows of commands.def: a row's arguments are written as --help shows
 * them, and that text is what the parser goes by, so the two cannot differ.
 */
#include "app/cli.h"

#include <string.h>

static const struct cli_command commands[] = {
#define COMMAND(sym, words, arguments, handler, doc) {words, arguments, handler, doc},
#include "tables/commands.def"
#undef COMMAND
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

const struct cli_command *
cli_command(size_t i)
{
	return i < N_COMMANDS ? &commands[i] : NULL;
}

/* ---- a row's arguments ------------------------------------------------------------------- */

bool
cli_argument_next(struct str *rest, struct cli_argument *out)
{
	struct str word;

	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = str_sub(*rest, 1, rest->n);
	if (rest->n == 0)
		return false;
	out->optional = rest->p[0] == '[';
	if (out->optional) {
		word = str_sub(*rest, 1, str_find(*rest, ']', 0));
		*rest = str_sub(*rest, word.n + 2, rest->n);
	} else {
		size_t end = str_find(*rest, ' ', 0);

		/* A value follows its option: "--scope SCOPES". */
		if (str_starts(*rest, S("--")) && end + 1 < rest->n && rest->p[end + 1] >= 'A' &&
			rest->p[end + 1] <= 'Z')
			end = str_find(*rest, ' ', end + 1);
		word = str_sub(*rest, 0, end);
		*rest = str_sub(*rest, end, rest->n);
	}
	out->name = str_sub(word, 0, str_find(word, ' ', 0));
	out->value = str_sub(word, out->name.n + 1, word.n);
	return true;
}

static bool
is_option(const struct cli_argument *a)
{
	return str_starts(a->name, S("--"));
}

static bool
argument_find(const struct cli_command *command, struct str name, struct cli_argument *out)
{
	struct str rest = str_z(command->arguments);

	while (cli_argument_next(&rest, out))
		if (str_eq(out->name, name))
			return true;
	return false;
}

/* ---- finding the command ----------------------------------------------------------------- */

/* Takes the words of a command off argv: how many, 0 if they are not there. */
static int
words_match(const char *words, int argc, char **argv)
{
	struct str rest = str_z(words);
	int n = 0;

	while (rest.p) {
		struct str word = str_cut(&rest, ' ');

		if (n >= argc || !str_eq(word, str_z(argv[n])))
			return 0;
		n++;
	}
	return n;
}

/* True if so few letters of a word of n differ, about a third, that the word may have been meant. */
static bool
is_near(unsigned distance, size_t n)
{
	return distance * 3 <= n + 1;
}

/* The command that was probably meant; NULL if none looks like what was typed. */
static const char *
nearest_command(int argc, char **argv)
{
	const char *best = NULL;
	unsigned least = 1000;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		struct str rest = str_z(commands[i].words);
		unsigned d = 0;

		for (int n = 0; rest.p; n++) {
			struct str word = str_cut(&rest, ' ');

			d += n < argc ? str_distance(word, str_z(argv[n])) : (unsigned)word.n;
		}
		if (d < least && is_near(d, strlen(commands[i].words))) {
			least = d;
			best = commands[i].words;
		}
	}
	return best;
}

/* Commands whose first of two words was given alone: the second words, "" if there are none. */
static struct str
second_words(struct ctx *c, struct str first)
{
	struct buf b;

	buf_init(&b, &c->arena, 1024);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		struct str second = str_z(commands[i].words);

		if (str_eq(str_cut(&second, ' '), first) && second.p)
			buf_printf(&b, "%s%.*s", b.n > 0 ? ", " : "", STR(second));
	}
	return buf_str(&b);
}

/* Options that need no command: true if arg is one, and taken. */
static bool
take_global(struct cli *cli, struct str arg)
{
	if (str_eq(arg, S("--help")) || str_eq(arg, S("-h")))
		cli->help = true;
	else if (str_eq(arg, S("--version")))
		cli->version = true;
	else
		return false;
	return true;
}

static enum err
find_command(struct ctx *c, struct cli *cli, int *argc, char ***argv)
{
	struct str seconds = S("");
	const char *near;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		int n = words_match(commands[i].words, *argc, *argv);

		if (n == 0)
			continue;
		cli->command = &commands[i];
		*argc -= n;
		*argv += n;
		return OK;
	}
	if (*argc == 0)
		return err_raise(c, ERR_USAGE, "no command was given");
	if (*argc == 1 || (*argv)[1][0] == '-')
		seconds = second_words(c, str_z((*argv)[0]));
	if (!str_empty(seconds) && *argc == 2 && take_global(cli, str_z((*argv)[1])) && cli->help) {
		cli->family = str_z((*argv)[0]);
		return OK;
	}
	if (!str_empty(seconds))
		return err_raise(c, ERR_USAGE, "'%s' is followed by one of: %.*s", (*argv)[0],
			STR(seconds));
	near = nearest_command(*argc, *argv);
	return err_raise(c, ERR_USAGE, "unknown command '%s%s%s'%s%s%s", (*argv)[0],
		*argc > 1 ? " " : "", *argc > 1 ? (*argv)[1] : "", near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
}

/* ---- options and operands ---------------------------------------------------------------- */

static enum err
unknown_option(struct ctx *c, const struct cli *cli, struct str name)
{
	struct str rest = str_z(cli->command->arguments), best = {0};
	unsigned least = 1000;
	struct cli_argument a;

	while (cli_argument_next(&rest, &a)) {
		unsigned d = is_option(&a) ? str_distance(name, a.name) : 1000;

		if (d < least && is_near(d, a.name.n)) {
			least = d;
			best = a.name;
		}
	}
	return err_raise(c, ERR_USAGE, "'%s' has no option %.*s%s%.*s%s", cli->command->words,
		STR(name), best.n ? "; did you mean " : "", STR(best), best.n ? "?" : "");
}

/* Takes one option of the command, "--name=value" or "--name value"; *used: 1 or 2 words. */
static enum err
take_option(struct ctx *c, struct cli *cli, int argc, char **argv, int *used)
{
	struct str word = str_z(argv[0]), value = S("");
	struct str name = str_sub(word, 0, str_find(word, '=', 0));
	bool joined = name.n < word.n;
	struct cli_argument a;

	*used = 1;
	if (!argument_find(cli->command, name, &a))
		return unknown_option(c, cli, name);
	if (cli_flag(cli, name))
		return err_raise(c, ERR_USAGE, "%.*s is given twice", STR(name));
	if (str_empty(a.value)) {
		if (joined)
			return err_raise(c, ERR_USAGE, "%.*s takes no value", STR(name));
	} else if (joined) {
		value = str_z(word.p + name.n + 1);
	} else {
		if (argc < 2)
			return err_raise(c, ERR_USAGE, "%.*s needs a value: %.*s", STR(name),
				STR(a.value));
		value = str_z(argv[1]);
		*used = 2;
	}
	if (cli->n_options == CLI_OPTIONS)
		return err_raise(c, ERR_USAGE, "too many options");
	cli->options[cli->n_options++] = (struct pair){a.name, value};
	return OK;
}

/* Compares what was given with what the row asks for. */
static enum err
check_complete(struct ctx *c, const struct cli *cli)
{
	struct str rest = str_z(cli->command->arguments);
	size_t operands = 0;
	struct cli_argument a;

	while (cli_argument_next(&rest, &a)) {
		if (is_option(&a) && !a.optional && !cli_flag(cli, a.name))
			return err_raise(c, ERR_USAGE, "'%s' needs %.*s %.*s", cli->command->words,
				STR(a.name), STR(a.value));
		if (is_option(&a))
			continue;
		operands++;
		if (!a.optional && cli->n_operands < operands)
			return err_raise(c, ERR_USAGE, "'%s' needs %.*s", cli->command->words,
				STR(a.name));
	}
	if (cli->n_operands > operands)
		return err_raise(c, ERR_USAGE, "'%s' does not take '%.*s'", cli->command->words,
			STR(cli->operands[operands]));
	return OK;
}

static enum err
take_arguments(struct ctx *c, struct cli *cli, int argc, char **argv)
{
	bool options = true;

	for (int i = 0, used = 1; i < argc; i += used) {
		struct str arg = str_z(argv[i]);
		enum err err = OK;

		used = 1;
		if (options && str_eq(arg, S("--")))
			options = false;
		else if (options && take_global(cli, arg))
			continue;
		else if (options && arg.n > 1 && arg.p[0] == '-')
			err = take_option(c, cli, argc - i, argv + i, &used);
		else if (cli->n_operands == CLI_OPERANDS)
			err = err_raise(c, ERR_USAGE, "too many arguments");
		else
			cli->operands[cli->n_operands++] = arg;
		if (err)
			return err;
	}
	return cli->help || cli->version ? OK : check_complete(c, cli);
}

enum err
cli_parse(struct ctx *c, struct cli *cli, int argc, char **argv)
{
	enum err err;

	*cli = (struct cli){.file = config_default_file()};
	while (argc > 0 && argv[0][0] == '-') {
		struct str arg = str_z(argv[0]);
		int used = 1;

		if (str_starts(arg, S("--config="))) {
			cli->file = argv[0] + strlen("--config=");
		} else if (str_eq(arg, S("--config"))) {
			if (argc < 2)
				return err_raise(c, ERR_USAGE, "--config needs a value: FILE");
			cli->file = argv[1];
			used = 2;
		} else if (!take_global(cli, arg)) {
			return err_raise(c, ERR_USAGE,
				"unknown option %s before the command; did you mean --config?",
				argv[0]);
		}
		argc -= used;
		argv += used;
	}
	if (argc == 0 && (cli->help || cli->version))
		return OK;
	err = find_command(c, cli, &argc, &argv);
	return err || !cli->command ? err : take_arguments(c, cli, argc, argv);
}

struct str
cli_option(const struct cli *cli, struct str name)
{
	for (size_t i = 0; i < cli->n_options; i++)
		if (str_eq(cli->options[i].name, name))
			return cli->options[i].value;
	return (struct str){0};
}

bool
cli_flag(const struct cli *cli, struct str name)
{
	return cli_option(cli, name).p != NULL;
}
