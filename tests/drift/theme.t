#!/bin/sh
# The theme's files keep their promises to each other: what classes of microformats mean is left to
# programs, and nothing is asked of other sites.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"

# Selectors that name a class of microformats2 (h-feed, p-name, u-photo, dt-start, e-content).
styled() {
	grep -noE '\.(h|p|u|dt|e)-[a-z][a-z-]*' "$@"
}

cd "$top" || exit 1
none "no style sheet styles what is there for programs" "$(styled share/static/*.css)"

none "no style sheet asks for anything" "$(
	grep -nE 'url\(|@import|@font-face' share/static/*.css)"

none "no template has a style or a script in it" "$(
	grep -nE '<style|[ "]style=|<script[^>]*>[^<]|[ "]on[a-z]+=' share/templates/*.html | grep -v 'type="application/ld+json">{{{')"

# Between a desk's margin and a phone, whoever writes left or right means only one of two directions.
none "the theme names sides by the direction of the text" "$(
	grep -nE '(margin|padding|border)-(left|right)|float:|[^-]right:' share/static/style.css)"

none "a styled class would be found" "$(
	echo '.h-feed > h1 { margin: 0 }' | grep -qE '\.(h|p|u|dt|e)-[a-z]' || echo "it was not")"
plan
