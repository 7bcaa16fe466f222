#!/bin/sh
# Makes ./configure out of configure.ac. Needs autoconf, automake, autoconf-archive, pkg-config.
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux m4
exec autoreconf --install --warnings=all "$@"
