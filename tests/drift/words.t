#!/bin/sh
# What people read has its place in the catalogues: none is missing, none is there that nobody says any
# more, and each translation takes the arguments of its original. `make update-po` collects.
set -u
export LC_ALL=C.UTF-8

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# explain: standard input as TAP comments
explain() { sed 's/^/# /'; }

if ! command -v xgettext >/dev/null; then
	echo '1..0 # SKIP gettext is not installed'
	exit 0
fi

(cd "$top" && tools/words.sh "$work/starpunk.pot" ${CPP:-cc -E}) >"$work/said" 2>&1
status=$?
explain <"$work/said"
if [ $status -eq 0 ]; then
	diff "$top/po/starpunk.pot" "$work/starpunk.pot" >"$work/diff"
	status=$?
	head -n 20 "$work/diff" | explain
fi
report 'po/starpunk.pot has the texts that there are (else: make update-po)' $status

# unmarked PAGE: what is neither marked nor a tag, a name or a sign, and so could not be translated
unmarked()
{
	perl -CSD -0777 -pe 's/\{\{_[^{}]*\}\}.*?\{\{\/_\}\}//gs;
		s/(aria-label|alt|placeholder|title)="([^"]*)"/>$2</g;
		s/\{\{\{?[^{}]*\}?\}\}//g; s/<code[^>]*>[^<]*<\/code>//g; s/<[^<>]*>/ /g;
		s/StarPunk|HTML|\b[45]xx|\bp[59][09]|https:\/\///g' "$1" |
		grep -P '\p{L}{2}' | sed "s|^|${1##*/}: |"
}

for page in "$top"/share/templates/*.html; do
	# What pictures measure.
	[ "${page##*/}" = sizes.html ] || unmarked "$page"
done >"$work/said"
[ ! -s "$work/said" ]
status=$?
head -n 20 "$work/said" | explain
report 'every text of a template is marked as one' $status

for po in "$top"/po/*.po; do
	language=$(basename "$po" .po)
	msgcmp --use-untranslated --use-fuzzy "$po" "$work/starpunk.pot" >"$work/said" 2>&1
	[ ! -s "$work/said" ]
	status=$?
	head -n 20 "$work/said" | explain
	report "$language has every text" $status

	msgattrib --no-wrap --untranslated --no-obsolete "$po" >"$work/empty" && msgattrib --no-wrap --only-fuzzy --no-obsolete "$po" >>"$work/empty"
	! grep '^msgid "[^"]' "$work/empty" >"$work/said"
	status=$?
	head -n 20 "$work/said" | explain
	report "$language has a translation of each, and no guess" $status

	msgfmt --check-format --check-domain --output-file=/dev/null "$po" >"$work/said" 2>&1
	status=$?
	explain <"$work/said"
	report "$language can be made a catalogue: formats agree" $status

	# The rules that one language's typography has for all its texts.
	case $language in
	zh) ! msgattrib --no-wrap "$po" | grep '^msgstr' | grep -P '\p{Han}[,;!?]|\p{Han}[.:]( |"$)|\( ?\p{Han}' >"$work/said" ;;
	de) ! msgattrib --no-wrap "$po" | grep '^msgstr' | grep -P "\p{L}'[\p{L} ]| '\p{L}" >"$work/said" ;;
	*) : >"$work/said" ;;
	esac
	status=$?
	head -n 20 "$work/said" | explain
	report "$language keeps to its own punctuation" $status
	grep -q "share/locale/$language/LC_MESSAGES/starpunk.mo" "$top/po/local.mk"
	report "$language is made and installed" $?
done
plan
