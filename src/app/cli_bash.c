/*
 * Completion for bash, out of the rows of commands.def: commands, their options and what stands behind
 * these, as far as it is known by its name in a row (FILE, DIR, TABLE, LEVEL, SCOPES ...). The rest of
 * the script is the same for all programs of this kind: it walks over the words before the cursor.
 */
#include "app/cli.h"

#include <string.h>

static const char head[] =
	"# bash completion for starpunk, out of its table of commands: starpunk docs commands bash\n"
	"\n"
	"# _starpunk_value KIND: what can stand where --help says KIND\n"
	"_starpunk_value()\n"
	"{\n"
	"\tlocal words=\n"
	"\tcase $1 in\n"
	"\tFILE)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	"\t\treturn\n"
	"\t\t;;\n"
	"\tDIR)\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$current\")\n"
	"\t\treturn\n"
	"\t\t;;\n";

static const char middle[] =
	"\tesac\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	"}\n"
	"\n"
	"# _starpunk_command WORDS: sets options (NAME or NAME:KIND) and operands of a command, and also: words\n"
	"# that make another one of it; false: that is none, or not the whole of one, and next has the words that can follow\n"
	"_starpunk_command()\n"
	"{\n"
	"\toptions='--help --version' operands='' next='' also=''\n"
	"\tcase $1 in\n";

static const char tail[] =
	"\tesac\n"
	"\t[ -z \"$next\" ]\n"
	"}\n"
	"\n"
	"_starpunk()\n"
	"{\n"
	"\tlocal current=${COMP_WORDS[COMP_CWORD]} command='' kind='' seen=' ' word option i\n"
	"\tlocal options operands next also whole='' found=''\n"
	"\tCOMPREPLY=()\n"
	"\t_starpunk_command ''\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [ \"$word\" = = ]; then\n"
	"\t\t\tcontinue\n"
	"\t\telif [ -n \"$kind\" ]; then\n"
	"\t\t\tkind=''\n"
	"\t\telif [[ $word == -* ]]; then\n"
	"\t\t\tseen+=\"$word \"\n"
	"\t\t\tfor option in $options; do\n"
	"\t\t\t\t[[ $option == \"$word\":* ]] && kind=${option#*:}\n"
	"\t\t\tdone\n"
	"\t\telif [ -z \"$whole\" ] || [[ \" $also \" == *\" $word \"* ]]; then\n"
	"\t\t\tcommand+=${command:+ }$word\n"
	"\t\t\t_starpunk_command \"$command\" && whole=1\n"
	"\t\telse\n"
	"\t\t\tread -r _ operands <<< \"$operands\"\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t[ \"$current\" = = ] && current=''\n"
	"\tif [ -n \"$kind\" ]; then\n"
	"\t\t_starpunk_value \"$kind\"\n"
	"\telif [[ $current == -* ]]; then\n"
	"\t\tfor option in $options; do\n"
	"\t\t\t[[ $seen == *\" ${option%%:*} \"* ]] || found+=\"${option%%:*} \"\n"
	"\t\tdone\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$found\" -- \"$current\")\n"
	"\telif [ -z \"$whole\" ]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$next\" -- \"$current\")\n"
	"\telse\n"
	"\t\t_starpunk_value \"${operands%% *}\"\n"
	"\t\tmapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -W \"$also\" -- \"$current\")\n"
	"\tfi\n"
	"}\n"
	"complete -F _starpunk starpunk\n";

/* ---- values ------------------------------------------------------------------------------ */

static void
put_values(struct buf *out)
{
	static const char scopes[] = ""
#define SCOPE(word, whose, doc) word " "
#include "tables/scopes.def"
#undef SCOPE
		;
	const char *table;

	buf_printf(out, "\tSCOPES) words='%.*s' ;;\n", (int)strlen(scopes) - 1, scopes);
	buf_puts(out, "\tLEVEL) words='debug info warning error critical' ;;\n");
	buf_puts(out, "\tFORMAT) words='mdoc text conf json schema bash' ;;\n");
	buf_puts(out, "\tDURATION) words='1h 7d 30d 365d' ;;\n");
	buf_puts(out, "\tERROR) words='");
	for (int e = OK + 1; e < ERR__MAX; e++)
		buf_printf(out, "%s%s", e > OK + 1 ? " " : "", err_info((enum err)e)->name);
	buf_puts(out, "' ;;\n");
	buf_puts(out, "\tTABLE) words='");
	for (size_t i = 0; (table = cli_docs_table(i)) != NULL; i++)
		buf_printf(out, "%s%s", i > 0 ? " " : "", table);
	buf_puts(out, "' ;;\n");
}

/* ---- commands ---------------------------------------------------------------------------- */

/* True if a row before the i-th begins with the same word. */
static bool
is_known(size_t i, struct str first)
{
	for (size_t k = 0; k < i; k++) {
		struct str words = str_z(cli_command(k)->words);

		if (str_eq(str_cut(&words, ' '), first))
			return true;
	}
	return false;
}

/* The words that follow a first one, or the first ones of all (first.p NULL). */
static void
put_next(struct buf *out, struct str first)
{
	const struct cli_command *command;
	bool any = false;

	for (size_t i = 0; (command = cli_command(i)) != NULL; i++) {
		struct str second = str_z(command->words), word = str_cut(&second, ' ');

		if (first.p ? !str_eq(word, first) || !second.p : is_known(i, word))
			continue;
		buf_printf(out, "%s%.*s", any ? " " : "", STR(first.p ? second : word));
		any = true;
	}
}

/* True if there is a longer command that begins with that word. */
static bool
is_begun_by(struct str first)
{
	const struct cli_command *command;

	for (size_t i = 0; (command = cli_command(i)) != NULL; i++) {
		struct str second = str_z(command->words), word = str_cut(&second, ' ');

		if (second.p && str_eq(word, first))
			return true;
	}
	return false;
}

/* True if there is a command of that one word. */
static bool
is_whole(struct str first)
{
	const struct cli_command *command;

	for (size_t i = 0; (command = cli_command(i)) != NULL; i++)
		if (str_eq(first, str_z(command->words)))
			return true;
	return false;
}

static void
put_command(struct buf *out, const struct cli_command *command)
{
	struct str rest = str_z(command->arguments);
	struct cli_argument a;

	buf_printf(out, "\t'%s') options='--help", command->words);
	while (cli_argument_next(&rest, &a))
		if (str_starts(a.name, S("--")))
			buf_printf(out, " %.*s%s%.*s", STR(a.name), a.value.n ? ":" : "", STR(a.value));
	buf_puts(out, "' operands='");
	rest = str_z(command->arguments);
	for (bool any = false; cli_argument_next(&rest, &a);) {
		if (str_starts(a.name, S("--")))
			continue;
		buf_printf(out, "%s%.*s", any ? " " : "", STR(a.name));
		any = true;
	}
	if (is_begun_by(str_z(command->words))) {
		buf_puts(out, "' also='");
		put_next(out, str_z(command->words));
	}
	buf_puts(out, "' ;;\n");
}

void
cli_help_bash(struct buf *out)
{
	const struct cli_command *command;

	buf_puts(out, head);
	put_values(out);
	buf_puts(out, middle);
	buf_puts(out, "\t'') options='--help --version --config:FILE' next='");
	put_next(out, (struct str){0});
	buf_puts(out, "' ;;\n");
	for (size_t i = 0; (command = cli_command(i)) != NULL; i++) {
		struct str second = str_z(command->words), first = str_cut(&second, ' ');

		if (second.p && !is_known(i, first) && !is_whole(first)) {
			buf_printf(out, "\t%.*s) next='", STR(first));
			put_next(out, first);
			buf_puts(out, "' ;;\n");
		}
		put_command(out, command);
	}
	buf_puts(out, "\t*) next=' ' ;;\n");
	buf_puts(out, tail);
}
