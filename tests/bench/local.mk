# The files of tests/bench.
