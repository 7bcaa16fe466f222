# The files of tests/unit.
