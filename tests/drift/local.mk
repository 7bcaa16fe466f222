# The files of tests/drift.
