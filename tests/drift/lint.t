#!/bin/sh
# The project's own rules hold for all of src and tests, and the checker can fail: each rule is
# broken once in a small tree of its own.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# plant FILE: standard input becomes the tree's only source
plant()
{
	rm -rf "$tree/src"
	mkdir -p "$tree/src/$(dirname "$1")"
	cat > "$tree/src/$1"
}

# lint: findings in $found; fails if there are any
lint()
{
	found=$("$top/tools/lint.sh" "$tree")
}

# caught NAME FILE TEXT FINDING: a file of a comment and TEXT has the finding, with its place
caught()
{
	printf '/* planted */\n%s\n' "$3" | plant "$2"
	! lint && [ "${found#"src/$2:$4"}" != "$found" ]
	report "$1" $?
}

# passed NAME FILE TEXT: the same has none
passed()
{
	printf '/* planted */\n%s\n' "$3" | plant "$2"
	lint
	report "$1" $?
}

# body N: a function of N lines
body()
{
	printf '/* planted */\nint\nf(void)\n{\n'
	i=3
	while [ $i -lt "$1" ]; do
		printf '\tg();\n'
		i=$((i + 1))
	done
	printf '}\n'
}

found=$("$top/tools/lint.sh" "$top")
report "no source breaks the rules" $?
printf '%s\n' "$found" | sed 's/^#* */# /'

for name in strcpy strcat sprintf strtok gmtime localtime system atoi rand; do
	caught "$name is caught" web/a.c "	x = $name(y);" '2: banned:'
done
long=$(printf '%0100d' 7)
caught "a long line is caught" web/a.c "			x = $long;" '2: columns:'
caught "a long comment is caught" web/a.c "			/* $long */" '2: columns:'
passed "a long message passes" web/a.c "			f(\"$long\");"
caught "malloc is caught" web/a.c '	p = malloc(3);' '2: memory:'
passed "malloc in its owner passes" base/mem.c '	p = malloc(3);'
caught "getenv is caught" web/a.c '	p = getenv("TZ");' '2: environment:'
caught "time is caught" web/a.c '	t = time(NULL);' '2: clock:'
caught "randomness is caught" web/a.c '	n = random();' '2: random:'
caught "mmap is caught" web/a.c '	p = mmap(NULL, n, a, b, c, 0);' '2: system:'
caught "mutable static data is caught" web/a.c 'static int counter;' '2: global:'
caught "mutable static data in a function is caught" web/a.c '	static char room[10] = "";' '2: global:'
passed "constant static data passes" web/a.c 'static const char *const names[] = {'
caught "SQL is caught" web/a.c '	run("SELECT id FROM post");' '2: sql:'
caught "markup is caught" web/a.c '	put("<p class=\"x\">");' '2: markup:'
passed "markup in text passes" text/a.c '	put("<p class=\"x\">");'
passed "a placeholder and an address in brackets are no markup" web/a.c '	put("<%s>; rel=<https://a.example/>");'
caught "a // comment is caught" web/a.c '	f(); // no' '2: comment:'
passed "an address in a string is no comment" web/a.c '	f("https://a.example/", '"'\"'"');'
caught "work put off is caught" web/a.c '/* TODO: later */' '2: comment:'
caught "a wrong guard is caught" web/a.h '#ifndef A_H' '1: guard:'
passed "the right guard passes" web/a.h '#ifndef WEB_A_H'
passed "a banned name in a comment or a string passes" web/a.c '	f("strcpy(a)"); /* strcpy(a) */'
passed "a member of a banned name passes" web/a.c '	s->free(s); s.time(s); my_free(s);'

printf 'int a;\n' | plant web/a.c
! lint && [ "${found#src/web/a.c:1: top:}" != "$found" ]
report "a file without a comment at its top is caught" $?

{ echo '/* planted */'; yes 'int a;' | head -500; } | plant web/a.c
! lint && [ "${found#src/web/a.c:501: lines:}" != "$found" ]
report "a file of 501 lines is caught" $?

body 60 | plant web/a.c
lint
report "a function of 60 lines passes" $?
body 61 | plant web/a.c
! lint && [ "${found#src/web/a.c:3: function: 61}" != "$found" ]
report "a function of 61 lines is caught" $?

plant web/a.c <<'END'
/* planted */
	t = time(NULL); /* lint: allow clock: the kernel wants its own time here */
END
lint && [ "$found" = "# exceptions: 1" ]
report "an exception with its reason is heeded and counted" $?
caught "an exception without a reason is caught" web/a.c '	t = time(NULL); /* lint: allow clock */' '2: exception:'
caught "an exception that nothing needs is caught" web/a.c \
	'	t = now(); /* lint: allow clock: the kernel wants its own time here */' '2: exception:'
plan
