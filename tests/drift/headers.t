#!/bin/sh
# Every header of src compiles alone, and the checker sees one that does not.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=/dev/null
. "$top/tests/lib/tap.sh"
build=${SP_TOP_BUILDDIR:-$top}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

"$top/tools/headers.sh" "$top" "$build" > "$tree/found" 2>&1
report "every header compiles alone" $? "$tree/found"

mkdir -p "$tree/src/web"
printf '#ifndef WEB_A_H\n#define WEB_A_H\nsize_t f(void);\n#endif\n' > "$tree/src/web/a.h"
! "$top/tools/headers.sh" "$tree" > "$tree/found" 2>&1 && grep -qx src/web/a.h "$tree/found"
report "a header that needs another first is caught" $? "$tree/found"
plan
