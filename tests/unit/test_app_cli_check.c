/*
 * `starpunk check` on a site of the test's own: what is well, and a file that is gone.
 */
#include "media_fixture.h"

#include "app/cli.h"

/* Runs it as the program does, on the fixture's configuration. */
static enum err
check(const struct site *s)
{
	char file[128], word[] = "check", json[] = "--json";
	char *argv[] = {word, json};
	struct cli cli;
	struct ctx c;
	enum err err;

	ctx_init(&c, 64 << 20);
	(void)snprintf(file, sizeof(file), "%s/starpunk.conf", s->dir);
	assert_int_equal(cli_parse(&c, &cli, 2, argv), OK);
	cli.file = file;
	err = cli_check(&c, &cli);
	log_close(c.log);
	segment_close(cli.segment);
	config_free(cli.cfg);
	ctx_fini(&c);
	return err;
}

static void
a_site_with_all_its_files_is_well(void **state)
{
	struct site *s = *state;

	(void)stored(s, "PNG one");
	assert_int_equal(check(s), OK);
}

static void
a_file_that_is_gone_is_told(void **state)
{
	struct site *s = *state;

	assert_int_equal(unlink(path_of(s, stored(s, "PNG one"))), 0);
	assert_int_equal(check(s), ERR_MEDIA_LOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_site_with_all_its_files_is_well),
		SITE_TEST(a_file_that_is_gone_is_told),
	};

	/* Who is root in a test stays it. */
	if (setenv("STARPUNK_USER", "root", 1) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
