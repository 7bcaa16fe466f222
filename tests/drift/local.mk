# The files of tests/drift, and what tests in shell share.
EXTRA_DIST += tests/lib/tap.sh
dist_check_SCRIPTS += tests/drift/floors.t tests/drift/headers.t tests/drift/lint.t
TESTS += tests/drift/floors.t tests/drift/headers.t tests/drift/lint.t

# The manual pages against the program that fills them.
dist_check_SCRIPTS += tests/drift/manuals.t
TESTS += tests/drift/manuals.t

# Every row of a table is used by somebody.
dist_check_SCRIPTS += tests/drift/tables.t
TESTS += tests/drift/tables.t

# What the Makefile's parts list.
dist_check_SCRIPTS += tests/drift/lists.t
TESTS += tests/drift/lists.t

# Style sheets and templates.
dist_check_SCRIPTS += tests/drift/theme.t
TESTS += tests/drift/theme.t

# Every text has a translation.
dist_check_SCRIPTS += tests/drift/words.t
TESTS += tests/drift/words.t

# Units, user and directories, AppArmor's profile, the package.
dist_check_SCRIPTS += tests/drift/units.t
TESTS += tests/drift/units.t

# Alert rules and dashboard name what is counted.
dist_check_SCRIPTS += tests/drift/monitoring.t
TESTS += tests/drift/monitoring.t
EXTRA_DIST += tests/fixtures/prometheus/rules_test.yml

# Every error is met by a test.
dist_check_SCRIPTS += tests/drift/errors.t
TESTS += tests/drift/errors.t
EXTRA_DIST += tests/drift/errors.list
