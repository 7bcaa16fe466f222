#!/bin/sh
# Checks that includes point down: tools/floors.awk over all sources.
#
# Usage: floors.sh [TREE]; TREE is the directory that holds src/, by default the one above this file.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/..}"
find src -name '*.[ch]' | LC_ALL=C sort | xargs awk -f "$here/floors.awk" src/FLOORS
