# The files of tests/drift.
dist_check_SCRIPTS += tests/drift/floors.t tests/drift/headers.t tests/drift/lint.t
TESTS += tests/drift/floors.t tests/drift/headers.t tests/drift/lint.t
