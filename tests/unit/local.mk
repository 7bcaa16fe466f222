# The files of tests/unit.
EXTRA_DIST += tests/fixtures/json tests/fixtures/mustache

if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_text_json
TESTS += tests/unit/test_text_json
tests_unit_test_text_json_SOURCES = tests/unit/test_text_json.c tests/unit/fixture.h
tests_unit_test_text_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_json_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS) -lm

endif
