#!/bin/sh
# Each row of a table is used by the code: no configuration key that nobody reads, no error that nobody
# raises, no event that nobody logs, no metric that nobody moves, no view, route or command that leads
# nowhere. (That the manuals know every row is asked by manuals.t.)
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
src=$top/src
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"

# The field of each row MACRO(…) of a table, by number.
rows() {
	sed -n "s/^$2(//p" "$1" | awk -F', *' -v f="$3" '{
		if ($1 ~ /^CHOICE\(/) sub(/^CHOICE\([^)]*\)/, "CHOICE")
		gsub(/[() ]/, "", $f); print $f }' | sort -u
}

# Those names for which no source file outside src/tables has PREFIX NAME SUFFIX as a whole word.
unused() {
	pattern=$1
	suffix=$2
	cat "$src"/[!t]*/*.[ch] "$src"/text/*.[ch] > "$code"
	while read -r name; do
		grep -qE "$pattern$name$suffix" "$code" || echo "$name"
	done
}

code=$(mktemp)
trap 'rm -f "$code"' EXIT

none "every configuration key is read" \
	"$(rows "$src/tables/config.def" CONFIG 2 | unused '(cfg|config|c)->' '([^a-z_]|$)' |
		while read -r name; do
			grep -qE "^SETTING\([A-Z]+, $name, FILE," "$src/tables/settings.def" || echo "$name"
		done)"
none "every setting is read" "$(rows "$src/tables/settings.def" SETTING 2 | unused 'SETTING_' '([^a-z_]|$)')"
none "every error is raised" "$(rows "$src/tables/errors.def" ERROR 1 | unused 'ERR_' '([^A-Z_]|$)')"
none "every event is logged" "$(rows "$src/tables/events.def" EVENT 1 | unused '(log_event\([^,]*, |log_emit_|struct log_ev_)' '([^a-z_]|$)')"
none "every counter is moved or named by an event" "$(
	rows "$src/tables/metrics.def" COUNTER 1 | unused 'COUNTER_' '([^A-Z_]|$)' |
		while read -r name; do
			grep -qE "^EVENT\([a-z_]+, [A-Z]+, \"[a-z]+\", $name," "$src/tables/events.def" || echo "$name"
		done)"
none "every gauge is set" "$(rows "$src/tables/metrics.def" GAUGE 1 | unused 'GAUGE_' '([^A-Z_]|$)')"
none "every histogram is observed" "$(rows "$src/tables/metrics.def" HISTOGRAM 1 | unused 'HISTOGRAM_' '([^A-Z_]|$)')"
none "every view is shown" "$(rows "$src/tables/views.def" VIEW 1 | unused 'VIEW_' '([^A-Z_]|$)')"
none "every route's handler exists" "$(sed -n 's/^ROUTE(.*\(web_[a-z_]*\),.*/\1/p' "$src/tables/routes.def" |
	sort -u | unused '' '\(struct ctx')"
none "every command's function exists" "$(sed -n 's/^COMMAND(.*\(cli_[a-z_]*\),.*/\1/p' "$src/tables/commands.def" |
	sort -u | unused '' '\(struct ')"
none "every route is asked by a test" "$(rows "$src/tables/routes.def" ROUTE 3 | tr -d '"' | sed 's/{.*//' |
	while read -r path; do
		grep -rqF -e "$path" "$src/../tests/http" "$src/../tests/web" || echo "$path"
	done)"

# The check itself can fail.
none "a key that nobody reads would be found" "$(
	[ "$(echo nobody_reads_this | unused '(cfg|config|c)->' '([^a-z_]|$)')" = nobody_reads_this ] || echo "it was not")"
plan
