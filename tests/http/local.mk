# The files of tests/http.
