/*
 * The command line, by the rows of commands.def, and the help that is made of the same rows.
 */
#include "app_fixture.h"

#include "app/cli.h"

static struct ctx c;
static struct cli cli;

/* Parses words that end with a NULL. */
static enum err
parse(const char *const *words)
{
	char *argv[16];
	int argc = 0;

	ctx_reset(&c);
	while (words[argc]) {
		struct str copy;

		assert_int_equal(ctx_str(&c, str_z(words[argc]), &copy), OK);
		memcpy(&argv[argc], &copy.p, sizeof(copy.p));
		argc++;
	}
	return cli_parse(&c, &cli, argc, argv);
}
#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void
assert_option(const char *name, const char *value)
{
	struct str v = cli_option(&cli, str_z(name));

	if (!value) {
		assert_null(v.p);
		return;
	}
	assert_non_null(v.p);
	assert_true(str_eq(v, str_z(value)));
}

static void
options_come_in_any_order_and_both_forms(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--config", "/x.conf", "token", "create", "--name=My phone", "--scope", "create update"), OK);
	assert_string_equal(cli.command->words, "token create");
	assert_string_equal(cli.file, "/x.conf");
	assert_option("--scope", "create update");
	assert_option("--name", "My phone");
	assert_option("--expires", NULL);
	assert_int_equal(PARSE("--config=/y.conf", "stats", "--json"), OK);
	assert_string_equal(cli.file, "/y.conf");
	assert_true(cli_flag(&cli, S("--json")));
	assert_false(cli_flag(&cli, S("--watch")));
	assert_int_equal(PARSE("init", "--name="), OK);
	assert_option("--name", "");
}

static void
operands_are_counted(void **state)
{
	(void)state;
	assert_int_equal(PARSE("token", "revoke", "abc"), OK);
	assert_true(str_eq(cli.operands[0], S("abc")));
	assert_int_equal(PARSE("token", "revoke", "--", "--abc"), OK);
	assert_true(str_eq(cli.operands[0], S("--abc")));
	assert_int_equal(PARSE("token", "revoke"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "ID"));
	assert_int_equal(PARSE("token", "revoke", "a", "b"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "'b'"));
	assert_int_equal(PARSE("docs", "config"), OK);
	assert_int_equal(PARSE("docs", "config", "mdoc"), OK);
	assert_int_equal(cli.n_operands, 2);
	assert_int_equal(PARSE("serve", "now"), ERR_USAGE);
}

static void
what_is_mistyped_is_named_with_what_is_near(void **state)
{
	(void)state;
	assert_int_equal(PARSE("tokn", "list"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "'tokn list'"));
	assert_non_null(strstr(c.err.detail, "'token list'"));
	assert_int_equal(PARSE("sevre"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "'serve'"));
	assert_int_equal(PARSE("token", "create", "--scop", "x"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "--scope"));
	assert_int_equal(PARSE("--confg", "x", "serve"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "--config"));
	assert_int_equal(parse((const char *const[]){NULL}), ERR_USAGE);
}

static void
what_is_like_nothing_is_not_taken_for_something(void **state)
{
	(void)state;
	assert_int_equal(PARSE("umbrella", "x"), ERR_USAGE);
	assert_string_equal(c.err.detail, "unknown command 'umbrella x'");
	assert_int_equal(PARSE("frobnicate", "all"), ERR_USAGE);
	assert_string_equal(c.err.detail, "unknown command 'frobnicate all'");
	assert_int_equal(PARSE("token", "list", "--scope", "x"), ERR_USAGE);
	assert_string_equal(c.err.detail, "'token list' has no option --scope");
}

static void
half_a_command_is_answered_with_its_other_halves(void **state)
{
	(void)state;
	assert_int_equal(PARSE("token"), ERR_USAGE);
	assert_string_equal(c.err.detail, "'token' is followed by one of: create, list, revoke");
	assert_int_equal(PARSE("config", "--json"), ERR_USAGE);
	assert_string_equal(c.err.detail, "'config' is followed by one of: check, show, docs");
	/* A second word that is wrong is mistyped, and a first that is wrong too. */
	assert_int_equal(PARSE("token", "lst"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "'token list'"));
	assert_int_equal(PARSE("tokn", "list"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "; did you mean 'token list'?"));
}

static void
values_and_flags_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(PARSE("token", "create"), ERR_USAGE);
	assert_non_null(strstr(c.err.detail, "--scope SCOPES"));
	assert_int_equal(PARSE("token", "create", "--scope"), ERR_USAGE);
	assert_int_equal(PARSE("--config"), ERR_USAGE);
	assert_int_equal(PARSE("stats", "--json=yes"), ERR_USAGE);
	assert_int_equal(PARSE("stats", "--json", "--json"), ERR_USAGE);
	assert_int_equal(PARSE("config", "check", "--json"), OK);
	assert_true(cli_flag(&cli, S("--json")));
	assert_int_equal(PARSE("token", "create", "--scope", "a", "--scope", "b"), ERR_USAGE);
	assert_int_equal(PARSE("stats", "-j"), ERR_USAGE);
}

static void
help_and_version_are_everywhere(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--help"), OK);
	assert_true(cli.help);
	assert_null(cli.command);
	assert_int_equal(PARSE("--version"), OK);
	assert_true(cli.version);
	/* Without what the command itself would need. */
	assert_int_equal(PARSE("token", "create", "--help"), OK);
	assert_true(cli.help);
	assert_string_equal(cli.command->words, "token create");
	assert_int_equal(PARSE("token", "--help"), OK);
	assert_true(cli.help);
	assert_null(cli.command);
	assert_true(str_eq(cli.family, S("token")));
	assert_int_equal(PARSE("tokn", "--help"), ERR_USAGE);
	assert_int_equal(PARSE("serve", "--version"), OK);
	assert_true(cli.version);
}

/* True if the words of doc stand there, in one line or several of no more than 80 columns. */
static bool
is_told(struct str text, const char *doc)
{
	struct buf joined;
	bool space = false;
	size_t column = 0;

	buf_init(&joined, &c.arena, 1 << 16);
	for (size_t i = 0; i < text.n; i++) {
		char byte = text.p[i];

		column = byte == '\n' ? 0 : column + 1;
		assert_true(column <= 80);
		if (byte == ' ' || byte == '\n') {
			space = true;
			continue;
		}
		if (space)
			buf_putc(&joined, ' ');
		space = false;
		buf_putc(&joined, byte);
	}
	return str_search(buf_str(&joined), str_z(doc), 0) < joined.n;
}

static void
a_family_of_commands_has_help_of_its_own(void **state)
{
	struct buf text;

	(void)state;
	ctx_reset(&c);
	buf_init(&text, &c.arena, 1 << 16);
	cli_help(NULL, S("token"), &text);
	assert_true(is_told(buf_str(&text), "token create make an access token and print it, once"));
	assert_true(is_told(buf_str(&text), "token revoke revoke an access token"));
	assert_false(is_told(buf_str(&text), "session list"));
	for (size_t i = 0; cli_command(i); i++) {
		buf_init(&text, &c.arena, 1 << 16);
		cli_help(cli_command(i), S(""), &text);
		assert_true(is_told(buf_str(&text), cli_command(i)->arguments));
	}
}

static void
every_row_can_be_parsed_and_is_in_the_help(void **state)
{
	const struct cli_command *command;
	struct buf text, mdoc;
	size_t n = 0;

	(void)state;
	ctx_reset(&c);
	buf_init(&text, &c.arena, 1 << 16);
	buf_init(&mdoc, &c.arena, 1 << 16);
	cli_help(NULL, S(""), &text);
	cli_help_mdoc(&mdoc);
	assert_false(text.failed || mdoc.failed);
	for (; (command = cli_command(n)) != NULL; n++) {
		assert_true(str_search(buf_str(&text), str_z(command->words), 0) < text.n);
		assert_true(is_told(buf_str(&text), command->doc));
		assert_true(str_search(buf_str(&mdoc), str_z(command->words), 0) < mdoc.n);
		assert_non_null(command->run);
	}
	assert_true(n > 10);
	/* One row whose mdoc is known. */
	assert_true(str_search(buf_str(&mdoc),
		S(".It Cm token create Fl -scope Ar SCOPES Oo Fl -name Ar TEXT Oc Oo Fl -expires Ar DURATION Oc\n"), 0) < mdoc.n);
	assert_true(str_search(buf_str(&mdoc), S(".It Cm token revoke Ar ID\n"), 0) < mdoc.n);
	assert_true(str_search(buf_str(&mdoc), S(".It Cm docs Ar TABLE Oo Ar FORMAT Oc\n"), 0) < mdoc.n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_come_in_any_order_and_both_forms),
		cmocka_unit_test(operands_are_counted),
		cmocka_unit_test(what_is_mistyped_is_named_with_what_is_near),
		cmocka_unit_test(what_is_like_nothing_is_not_taken_for_something),
		cmocka_unit_test(half_a_command_is_answered_with_its_other_halves),
		cmocka_unit_test(values_and_flags_are_told_apart),
		cmocka_unit_test(help_and_version_are_everywhere),
		cmocka_unit_test(a_family_of_commands_has_help_of_its_own),
		cmocka_unit_test(every_row_can_be_parsed_and_is_in_the_help),
	};

	ctx_init(&c, 1 << 20);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
