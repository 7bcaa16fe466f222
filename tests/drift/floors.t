#!/bin/sh
# Includes point down (src/FLOORS), and the checker sees it when they do not: each of its rules is
# broken once in a small tree of its own.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# plant FILE LINE: a tree with that one source beside FLOORS
plant()
{
	rm -rf "$tree/src"
	mkdir -p "$tree/src/$(dirname "$1")"
	cp "$top/src/FLOORS" "$tree/src/FLOORS"
	chmod u+w "$tree/src/FLOORS"
	printf '/* planted */\n%s\n' "$2" > "$tree/src/$1"
}

# caught NAME FILE LINE FINDING: the planted line is found, with its place
caught()
{
	plant "$2" "$3"
	found=$("$top/tools/floors.sh" "$tree")
	status=$?
	[ $status -ne 0 ] && [ "${found#"src/$2:$4"}" != "$found" ]
	report "$1" $?
}

# passed NAME FILE LINE: the planted line is nothing to complain about
passed()
{
	plant "$2" "$3"
	found=$("$top/tools/floors.sh" "$tree") && [ -z "$found" ]
	report "$1" $?
}

found=$("$top/tools/floors.sh" "$top")
report "no include of src breaks the floors" $?
printf '%s' "$found" | sed 's/^/# /'

caught "an upward include is caught" base/a.c '#include "core/log.h"' '2: upward:'
caught "a sideways include is caught" text/a.c '#include "store/db.h"' '2: sideways:'
caught "a floor that the row does not name is caught" web/a.c '#include "image/a.h"' '2: skip:'
caught "a library of another floor is caught" web/a.c '#include <sqlite3.h>' '2: foreign:'
caught "a library of another floor is caught with spaces" web/a.c ' #  include	<curl/curl.h>' '2: foreign:'
caught "another floor's private header is caught" web/a.c '#include "core/priv.h"' '2: private:'
caught "an include without its floor is caught" web/a.c '#include "web.h"' '2: path:'
caught "a folder that is no floor is caught" util/a.c 'int a;' '1: table:'
passed "an include downwards passes" web/a.c '#include "core/log.h"'
passed "the floor's own private header passes" core/a.c '#include "core/priv.h"'
passed "the owner may include its library" store/a.c '#include <sqlite3.h>'

plant base/a.c 'int a;'
printf 'base 1 web -\n' >> "$tree/src/FLOORS"
found=$("$top/tools/floors.sh" "$tree")
[ $? -ne 0 ] && [ "${found#*: table: base may not name web}" != "$found" ]
report "a row that names a higher floor is caught" $?
plan
