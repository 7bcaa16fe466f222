# The files of tests/unit.
EXTRA_DIST += tests/fixtures/json tests/fixtures/mustache

if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_text_json
TESTS += tests/unit/test_text_json
tests_unit_test_text_json_SOURCES = tests/unit/test_text_json.c tests/unit/fixture.h
tests_unit_test_text_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_json_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS) -lm

check_PROGRAMS += tests/unit/test_text_mustache
TESTS += tests/unit/test_text_mustache
tests_unit_test_text_mustache_SOURCES = tests/unit/test_text_mustache.c tests/unit/fixture.h \
	tests/unit/tempdir.h
tests_unit_test_text_mustache_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_mustache_LDADD = libtext.a libcore.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS) \
	$(SODIUM_LIBS) $(CONFUSE_LIBS) -lm

endif
