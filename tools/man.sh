#!/bin/sh
# man.sh PROGRAM PAGE.in: the page on standard output, with each line "@TABLE name@" replaced by what
# the program says about that table. Fails if the program does not know a table.
set -eu

program=$1
page=$2

# Texts of the tables hold several sentences in a row: in a page each begins a line. And the program
# names its shared files by where this build installs them, while a page is read everywhere.
table()
{
	text=$("$program" docs "$1")
	printf '%s\n' "$text" | sed -e '/^\./!s/\. \([A-Z]\)/.\n\1/g' \
		-e '/^\.It Ic share_path$/,/^Default:/s|^Default: .*|Default: where it was installed.|'
}

# Breaks long lines of text, so that a page reads well in an editor, too; not in examples, and not where what
# follows would be taken for a request.
wrap()
{
	awk '
		/^\.Bd -literal/ { literal = 1 }
		/^\.Ed/ { literal = 0 }
		literal || /^[.\047]/ { print; next }
		{
			while (length($0) > 80) {
				for (at = 80; at > 0 && (substr($0, at, 1) != " " || substr($0, at + 1, 1) ~ /[.\047]/); at--)
					;
				if (at == 0)
					break
				print substr($0, 1, at - 1)
				$0 = substr($0, at + 1)
			}
			print
		}'
}

# fill: the page with its tables
fill()
{
	while IFS= read -r line; do
		case $line in
		'@TABLE '*@)
			name=${line#@TABLE }
			table "${name%@}"
			;;
		*)
			printf '%s\n' "$line"
			;;
		esac
	done < "$page"
}

filled=$(fill)
printf '%s\n' "$filled" | wrap
