#!/bin/sh
# The project's own lint: tools/lint.awk over all C of src and tests.
#
# Usage: lint.sh [TREE]; TREE is the directory that holds src/, by default the one above this file.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/..}"
dirs=src
[ ! -d tests ] || dirs="src tests"
find $dirs -name '*.[ch]' | LC_ALL=C sort | xargs awk -f "$here/lint.awk"
