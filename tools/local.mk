# The files of tools.
EXTRA_DIST += autogen.sh tools/package-test tools/systems.sh tools/vm-test tools/verify doc/ARCHITECTURE.md doc/STYLE.md
EXTRA_DIST += tools/floors.awk tools/floors.sh tools/lint.awk tools/lint.sh tools/headers.sh
EXTRA_DIST += tools/demo-media tools/demo-media.js
