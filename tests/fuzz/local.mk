# The files of tests/fuzz. A target X is fuzz_X.c, which defines LLVMFuzzerTestOneInput, with seeds in
# corpus/X/ and perhaps words in X.dict. `make check` runs every seed through it once (replay.c);
# `make fuzz` builds all targets with clang's libFuzzer, ASan and UBSan in fuzz-build/ and lets each
# look for new inputs for FUZZ_SECONDS. What crashes becomes a seed, named for the symptom.
#
# To add one: a line in FUZZ_TARGETS, and its _SOURCES and _LDADD (which begins with $(FUZZ_MAIN)).
FUZZ_TARGETS =
FUZZ_MAIN = tests/fuzz/libreplay.a
FUZZ_SECONDS = 30
FUZZ_FLAGS = -max_len=4096 -timeout=10 -rss_limit_mb=1024

check_LIBRARIES = tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c tests/fuzz/fuzz.h

FUZZ_TARGETS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_json_LDADD = $(FUZZ_MAIN) libtext.a libbase.a $(JSONC_LIBS) -lm

FUZZ_TARGETS += tests/fuzz/fuzz_markdown
tests_fuzz_fuzz_markdown_SOURCES = tests/fuzz/fuzz_markdown.c tests/fuzz/fuzz.h \
	tests/unit/html_check.h
tests_fuzz_fuzz_markdown_LDADD = $(FUZZ_MAIN) libtext.a libbase.a $(MARKDOWN_LIBS) $(GUMBO_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_sanitize
tests_fuzz_fuzz_sanitize_SOURCES = tests/fuzz/fuzz_sanitize.c tests/fuzz/fuzz.h \
	tests/unit/html_check.h
tests_fuzz_fuzz_sanitize_LDADD = $(FUZZ_MAIN) libtext.a libbase.a $(GUMBO_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_tmpl
tests_fuzz_fuzz_tmpl_SOURCES = tests/fuzz/fuzz_tmpl.c tests/fuzz/fuzz.h tests/unit/tmpl_views.def
tests_fuzz_fuzz_tmpl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_fuzz_tmpl_LDADD = $(FUZZ_MAIN) libtext.a libcore.a libbase.a $(SODIUM_LIBS) $(CONFUSE_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_catalog
tests_fuzz_fuzz_catalog_SOURCES = tests/fuzz/fuzz_catalog.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_catalog_LDADD = $(FUZZ_MAIN) libtext.a libcore.a libbase.a $(SODIUM_LIBS) $(CONFUSE_LIBS)

check_PROGRAMS += $(FUZZ_TARGETS)
TESTS += $(FUZZ_TARGETS)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/json.dict tests/fuzz/markdown.dict \
	tests/fuzz/sanitize.dict tests/fuzz/tmpl.dict

FUZZ_TARGETS += tests/fuzz/fuzz_form
EXTRA_DIST += tests/fuzz/corpus/form
tests_fuzz_fuzz_form_SOURCES = tests/fuzz/fuzz_form.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_form_LDADD = $(FUZZ_MAIN) libhttp.a libcore.a libbase.a

FUZZ_TARGETS += tests/fuzz/fuzz_multipart
EXTRA_DIST += tests/fuzz/corpus/multipart tests/fuzz/multipart.dict
tests_fuzz_fuzz_multipart_SOURCES = tests/fuzz/fuzz_multipart.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_multipart_LDADD = $(FUZZ_MAIN) libhttp.a libcore.a libbase.a

FUZZ_TARGETS += tests/fuzz/fuzz_head
EXTRA_DIST += tests/fuzz/corpus/head tests/fuzz/head.dict
tests_fuzz_fuzz_head_SOURCES = tests/fuzz/fuzz_head.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_head_LDADD = $(FUZZ_MAIN) libhttp.a libcore.a libbase.a

FUZZ_TARGETS += tests/fuzz/fuzz_passkey
EXTRA_DIST += tests/fuzz/corpus/passkey
tests_fuzz_fuzz_passkey_SOURCES = tests/fuzz/fuzz_passkey.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_passkey_LDADD = $(FUZZ_MAIN) libdomain.a libtext.a libstore.a libcore.a libbase.a $(FOREIGN_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_accept
EXTRA_DIST += tests/fuzz/corpus/accept tests/fuzz/accept.dict
tests_fuzz_fuzz_accept_SOURCES = tests/fuzz/fuzz_accept.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_accept_LDADD = $(FUZZ_MAIN) libhttp.a libcore.a libbase.a

FUZZ_TARGETS += tests/fuzz/fuzz_config
EXTRA_DIST += tests/fuzz/corpus/config tests/fuzz/config.dict
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_config_LDADD = $(FUZZ_MAIN) libcore.a libbase.a $(CONFUSE_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_time
EXTRA_DIST += tests/fuzz/corpus/time tests/fuzz/time.dict
tests_fuzz_fuzz_time_SOURCES = tests/fuzz/fuzz_time.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_time_LDADD = $(FUZZ_MAIN) libbase.a

FUZZ_TARGETS += tests/fuzz/fuzz_post
EXTRA_DIST += tests/fuzz/corpus/post tests/fuzz/post.dict
tests_fuzz_fuzz_post_SOURCES = tests/fuzz/fuzz_post.c tests/fuzz/fuzz.h tests/unit/xml_check.h
tests_fuzz_fuzz_post_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_fuzz_post_LDADD = $(FUZZ_MAIN) libdomain.a libimage.a libnet.a libtext.a libstore.a libcore.a libbase.a $(FOREIGN_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_feed
EXTRA_DIST += tests/fuzz/corpus/feed
tests_fuzz_fuzz_feed_SOURCES = tests/fuzz/fuzz_feed.c tests/fuzz/fuzz.h tests/unit/xml_check.h
tests_fuzz_fuzz_feed_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_fuzz_feed_LDADD = $(tests_fuzz_fuzz_post_LDADD)

FUZZ_TARGETS += tests/fuzz/fuzz_parts
EXTRA_DIST += tests/fuzz/corpus/parts tests/fuzz/parts.dict
tests_fuzz_fuzz_parts_SOURCES = tests/fuzz/fuzz_parts.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_parts_LDADD = $(tests_fuzz_fuzz_post_LDADD)

FUZZ_TARGETS += tests/fuzz/fuzz_client
EXTRA_DIST += tests/fuzz/corpus/client tests/fuzz/client.dict
tests_fuzz_fuzz_client_SOURCES = tests/fuzz/fuzz_client.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_client_LDADD = $(tests_fuzz_fuzz_post_LDADD)

FUZZ_TARGETS += tests/fuzz/fuzz_url
EXTRA_DIST += tests/fuzz/corpus/url tests/fuzz/url.dict
tests_fuzz_fuzz_url_SOURCES = tests/fuzz/fuzz_url.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_url_LDADD = $(FUZZ_MAIN) libnet.a libcore.a libbase.a $(NET_LIBS)

# It stands on the site that the unit tests of domain stand on.
if HAVE_CMOCKA
FUZZ_TARGETS += tests/fuzz/fuzz_query
endif
EXTRA_DIST += tests/fuzz/corpus/query tests/fuzz/query.dict
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c tests/fuzz/fuzz.h tests/unit/domain_fixture.h
tests_fuzz_fuzz_query_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_fuzz_query_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_fuzz_fuzz_query_LDADD = $(FUZZ_MAIN) libdomain.a libimage.a libnet.a libhttp.a libtext.a libstore.a \
	libcore.a libbase.a $(FOREIGN_LIBS)

FUZZ_TARGETS += tests/fuzz/fuzz_record
EXTRA_DIST += tests/fuzz/corpus/record
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_record_LDADD = $(FUZZ_MAIN) libapp.a

.PHONY: fuzz fuzz-programs
fuzz-programs: $(FUZZ_TARGETS)

fuzz:
	$(MKDIR_P) fuzz-build
	test -f fuzz-build/Makefile || (cd fuzz-build && '$(abs_top_srcdir)/configure' -q CC=clang \
		CFLAGS='-g -O1' --enable-sanitizers=fuzzer-no-link,address,undefined)
	cd fuzz-build && $(MAKE) FUZZ_MAIN= LDFLAGS=-fsanitize=fuzzer fuzz-programs
	cd fuzz-build && for p in $(FUZZ_TARGETS); do \
		x=$${p##*/fuzz_}; t='$(abs_top_srcdir)/tests/fuzz'; d=; \
		test ! -f "$$t/$$x.dict" || d="-dict=$$t/$$x.dict"; \
		$(MKDIR_P) "found/$$x" "crashes/$$x" || exit 1; \
		echo "$$x: $(FUZZ_SECONDS) s"; \
		SP_TOP_SRCDIR='$(abs_top_srcdir)' \
		./$$p $(FUZZ_FLAGS) -max_total_time=$(FUZZ_SECONDS) $$d -verbosity=0 \
			-artifact_prefix="crashes/$$x/" "found/$$x" "$$t/corpus/$$x" || exit 1; \
	done
