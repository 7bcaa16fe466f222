#!/bin/sh
# Every header of src compiles alone, and the checker sees one that does not.
set -u

top=${SP_TOP_SRCDIR:-$(cd "$(dirname "$0")/../.." && pwd)}
build=${SP_TOP_BUILDDIR:-$top}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

echo 1..2
if "$top/tools/headers.sh" "$top" "$build" > "$tree/found" 2>&1; then
	echo "ok 1 - every header compiles alone"
else
	echo "not ok 1 - every header compiles alone"
	sed 's/^/# /' "$tree/found"
fi
mkdir -p "$tree/src/web"
printf '#ifndef WEB_A_H\n#define WEB_A_H\nsize_t f(void);\n#endif\n' > "$tree/src/web/a.h"
if "$top/tools/headers.sh" "$tree" > "$tree/found" 2>&1 || ! grep -qx src/web/a.h "$tree/found"; then
	echo "not ok 2 - a header that needs another first is caught"
else
	echo "ok 2 - a header that needs another first is caught"
fi
