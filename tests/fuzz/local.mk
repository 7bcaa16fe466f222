# The files of tests/fuzz.
