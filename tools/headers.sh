#!/bin/sh
# Compiles each header of src alone: it has to include what it uses.
#
# Usage: headers.sh [TREE [BUILD]]; TREE holds src/, by default the directory above this file; BUILD
# is where generated headers are. CC and CPPFLAGS as for a compiler; each header that fails is named.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "${1:-$here/..}" && pwd)
build=${2:-$tree}
flags="-std=c11 -D_GNU_SOURCE -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c"
status=0
cd "$tree/src"
for header in $(find . -name '*.h' | LC_ALL=C sort); do
	# Twice: the guard is part of what is asked of it.
	printf '#include "%s"\n#include "%s"\nextern int header_stands_alone;\n' "${header#./}" "${header#./}" |
		${CC:-cc} $flags ${CPPFLAGS:-} -I. -I"$build/src" - || { echo "src/${header#./}"; status=1; }
done
exit $status
