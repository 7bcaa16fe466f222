/*
 * Runs every seed of a fuzz target through it once and reports in TAP: the part of fuzzing that
 * belongs into every `make check`. The seeds are the files of tests/fuzz/corpus/X for a program
 * called fuzz_X, or the files and directories named as arguments.
 */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS_MAX = 4096, SEED_BYTES_MAX = 1024 * 1024 };

struct seeds {
	char *paths[SEEDS_MAX];
	size_t n;
};

static void
die(const char *what, const char *path)
{
	printf("Bail out! %s: %s\n", what, path);
	exit(1);
}

static int
visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* A directory's files in the order of their names, or the file itself. */
static void
seeds_add(struct seeds *s, const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, visible, alphasort);

	if (n < 0) {
		if (s->n == SEEDS_MAX)
			die("too many seeds", path);
		s->paths[s->n] = strdup(path);
		if (!s->paths[s->n++])
			die("out of memory", path);
		return;
	}
	for (int i = 0; i < n; i++) {
		char file[PATH_MAX];

		(void)snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		seeds_add(s, file);
		free(entries[i]);
	}
	free(entries);
}

static void
seed_run(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(SEED_BYTES_MAX);
	uint8_t *exact;
	size_t n;

	if (!f || !data)
		die("cannot read", path);
	n = fread(data, 1, SEED_BYTES_MAX, f);
	(void)fclose(f);
	/* A block of the seed's own size lets AddressSanitizer see a read past its end. */
	exact = malloc(n ? n : 1);
	if (!exact)
		die("out of memory", path);
	memcpy(exact, data, n);
	free(data);
	(void)LLVMFuzzerTestOneInput(exact, n);
	free(exact);
}

int
main(int argc, char **argv)
{
	static struct seeds seeds;
	const char *top = getenv("SP_TOP_SRCDIR");
	const char *name = strstr(argv[0], "fuzz_");
	char corpus[PATH_MAX];

	for (const char *next = name; next; next = strstr(next + 1, "fuzz_"))
		name = next;
	if (!name)
		die("the program's name does not say its target", argv[0]);
	(void)snprintf(
		corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s", top ? top : ".", name + 5);
	if (argc < 2)
		seeds_add(&seeds, corpus);
	for (int i = 1; i < argc; i++)
		seeds_add(&seeds, argv[i]);
	if (seeds.n == 0)
		die("no seeds", corpus);
	printf("1..%zu\n", seeds.n);
	for (size_t i = 0; i < seeds.n; i++) {
		const char *slash = strrchr(seeds.paths[i], '/');

		seed_run(seeds.paths[i]);
		printf("ok %zu - %s\n", i + 1, slash ? slash + 1 : seeds.paths[i]);
		(void)fflush(stdout);
		free(seeds.paths[i]);
	}
	return 0;
}
