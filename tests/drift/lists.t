#!/bin/sh
# What the Makefile's parts list: each file once, none forgotten, and every table that a manual page
# is filled from among those that have the page made again.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"

# The words of a list NAME in a file, continuation lines and all.
list() {
	awk -v name="$1" '
		$1 == name && ($2 == "=" || $2 == "+=") { on = 1; $1 = $2 = "" }
		on { more = sub(/\\$/, ""); for (i = 1; i <= NF; i++) print $i; on = more }' "$2" |
		sed '/^\\*$/d'
}

# Names of the lists of files in one local.mk.
lists() {
	sed -n 's/^\([A-Za-z_]*\(_SOURCES\|_DATA\|_tests\)\) .*/\1/p' "$1" | sort -u
}

work=$(mktemp)
trap 'rm -f "$work"' EXIT
cd "$top" || exit 1
for part in src/*/local.mk share/local.mk tests/*/local.mk; do
	for name in $(lists "$part"); do
		list "$name" "$part" | sort | uniq -d | sed "s|^|$part: $name: |"
	done
done > "$work"
none "no list names a file twice" "$(cat "$work")"

# (What is generated is listed where it is made.)
none "every source, table, template and static file is listed" "$(
	for file in src/*/*.[ch] src/tables/*.def share/templates/* share/static/* share/demo/*/*; do
		case $file in */gen_*) continue ;; esac
		grep -qwF -e "$file" "$(dirname "$file" | cut -d/ -f1,2 | sed 's|^share/.*|share|')/local.mk" || echo "$file"
	done)"

none "each table of a manual page has the page made again" "$(
	sed -n 's/^@TABLE \([a-z]*\)@$/\1/p' man/*.in | sort -u | while read -r table; do
		list MAN_TABLES man/local.mk | grep -qxF "src/tables/$table.def" || echo "$table.def"
	done)"

printf 'x_SOURCES = a.c \\\n\tb.c a.c\n' > "$work"
none "a file listed twice would be found" "$(
	[ "$(list x_SOURCES "$work" | sort | uniq -d)" = a.c ] || echo "it was not")"
plan
