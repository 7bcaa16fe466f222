/*
 * The bar of commands that take long. It is written over itself, to standard error, and only where that is
 * a terminal: what goes into a file or a program's hands is not to be full of it.
 */
#include "app/cli.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 40 };

bool
cli_bar_wanted(const struct cli *cli)
{
	return !cli_flag(cli, S("--json")) && isatty(STDERR_FILENO) == 1;
}

void
cli_bar(int64_t done, int64_t all)
{
	int64_t whole = all > 0 ? all : 1;
	int full = (int)((double)done / (double)whole * WIDTH);
	char bar[WIDTH + 1];

	for (int i = 0; i < WIDTH; i++)
		bar[i] = i < full ? '#' : ' ';
	bar[WIDTH] = '\0';
	(void)fprintf(stderr, "\r[%s] %3d %%", bar, (int)((double)done / (double)whole * 100));
	(void)fflush(stderr);
}

void
cli_bar_end(void)
{
	(void)fputc('\n', stderr);
}
