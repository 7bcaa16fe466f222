/*
 * `starpunk explain`: an error of errors.def, by the name that stands in the log, in the metrics and
 * in starpunk-errors(7). A name that there is not is answered with one that is near.
 */
#include "app/cli.h"

#include <limits.h>

static const char *
name_of(size_t i)
{
	return err_info((enum err)(i + 1))->name;
}

enum err
cli_explain(struct ctx *c, struct cli *cli)
{
	enum { N = ERR__MAX - 1 };
	struct str wanted = cli->operands[0];
	const char *near = NULL;
	unsigned least = UINT_MAX;
	struct buf out;

	for (size_t i = 0; i < N; i++) {
		unsigned far = str_distance(wanted, str_z(name_of(i)));

		if (far < least) {
			least = far;
			near = name_of(i);
		}
		if (far > 0)
			continue;
		buf_init(&out, &c->arena, CLI_TEXT_MAX);
		err_explain((enum err)(i + 1), cli_flag(cli, S("--json")), &out);
		return cli_print(c, &out);
	}
	cli->remedy = "starpunk-errors(7) lists them all; so does 'starpunk docs errors json'.";
	if (least > wanted.n / 2)
		return err_raise(c, ERR_USAGE, "there is no error '%.*s'", STR(wanted));
	return err_raise(c, ERR_USAGE, "there is no error '%.*s'; did you mean '%s'?", STR(wanted), near);
}
