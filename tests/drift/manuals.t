#!/bin/sh
# The manuals say what the program says: filling a page again gives the page that is there, every row
# of every table stands in its page, and mandoc finds nothing to warn of.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
build=${SP_TOP_BUILDDIR:-$(pwd)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# page NAME: where make has put it, or where the tarball had it
page()
{
	if [ -f "$build/man/$1" ]; then
		echo "$build/man/$1"
	else
		echo "$top/man/$1"
	fi
}

# symbols TABLE MACRO FIELD: that field (from 1) of each row, unquoted
symbols()
{
	sed -n "s/^$2(//p" "$top/src/tables/$1.def" | cut -d, -f"$3" | tr -d ' "'
}

# named PAGE ITEM TABLE MACRO FIELD: each row has an item of its own in the page
named()
{
	missing=
	for symbol in $(symbols "$3" "$4" "$5"); do
		awk -v macro="$2" -v name="$symbol" \
			'$1 == ".It" && $2 == macro && $3 == name { found = 1 } END { exit !found }' \
			"$(page "$1")" || missing="$missing $symbol"
	done
	[ -z "$missing" ] || echo "# not in $1:$missing"
	[ -z "$missing" ] && [ -n "$(symbols "$3" "$4" "$5")" ]
	report "$1 has every $4 of $3.def" $?
}

for source in "$top"/man/*.in; do
	name=$(basename "$source" .in)
	"$top/tools/man.sh" "$build/starpunk" "$source" > "$work/$name" &&
		diff "$(page "$name")" "$work/$name" > "$work/diff"
	status=$?
	sed 's/^/# /' "$work/diff"
	report "$name is what the program says" $status
	# Whether pages of other packages are on this machine is none of ours.
	lint=$(mandoc -T lint "$(page "$name")" 2>&1 | grep -v 'referenced manual not found\|mandoc\.db')
	[ -z "$lint" ]
	status=$?
	[ -z "$lint" ] || echo "# $lint"
	report "$name is clean mdoc" $status
done

named starpunk.conf.5 Ic config CONFIG 2
named starpunk.conf.5 Ic settings SETTING 2
named starpunk-errors.7 Sy errors ERROR 2
named starpunk-log.7 Ic events EVENT 1
named starpunk-http.7 Pa routes ROUTE 3
named starpunk-theme.7 Pa views VIEW 2
named starpunk-metrics.7 Ic families FAMILY 2
named starpunk-metrics.7 Ic metrics COUNTER 2
named starpunk-metrics.7 Ic metrics GAUGE 2
named starpunk-metrics.7 Ic metrics HISTOGRAM 2
named starpunk-metrics.7 Ql history SAMPLE 2

printf '@TABLE nonsense@\n' > "$work/bad.in"
! "$top/tools/man.sh" "$build/starpunk" "$work/bad.in" > "$work/bad" 2>&1
report "a mark without a table is refused" $?

plan
