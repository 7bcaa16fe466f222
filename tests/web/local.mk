# The files of tests/web.
