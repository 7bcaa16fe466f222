# The files of tests/fault.
