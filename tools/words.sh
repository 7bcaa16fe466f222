#!/bin/sh
# Collects what people read into a template for catalogues:
#
#	tools/words.sh OUT CPP...
#
# in the top directory of the sources: the texts of the code, of the tables (through the preprocessor,
# po/tables.h) and of the page templates (tools/words.awk), each with the file it stands in. Lines are
# left out, so that the template changes when a text does and not before.
set -eu
export LC_ALL=C.UTF-8
out=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$@" -Isrc -DSP_DATADIR='""' po/tables.h >"$work/tables"
sed 's/TEXT("")//g; s/TEXT()//g' "$work/tables" >"$work/tables.c"
awk -f tools/words.awk share/templates/*.html >"$work/templates.c"
find src -name '*.c' | LC_ALL=C sort >"$work/files"
cat >"$work/head" <<TXT
# What people read of StarPunk, collected out of the code, the tables and the page templates by
# \`make update-po\`; po/README says how to translate it.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"

TXT
# Texts that are not ASCII are meant: quotation marks, ellipses.
xgettext --language=C --from-code=UTF-8 --add-location=file --add-comments=TRANSLATORS: --no-wrap \
	--keyword --keyword=N_:1 --keyword=NC_:1c,2 --keyword=tr:2 --keyword=tr_str:2 \
	--keyword=tr_for:2c,3 --keyword=tr_n:2,3 --keyword=tr_raise:3 --keyword=TEXT:1 --keyword=TEXT_FOR:1c,2 \
	--flag=tr:2:pass-c-format --flag=tr_for:3:pass-c-format --flag=tr_n:2:pass-c-format \
	--flag=tr_n:3:pass-c-format --flag=ctx_printf:3:c-format --flag=buf_printf:2:c-format \
	--flag=TEXT:1:no-c-format --flag=TEXT_FOR:2:no-c-format \
	--files-from="$work/files" --output="$work/texts" "$work/tables.c" "$work/templates.c" 2>"$work/said" || {
	cat "$work/said" >&2
	exit 1
}
# xgettext's own head has the time in it.
{ cat "$work/head" && sed '1,/^$/d' "$work/texts"; } >"$out"
