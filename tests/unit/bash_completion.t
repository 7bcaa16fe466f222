#!/bin/bash
# What bash completes for the program, asked as bash asks: words, the cursor's place, and what comes back.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
build=${SP_TOP_BUILDDIR:-$(pwd)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$build/starpunk" docs commands bash > "$work/starpunk"
# shellcheck source=/dev/null
. "$work/starpunk"
report "bash reads the script" $?
if command -v shellcheck >/dev/null; then
	shellcheck --shell=bash "$work/starpunk" > "$work/lint" 2>&1
	status=$?
	sed 's/^/# /' "$work/lint"
	report "shellcheck has nothing against it" $status
fi
cd "$work" || exit 1
mkdir theme
: > site.conf

# completes NAME WANTED WORD...: the last word is the one at the cursor
completes()
{
	local name=$1 wanted=$2
	shift 2
	COMP_WORDS=(starpunk "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_starpunk 2>/dev/null
	[ "${COMPREPLY[*]}" = "$wanted" ]
	status=$?
	[ $status -eq 0 ] || echo "# got '${COMPREPLY[*]}', wanted '$wanted'"
	report "$name" $status
}

completes "a command's first word" "doctor docs" do
completes "its second word" "check show docs" config ""
completes "no command twice" "reindex redirect restore" re
completes "an option" "--json" config check --j
completes "options that are not given yet" "--help --all --json" doctor --url https://ada.example/ -
completes "options before the command" "--help --version --config" -
completes "a file behind --config" "site.conf" --config si
completes "a command behind that" "doctor" --config site.conf doct
completes "a file as an operand" "site.conf" redirect import si
completes "a directory" "theme" theme check t
completes "a table" "config commands" docs c
completes "a format behind it" "mdoc" docs commands m
completes "levels" "error" log --level er
completes "levels behind =" "debug" log --level = de
completes "levels behind = alone" "debug info warning error critical" log --level =
completes "scopes" "update undelete" token create --scope u
completes "an operand behind an option's value" "site.conf" log --level error si
completes "a command that another begins with" "site.conf" backup si
completes "and that other one" "verify" backup ver
completes "with its own options" "--help --json" backup verify -
completes "an error's name" "db_busy" explain db_b
completes "nothing for what nobody can know" "" token revoke x
completes "nothing behind the last operand" "" redirect import site.conf si
completes "nothing for a command that there is not" "" nonsense x

known=$(sed -n 's/^COMMAND([A-Z_]*, "\([a-z ]*\)".*/\1/p' "${SP_TOP_SRCDIR:-$(dirname "$0")/../..}/src/tables/commands.def")
missing=$(while IFS= read -r words; do
	read -r first second <<< "$words"
	if [ -n "$second" ]; then
		COMP_WORDS=(starpunk "$first" "$second") COMP_CWORD=2
	else
		COMP_WORDS=(starpunk "$first") COMP_CWORD=1
	fi
	_starpunk
	case " ${COMPREPLY[*]} " in
	*" ${second:-$first} "*) ;;
	*) echo "$words" ;;
	esac
done <<< "$known")
[ -n "$known" ] && [ -z "$missing" ]
status=$?
[ -z "$missing" ] || echo "# not completed: $missing"
report "every command is completed" $status
plan
