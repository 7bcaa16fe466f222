#!/bin/sh
# Each row of a table is used by the code: no configuration key that nobody reads, no error that nobody
# raises, no event that nobody logs, no metric that nobody moves, no view, route or command that leads
# nowhere. (That the manuals know every row is asked by manuals.t.)
set -u
src=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}/src
n=0
failed=0

report() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
		failed=1
	fi
}

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

report "every configuration key is read" \
	"$(rows "$src/tables/config.def" CONFIG 2 | unused '(cfg|config|c)->' '([^a-z_]|$)' |
		while read -r name; do
			grep -qE "^SETTING\([A-Z]+, $name, FILE," "$src/tables/settings.def" || echo "$name"
		done)"
report "every setting is read" "$(rows "$src/tables/settings.def" SETTING 2 | unused 'SETTING_' '([^a-z_]|$)')"
report "every error is raised" "$(rows "$src/tables/errors.def" ERROR 1 | unused 'ERR_' '([^A-Z_]|$)')"
report "every event is logged" "$(rows "$src/tables/events.def" EVENT 1 | unused '(log_event\([^,]*, |log_emit_|struct log_ev_)' '([^a-z_]|$)')"
report "every counter is moved or named by an event" "$(
	rows "$src/tables/metrics.def" COUNTER 1 | unused 'COUNTER_' '([^A-Z_]|$)' |
		while read -r name; do
			grep -qE "^EVENT\([a-z_]+, [A-Z]+, \"[a-z]+\", $name," "$src/tables/events.def" || echo "$name"
		done)"
report "every gauge is set" "$(rows "$src/tables/metrics.def" GAUGE 1 | unused 'GAUGE_' '([^A-Z_]|$)')"
report "every histogram is observed" "$(rows "$src/tables/metrics.def" HISTOGRAM 1 | unused 'HISTOGRAM_' '([^A-Z_]|$)')"
report "every view is shown" "$(rows "$src/tables/views.def" VIEW 1 | unused 'VIEW_' '([^A-Z_]|$)')"
report "every route's handler exists" "$(sed -n 's/^ROUTE(.*\(web_[a-z_]*\),.*/\1/p' "$src/tables/routes.def" |
	sort -u | unused '' '\(struct ctx')"
report "every command's function exists" "$(sed -n 's/^COMMAND(.*\(cli_[a-z_]*\),.*/\1/p' "$src/tables/commands.def" |
	sort -u | unused '' '\(struct ')"
report "every route is asked by a test" "$(rows "$src/tables/routes.def" ROUTE 3 | tr -d '"' | sed 's/{.*//' |
	while read -r path; do
		grep -rqF -e "$path" "$src/../tests/http" "$src/../tests/web" || echo "$path"
	done)"

# The check itself can fail.
report "a key that nobody reads would be found" "$(
	[ "$(echo nobody_reads_this | unused '(cfg|config|c)->' '([^a-z_]|$)')" = nobody_reads_this ] || echo "it was not")"
echo "1..$n"
exit $failed
