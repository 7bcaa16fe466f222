# The files of tests/unit.
EXTRA_DIST += tests/fixtures/schema.sql tests/fixtures/tls
EXTRA_DIST += tests/fixtures/cbor tests/fixtures/webauthn tests/fixtures/wycheproof
EXTRA_DIST += tests/fixtures/feeds tests/fixtures/images tests/fixtures/json tests/fixtures/mustache tests/fixtures/sanitize

dist_check_SCRIPTS += tests/unit/store_generators.t
dist_check_SCRIPTS += tests/unit/bash_completion.t
TESTS += tests/unit/bash_completion.t
TESTS += tests/unit/store_generators.t

# Every test in C notes which errors it has met, if it is asked to: see tests/drift/errors.t.
EXTRA_LIBRARIES += tests/lib/libraised.a
tests_lib_libraised_a_SOURCES = tests/lib/raised.c
CLEANFILES += tests/lib/libraised.a
CMOCKA_LIBS = tests/lib/libraised.a libbase.a @CMOCKA_LIBS@

if HAVE_CMOCKA

check_PROGRAMS += tests/unit/test_text_html
TESTS += tests/unit/test_text_html
tests_unit_test_text_html_SOURCES = tests/unit/test_text_html.c
tests_unit_test_text_html_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_html_LDADD = libtext.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_text_markdown
TESTS += tests/unit/test_text_markdown
tests_unit_test_text_markdown_SOURCES = tests/unit/test_text_markdown.c tests/unit/html_check.h
tests_unit_test_text_markdown_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_markdown_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(MARKDOWN_LIBS) \
	$(GUMBO_LIBS)

check_PROGRAMS += tests/unit/test_text_fold
TESTS += tests/unit/test_text_fold
tests_unit_test_text_fold_SOURCES = tests/unit/test_text_fold.c
tests_unit_test_text_fold_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_fold_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(UNISTRING_LIBS)

check_PROGRAMS += tests/unit/test_text_sanitize
TESTS += tests/unit/test_text_sanitize
tests_unit_test_text_sanitize_SOURCES = tests/unit/test_text_sanitize.c \
	tests/unit/fixture.h tests/unit/html_check.h
tests_unit_test_text_sanitize_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_sanitize_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(GUMBO_LIBS) \
	$(JSONC_LIBS) -lm

check_PROGRAMS += tests/unit/test_text_json
TESTS += tests/unit/test_text_json
tests_unit_test_text_json_SOURCES = tests/unit/test_text_json.c
tests_unit_test_text_json_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_json_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS) -lm

check_PROGRAMS += tests/unit/test_text_json_suite
TESTS += tests/unit/test_text_json_suite
tests_unit_test_text_json_suite_SOURCES = tests/unit/test_text_json_suite.c tests/unit/fixture.h
tests_unit_test_text_json_suite_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_json_suite_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS) -lm

check_PROGRAMS += tests/unit/test_text_tmpl
TESTS += tests/unit/test_text_tmpl
tests_unit_test_text_tmpl_SOURCES = tests/unit/test_text_tmpl.c tests/unit/tempdir.h \
	tests/unit/tmpl_views.def
tests_unit_test_text_tmpl_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_unit_test_text_tmpl_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_tmpl_LDADD = libtext.a libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS) \
	$(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_text_words
TESTS += tests/unit/test_text_words
tests_unit_test_text_words_SOURCES = tests/unit/test_text_words.c tests/unit/tempdir.h \
	tests/unit/tmpl_views.def
tests_unit_test_text_words_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_unit_test_text_words_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_words_LDADD = libtext.a libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS) \
	$(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_text_plural
TESTS += tests/unit/test_text_plural
tests_unit_test_text_plural_SOURCES = tests/unit/test_text_plural.c
tests_unit_test_text_plural_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_plural_LDADD = libtext.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_text_mustache
TESTS += tests/unit/test_text_mustache
tests_unit_test_text_mustache_SOURCES = tests/unit/test_text_mustache.c tests/unit/fixture.h \
	tests/unit/tempdir.h
tests_unit_test_text_mustache_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_mustache_LDADD = libtext.a libcore.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS) \
	$(SODIUM_LIBS) $(CONFUSE_LIBS) -lm

check_PROGRAMS += tests/unit/test_base_str
TESTS += tests/unit/test_base_str
tests_unit_test_base_str_SOURCES = tests/unit/test_base_str.c
tests_unit_test_base_str_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_str_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_memory
TESTS += tests/unit/test_base_memory
tests_unit_test_base_memory_SOURCES = tests/unit/test_base_memory.c
tests_unit_test_base_memory_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_memory_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_ctx
TESTS += tests/unit/test_base_ctx
tests_unit_test_base_ctx_SOURCES = tests/unit/test_base_ctx.c
tests_unit_test_base_ctx_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_ctx_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_enc
TESTS += tests/unit/test_base_enc
tests_unit_test_base_enc_SOURCES = tests/unit/test_base_enc.c
tests_unit_test_base_enc_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_enc_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_base_time
TESTS += tests/unit/test_base_time
tests_unit_test_base_time_SOURCES = tests/unit/test_base_time.c
tests_unit_test_base_time_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_time_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_core_config
TESTS += tests/unit/test_core_config
tests_unit_test_core_config_SOURCES = tests/unit/test_core_config.c tests/unit/config_fixture.h \
	tests/unit/tempdir.h
tests_unit_test_core_config_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_config_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_config_types
TESTS += tests/unit/test_core_config_types
tests_unit_test_core_config_types_SOURCES = tests/unit/test_core_config_types.c tests/unit/config_fixture.h \
	tests/unit/tempdir.h
tests_unit_test_core_config_types_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_config_types_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_config_docs
TESTS += tests/unit/test_core_config_docs
tests_unit_test_core_config_docs_SOURCES = tests/unit/test_core_config_docs.c tests/unit/config_fixture.h \
	tests/unit/json_check.h tests/unit/tempdir.h
tests_unit_test_core_config_docs_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_config_docs_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_config_check
TESTS += tests/unit/test_core_config_check
tests_unit_test_core_config_check_SOURCES = tests/unit/test_core_config_check.c tests/unit/config_fixture.h \
	tests/unit/tempdir.h
tests_unit_test_core_config_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_config_check_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_log
TESTS += tests/unit/test_core_log
tests_unit_test_core_log_SOURCES = tests/unit/test_core_log.c tests/unit/log_fixture.h \
	tests/unit/json_check.h tests/unit/metrics_fixture.h
tests_unit_test_core_log_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_log_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_log_file
TESTS += tests/unit/test_core_log_file
tests_unit_test_core_log_file_SOURCES = tests/unit/test_core_log_file.c tests/unit/log_fixture.h \
	tests/unit/json_check.h tests/unit/metrics_fixture.h
tests_unit_test_core_log_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_log_file_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_layout
TESTS += tests/unit/test_core_layout
tests_unit_test_core_layout_SOURCES = tests/unit/test_core_layout.c tests/unit/metrics_fixture.h
tests_unit_test_core_layout_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_layout_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_log_full
TESTS += tests/unit/test_core_log_full
tests_unit_test_core_log_full_SOURCES = tests/unit/test_core_log_full.c tests/unit/log_fixture.h \
	tests/unit/json_check.h tests/unit/metrics_fixture.h
tests_unit_test_core_log_full_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_log_full_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_log_line
TESTS += tests/unit/test_core_log_line
tests_unit_test_core_log_line_SOURCES = tests/unit/test_core_log_line.c tests/unit/json_check.h
tests_unit_test_core_log_line_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_log_line_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_journal
TESTS += tests/unit/test_core_journal
tests_unit_test_core_journal_SOURCES = tests/unit/test_core_journal.c tests/unit/journal_fixture.h \
	tests/unit/log_fixture.h tests/unit/json_check.h tests/unit/metrics_fixture.h
tests_unit_test_core_journal_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_journal_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_journal_faults
TESTS += tests/unit/test_core_journal_faults
tests_unit_test_core_journal_faults_SOURCES = tests/unit/test_core_journal_faults.c \
	tests/unit/journal_fixture.h tests/unit/log_fixture.h tests/unit/json_check.h tests/unit/metrics_fixture.h
tests_unit_test_core_journal_faults_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_journal_faults_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_journal_entry
TESTS += tests/unit/test_core_journal_entry
tests_unit_test_core_journal_entry_SOURCES = tests/unit/test_core_journal_entry.c tests/unit/json_check.h
tests_unit_test_core_journal_entry_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_journal_entry_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_crypto
TESTS += tests/unit/test_core_crypto
tests_unit_test_core_crypto_SOURCES = tests/unit/test_core_crypto.c
tests_unit_test_core_crypto_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_crypto_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_folder
TESTS += tests/unit/test_core_folder
tests_unit_test_core_folder_SOURCES = tests/unit/test_core_folder.c tests/unit/tempdir.h
tests_unit_test_core_folder_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_folder_LDADD = libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_core_facts
TESTS += tests/unit/test_core_facts
tests_unit_test_core_facts_SOURCES = tests/unit/test_core_facts.c
tests_unit_test_core_facts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_facts_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_proc
TESTS += tests/unit/test_core_proc
tests_unit_test_core_proc_SOURCES = tests/unit/test_core_proc.c tests/unit/proc_fixture.h \
	tests/unit/tempdir.h
tests_unit_test_core_proc_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_proc_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SECCOMP_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_proc_service
TESTS += tests/unit/test_core_proc_service
tests_unit_test_core_proc_service_SOURCES = tests/unit/test_core_proc_service.c tests/unit/proc_fixture.h \
	tests/unit/tempdir.h
tests_unit_test_core_proc_service_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_proc_service_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_lookout
TESTS += tests/unit/test_core_lookout
tests_unit_test_core_lookout_SOURCES = tests/unit/test_core_lookout.c tests/unit/tempdir.h
tests_unit_test_core_lookout_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_lookout_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=access -Wl,--wrap=pthread_cond_signal
tests_unit_test_core_lookout_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_health
TESTS += tests/unit/test_core_health
tests_unit_test_core_health_SOURCES = tests/unit/test_core_health.c tests/unit/metrics_fixture.h
tests_unit_test_core_health_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_health_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_histogram
TESTS += tests/unit/test_core_histogram
tests_unit_test_core_histogram_SOURCES = tests/unit/test_core_histogram.c
tests_unit_test_core_histogram_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_histogram_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_segment
TESTS += tests/unit/test_core_segment
tests_unit_test_core_segment_SOURCES = tests/unit/test_core_segment.c
tests_unit_test_core_segment_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_segment_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_metrics
TESTS += tests/unit/test_core_metrics
tests_unit_test_core_metrics_SOURCES = tests/unit/test_core_metrics.c tests/unit/metrics_fixture.h
tests_unit_test_core_metrics_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_metrics_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_prometheus
TESTS += tests/unit/test_core_prometheus
tests_unit_test_core_prometheus_SOURCES = tests/unit/test_core_prometheus.c
tests_unit_test_core_prometheus_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_prometheus_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_slot
TESTS += tests/unit/test_core_slot
tests_unit_test_core_slot_SOURCES = tests/unit/test_core_slot.c tests/unit/metrics_fixture.h
tests_unit_test_core_slot_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_slot_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_history
TESTS += tests/unit/test_core_history
tests_unit_test_core_history_SOURCES = tests/unit/test_core_history.c tests/unit/metrics_fixture.h
tests_unit_test_core_history_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_history_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_digest
TESTS += tests/unit/test_core_digest
tests_unit_test_core_digest_SOURCES = tests/unit/test_core_digest.c
tests_unit_test_core_digest_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_digest_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(XXHASH_LIBS)

check_PROGRAMS += tests/unit/test_core_ring
TESTS += tests/unit/test_core_ring
tests_unit_test_core_ring_SOURCES = tests/unit/test_core_ring.c tests/unit/metrics_fixture.h
tests_unit_test_core_ring_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_ring_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_core_segment_rate
TESTS += tests/unit/test_core_segment_rate
tests_unit_test_core_segment_rate_SOURCES = tests/unit/test_core_segment_rate.c tests/unit/metrics_fixture.h
tests_unit_test_core_segment_rate_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_segment_rate_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS)

check_PROGRAMS += tests/unit/test_http_head
TESTS += tests/unit/test_http_head
tests_unit_test_http_head_SOURCES = tests/unit/test_http_head.c tests/unit/http_fixture.h
tests_unit_test_http_head_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_head_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_req
TESTS += tests/unit/test_http_req
tests_unit_test_http_req_SOURCES = tests/unit/test_http_req.c tests/unit/http_fixture.h
tests_unit_test_http_req_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_req_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_req_target
TESTS += tests/unit/test_http_req_target
tests_unit_test_http_req_target_SOURCES = tests/unit/test_http_req_target.c tests/unit/http_fixture.h
tests_unit_test_http_req_target_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_req_target_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_req_body
TESTS += tests/unit/test_http_req_body
tests_unit_test_http_req_body_SOURCES = tests/unit/test_http_req_body.c tests/unit/http_fixture.h
tests_unit_test_http_req_body_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_req_body_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_form
TESTS += tests/unit/test_http_form
tests_unit_test_http_form_SOURCES = tests/unit/test_http_form.c tests/unit/http_fixture.h
tests_unit_test_http_form_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_form_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_multipart
TESTS += tests/unit/test_http_multipart
tests_unit_test_http_multipart_SOURCES = tests/unit/test_http_multipart.c tests/unit/http_fixture.h
tests_unit_test_http_multipart_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_multipart_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_multipart_fields
TESTS += tests/unit/test_http_multipart_fields
tests_unit_test_http_multipart_fields_SOURCES = tests/unit/test_http_multipart_fields.c tests/unit/http_fixture.h
tests_unit_test_http_multipart_fields_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_multipart_fields_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_resp
TESTS += tests/unit/test_http_resp
tests_unit_test_http_resp_SOURCES = tests/unit/test_http_resp.c tests/unit/http_fixture.h
tests_unit_test_http_resp_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_resp_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_route
TESTS += tests/unit/test_http_route
tests_unit_test_http_route_SOURCES = tests/unit/test_http_route.c tests/unit/http_fixture.h
tests_unit_test_http_route_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_route_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_http_cond
TESTS += tests/unit/test_http_cond
tests_unit_test_http_cond_SOURCES = tests/unit/test_http_cond.c tests/unit/http_fixture.h
tests_unit_test_http_cond_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_http_cond_LDADD = libhttp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_core_helper
TESTS += tests/unit/test_core_helper
tests_unit_test_core_helper_SOURCES = tests/unit/test_core_helper.c tests/unit/tempdir.h
tests_unit_test_core_helper_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_helper_LDADD = libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_core_jail
TESTS += tests/unit/test_core_jail
tests_unit_test_core_jail_SOURCES = tests/unit/test_core_jail.c
tests_unit_test_core_jail_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_jail_LDADD = libcore.a $(CMOCKA_LIBS) $(SECCOMP_LIBS)

check_PROGRAMS += tests/unit/test_core_landlock
TESTS += tests/unit/test_core_landlock
tests_unit_test_core_landlock_SOURCES = tests/unit/test_core_landlock.c tests/unit/tempdir.h
tests_unit_test_core_landlock_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_landlock_LDADD = libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_net_address
TESTS += tests/unit/test_net_address
tests_unit_test_net_address_SOURCES = tests/unit/test_net_address.c
tests_unit_test_net_address_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_net_address_LDADD = libnet.a libcore.a libbase.a $(CMOCKA_LIBS) $(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_net_url
TESTS += tests/unit/test_net_url
tests_unit_test_net_url_SOURCES = tests/unit/test_net_url.c
tests_unit_test_net_url_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_net_url_LDADD = libnet.a libcore.a libbase.a $(CMOCKA_LIBS) $(NET_LIBS)

# The tests of domain use a real database in a directory of their own.
domain_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
domain_test_ldadd = libdomain.a libimage.a libnet.a libtext.a libstore.a libcore.a libbase.a $(CMOCKA_LIBS) \
	$(FOREIGN_LIBS)

check_PROGRAMS += tests/unit/test_domain_alias
TESTS += tests/unit/test_domain_alias
tests_unit_test_domain_alias_SOURCES = tests/unit/test_domain_alias.c tests/unit/domain_fixture.h
tests_unit_test_domain_alias_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_alias_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_archive
TESTS += tests/unit/test_domain_archive
tests_unit_test_domain_archive_SOURCES = tests/unit/test_domain_archive.c tests/unit/domain_fixture.h
tests_unit_test_domain_archive_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_archive_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_audit
TESTS += tests/unit/test_domain_audit
tests_unit_test_domain_audit_SOURCES = tests/unit/test_domain_audit.c tests/unit/domain_fixture.h
tests_unit_test_domain_audit_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_audit_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_indieauth
TESTS += tests/unit/test_domain_indieauth
tests_unit_test_domain_indieauth_SOURCES = tests/unit/test_domain_indieauth.c tests/unit/domain_fixture.h
tests_unit_test_domain_indieauth_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_indieauth_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_auth
TESTS += tests/unit/test_domain_auth
tests_unit_test_domain_auth_SOURCES = tests/unit/test_domain_auth.c tests/unit/domain_fixture.h
tests_unit_test_domain_auth_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_auth_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_client
TESTS += tests/unit/test_domain_client
tests_unit_test_domain_client_SOURCES = tests/unit/test_domain_client.c tests/unit/domain_fixture.h
tests_unit_test_domain_client_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_client_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_client_url
TESTS += tests/unit/test_domain_client_url
tests_unit_test_domain_client_url_SOURCES = tests/unit/test_domain_client_url.c tests/unit/domain_fixture.h
tests_unit_test_domain_client_url_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_client_url_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_client_doc
TESTS += tests/unit/test_domain_client_doc
tests_unit_test_domain_client_doc_SOURCES = tests/unit/test_domain_client_doc.c
tests_unit_test_domain_client_doc_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_client_doc_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_backup
TESTS += tests/unit/test_domain_backup
tests_unit_test_domain_backup_SOURCES = tests/unit/test_domain_backup.c tests/unit/domain_fixture.h
tests_unit_test_domain_backup_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_backup_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=open -Wl,--wrap=flock -Wl,--wrap=rename -Wl,--wrap=linkat \
	-Wl,--wrap=readdir
tests_unit_test_domain_backup_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_demo
TESTS += tests/unit/test_domain_demo
tests_unit_test_domain_demo_SOURCES = tests/unit/test_domain_demo.c tests/unit/domain_fixture.h \
	tests/unit/image_stub.h tests/unit/media_fixture.h
tests_unit_test_domain_demo_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_demo_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_feed
TESTS += tests/unit/test_domain_feed
tests_unit_test_domain_feed_SOURCES = tests/unit/test_domain_feed.c tests/unit/domain_fixture.h
tests_unit_test_domain_feed_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_feed_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_feed_formats
TESTS += tests/unit/test_domain_feed_formats
tests_unit_test_domain_feed_formats_SOURCES = tests/unit/test_domain_feed_formats.c \
	tests/unit/domain_fixture.h tests/unit/xml_check.h
tests_unit_test_domain_feed_formats_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_feed_formats_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_feed_opml
TESTS += tests/unit/test_domain_feed_opml
tests_unit_test_domain_feed_opml_SOURCES = tests/unit/test_domain_feed_opml.c \
	tests/unit/domain_fixture.h tests/unit/xml_check.h
tests_unit_test_domain_feed_opml_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_feed_opml_LDADD = $(domain_test_ldadd)

# Their system calls go through the test.
check_PROGRAMS += tests/unit/test_domain_media_file
TESTS += tests/unit/test_domain_media_file
tests_unit_test_domain_media_file_SOURCES = tests/unit/test_domain_media_file.c tests/unit/domain_fixture.h
tests_unit_test_domain_media_file_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_media_file_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=open -Wl,--wrap=write \
	-Wl,--wrap=fsync -Wl,--wrap=mkdir -Wl,--wrap=linkat -Wl,--wrap=link -Wl,--wrap=rename
tests_unit_test_domain_media_file_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_media
TESTS += tests/unit/test_domain_media
tests_unit_test_domain_media_SOURCES = tests/unit/test_domain_media.c tests/unit/domain_fixture.h \
	tests/unit/image_stub.h tests/unit/media_fixture.h
tests_unit_test_domain_media_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_media_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_media_query
TESTS += tests/unit/test_domain_media_query
tests_unit_test_domain_media_query_SOURCES = tests/unit/test_domain_media_query.c \
	tests/unit/domain_fixture.h tests/unit/image_stub.h tests/unit/media_fixture.h
tests_unit_test_domain_media_query_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_media_query_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_micropub
TESTS += tests/unit/test_domain_micropub
tests_unit_test_domain_micropub_SOURCES = tests/unit/test_domain_micropub.c tests/unit/domain_fixture.h
tests_unit_test_domain_micropub_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_micropub_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_micropub_query
TESTS += tests/unit/test_domain_micropub_query
tests_unit_test_domain_micropub_query_SOURCES = tests/unit/test_domain_micropub_query.c \
	tests/unit/domain_fixture.h tests/unit/micropub_query_fixture.h
tests_unit_test_domain_micropub_query_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_micropub_query_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_micropub_source
TESTS += tests/unit/test_domain_micropub_source
tests_unit_test_domain_micropub_source_SOURCES = tests/unit/test_domain_micropub_source.c \
	tests/unit/domain_fixture.h tests/unit/micropub_query_fixture.h
tests_unit_test_domain_micropub_source_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_micropub_source_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post
TESTS += tests/unit/test_domain_post
tests_unit_test_domain_post_SOURCES = tests/unit/test_domain_post.c tests/unit/domain_fixture.h \
	tests/unit/fixture.h
tests_unit_test_domain_post_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post_change
TESTS += tests/unit/test_domain_post_change
tests_unit_test_domain_post_change_SOURCES = tests/unit/test_domain_post_change.c \
	tests/unit/domain_fixture.h tests/unit/update_fixture.h
tests_unit_test_domain_post_change_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_change_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post_check
TESTS += tests/unit/test_domain_post_check
tests_unit_test_domain_post_check_SOURCES = tests/unit/test_domain_post_check.c tests/unit/domain_fixture.h
tests_unit_test_domain_post_check_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_check_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post_parts
TESTS += tests/unit/test_domain_post_parts
tests_unit_test_domain_post_parts_SOURCES = tests/unit/test_domain_post_parts.c tests/unit/domain_fixture.h
tests_unit_test_domain_post_parts_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_parts_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post_render
TESTS += tests/unit/test_domain_post_render
tests_unit_test_domain_post_render_SOURCES = tests/unit/test_domain_post_render.c tests/unit/domain_fixture.h
tests_unit_test_domain_post_render_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_render_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post_retry
TESTS += tests/unit/test_domain_post_retry
tests_unit_test_domain_post_retry_SOURCES = tests/unit/test_domain_post_retry.c \
	tests/unit/domain_fixture.h
tests_unit_test_domain_post_retry_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_retry_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post_slug
TESTS += tests/unit/test_domain_post_slug
tests_unit_test_domain_post_slug_SOURCES = tests/unit/test_domain_post_slug.c tests/unit/domain_fixture.h
tests_unit_test_domain_post_slug_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_slug_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_post_update
TESTS += tests/unit/test_domain_post_update
tests_unit_test_domain_post_update_SOURCES = tests/unit/test_domain_post_update.c \
	tests/unit/domain_fixture.h tests/unit/update_fixture.h
tests_unit_test_domain_post_update_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_post_update_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_session
TESTS += tests/unit/test_domain_session
tests_unit_test_domain_session_SOURCES = tests/unit/test_domain_session.c tests/unit/domain_fixture.h
tests_unit_test_domain_session_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_session_LDADD = $(domain_test_ldadd)

if WITH_IMAGES
check_PROGRAMS += tests/unit/test_domain_icons
TESTS += tests/unit/test_domain_icons
tests_unit_test_domain_icons_SOURCES = tests/unit/test_domain_icons.c tests/unit/domain_fixture.h \
	tests/unit/fixture.h
tests_unit_test_domain_icons_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_icons_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_sizes
TESTS += tests/unit/test_domain_sizes
tests_unit_test_domain_sizes_SOURCES = tests/unit/test_domain_sizes.c tests/unit/domain_fixture.h \
	tests/unit/fixture.h
tests_unit_test_domain_sizes_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_sizes_LDADD = $(domain_test_ldadd)
endif

check_PROGRAMS += tests/unit/test_domain_settings
TESTS += tests/unit/test_domain_settings
tests_unit_test_domain_settings_SOURCES = tests/unit/test_domain_settings.c tests/unit/domain_fixture.h
tests_unit_test_domain_settings_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_settings_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_search
TESTS += tests/unit/test_domain_search
tests_unit_test_domain_search_SOURCES = tests/unit/test_domain_search.c tests/unit/domain_fixture.h \
	tests/unit/search_fixture.h
tests_unit_test_domain_search_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_search_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_search_index
TESTS += tests/unit/test_domain_search_index
tests_unit_test_domain_search_index_SOURCES = tests/unit/test_domain_search_index.c \
	tests/unit/domain_fixture.h tests/unit/search_fixture.h
tests_unit_test_domain_search_index_CFLAGS = $(domain_test_cflags) $(SQLITE_CFLAGS)
tests_unit_test_domain_search_index_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=sqlite3_open_v2
tests_unit_test_domain_search_index_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_site
TESTS += tests/unit/test_domain_site
tests_unit_test_domain_site_SOURCES = tests/unit/test_domain_site.c tests/unit/domain_fixture.h
tests_unit_test_domain_site_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_site_LDADD = $(domain_test_ldadd)

# The tests of image run the helper of this build.
image_test_headers = tests/unit/image_fixture.h tests/unit/fixture.h tests/unit/tempdir.h
image_test_ldadd = libimage.a libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS) $(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_image_helper
TESTS += tests/unit/test_image_helper
tests_unit_test_image_helper_SOURCES = tests/unit/test_image_helper.c $(image_test_headers)
tests_unit_test_image_helper_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_image_helper_LDADD = $(image_test_ldadd)

check_PROGRAMS += tests/unit/test_image_form
TESTS += tests/unit/test_image_form
tests_unit_test_image_form_SOURCES = tests/unit/test_image_form.c $(image_test_headers)
tests_unit_test_image_form_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_image_form_LDADD = $(image_test_ldadd)

tests_unit_test_image_form_CPPFLAGS = $(AM_CPPFLAGS) $(with_images)

if WITH_IMAGES
with_images = -DWITH_IMAGES
check_PROGRAMS += tests/unit/test_image_image
TESTS += tests/unit/test_image_image
tests_unit_test_image_image_SOURCES = tests/unit/test_image_image.c $(image_test_headers)
tests_unit_test_image_image_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JPEG_CFLAGS)
tests_unit_test_image_image_LDADD = $(image_test_ldadd) $(JPEG_LIBS)
endif

store_test_headers = tests/unit/store_site.h tests/unit/tempdir.h
store_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(SQLITE_CFLAGS)
store_test_ldadd = libstore.a libcore.a libbase.a $(CMOCKA_LIBS) $(SQLITE_LIBS) $(SODIUM_LIBS) \
	$(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_store_auth
TESTS += tests/unit/test_store_auth
tests_unit_test_store_auth_SOURCES = tests/unit/test_store_auth.c $(store_test_headers)
tests_unit_test_store_auth_CFLAGS = $(store_test_cflags)
tests_unit_test_store_auth_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_db
TESTS += tests/unit/test_store_db
tests_unit_test_store_db_SOURCES = tests/unit/test_store_db.c $(store_test_headers)
tests_unit_test_store_db_CFLAGS = $(store_test_cflags)
tests_unit_test_store_db_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_pair
TESTS += tests/unit/test_store_pair
tests_unit_test_store_pair_SOURCES = tests/unit/test_store_pair.c $(store_test_headers)
tests_unit_test_store_pair_CFLAGS = $(store_test_cflags)
tests_unit_test_store_pair_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_job
TESTS += tests/unit/test_store_job
tests_unit_test_store_job_SOURCES = tests/unit/test_store_job.c $(store_test_headers)
tests_unit_test_store_job_CFLAGS = $(store_test_cflags)
tests_unit_test_store_job_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_copy
TESTS += tests/unit/test_store_copy
tests_unit_test_store_copy_SOURCES = tests/unit/test_store_copy.c $(store_test_headers)
tests_unit_test_store_copy_CFLAGS = $(store_test_cflags)
tests_unit_test_store_copy_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_tar
TESTS += tests/unit/test_domain_tar
tests_unit_test_domain_tar_SOURCES = tests/unit/test_domain_tar.c
tests_unit_test_domain_tar_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_tar_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_store_migrate
TESTS += tests/unit/test_store_migrate
tests_unit_test_store_migrate_SOURCES = tests/unit/test_store_migrate.c $(store_test_headers)
tests_unit_test_store_migrate_CFLAGS = $(store_test_cflags)
tests_unit_test_store_migrate_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=open
tests_unit_test_store_migrate_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_pool
TESTS += tests/unit/test_store_pool
tests_unit_test_store_pool_SOURCES = tests/unit/test_store_pool.c $(store_test_headers)
tests_unit_test_store_pool_CFLAGS = $(store_test_cflags)
tests_unit_test_store_pool_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_post
TESTS += tests/unit/test_store_post
tests_unit_test_store_post_SOURCES = tests/unit/test_store_post.c $(store_test_headers)
tests_unit_test_store_post_CFLAGS = $(store_test_cflags)
tests_unit_test_store_post_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_post_list
TESTS += tests/unit/test_store_post_list
tests_unit_test_store_post_list_SOURCES = tests/unit/test_store_post_list.c $(store_test_headers)
tests_unit_test_store_post_list_CFLAGS = $(store_test_cflags)
tests_unit_test_store_post_list_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_post_paging
TESTS += tests/unit/test_store_post_paging
tests_unit_test_store_post_paging_SOURCES = tests/unit/test_store_post_paging.c $(store_test_headers)
tests_unit_test_store_post_paging_CFLAGS = $(store_test_cflags)
tests_unit_test_store_post_paging_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_post_period
TESTS += tests/unit/test_store_post_period
tests_unit_test_store_post_period_SOURCES = tests/unit/test_store_post_period.c $(store_test_headers)
tests_unit_test_store_post_period_CFLAGS = $(store_test_cflags)
tests_unit_test_store_post_period_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_post_walk
TESTS += tests/unit/test_store_post_walk
tests_unit_test_store_post_walk_SOURCES = tests/unit/test_store_post_walk.c $(store_test_headers)
tests_unit_test_store_post_walk_CFLAGS = $(store_test_cflags)
tests_unit_test_store_post_walk_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_retry
TESTS += tests/unit/test_store_retry
tests_unit_test_store_retry_SOURCES = tests/unit/test_store_retry.c $(store_test_headers)
tests_unit_test_store_retry_CFLAGS = $(store_test_cflags)
tests_unit_test_store_retry_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_schema
TESTS += tests/unit/test_store_schema
tests_unit_test_store_schema_SOURCES = tests/unit/test_store_schema.c $(store_test_headers) tests/unit/fixture.h
tests_unit_test_store_schema_CFLAGS = $(store_test_cflags)
tests_unit_test_store_schema_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_stmt
TESTS += tests/unit/test_store_stmt
tests_unit_test_store_stmt_SOURCES = tests/unit/test_store_stmt.c $(store_test_headers)
tests_unit_test_store_stmt_CFLAGS = $(store_test_cflags)
tests_unit_test_store_stmt_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_storing
TESTS += tests/unit/test_store_storing
tests_unit_test_store_storing_SOURCES = tests/unit/test_store_storing.c $(store_test_headers)
tests_unit_test_store_storing_CFLAGS = $(store_test_cflags)
tests_unit_test_store_storing_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_tag_list
TESTS += tests/unit/test_store_tag_list
tests_unit_test_store_tag_list_SOURCES = tests/unit/test_store_tag_list.c $(store_test_headers)
tests_unit_test_store_tag_list_CFLAGS = $(store_test_cflags)
tests_unit_test_store_tag_list_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_tx
TESTS += tests/unit/test_store_tx
tests_unit_test_store_tx_SOURCES = tests/unit/test_store_tx.c $(store_test_headers)
tests_unit_test_store_tx_CFLAGS = $(store_test_cflags)
tests_unit_test_store_tx_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_share
TESTS += tests/unit/test_store_share
tests_unit_test_store_share_SOURCES = tests/unit/test_store_share.c tests/unit/share_fixture.h \
	$(store_test_headers)
tests_unit_test_store_share_CFLAGS = $(store_test_cflags)
tests_unit_test_store_share_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_store_writers
TESTS += tests/unit/test_store_writers
tests_unit_test_store_writers_SOURCES = tests/unit/test_store_writers.c $(store_test_headers)
tests_unit_test_store_writers_CFLAGS = $(store_test_cflags)
tests_unit_test_store_writers_LDADD = $(store_test_ldadd)

check_PROGRAMS += tests/unit/test_app_record
TESTS += tests/unit/test_app_record
tests_unit_test_app_record_SOURCES = tests/unit/test_app_record.c tests/unit/app_fixture.h
tests_unit_test_app_record_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_record_LDADD = libapp.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_app_lane
TESTS += tests/unit/test_app_lane
tests_unit_test_app_lane_SOURCES = tests/unit/test_app_lane.c
tests_unit_test_app_lane_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_lane_LDADD = libapp.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_app_pace
TESTS += tests/unit/test_app_pace
tests_unit_test_app_pace_SOURCES = tests/unit/test_app_pace.c
tests_unit_test_app_pace_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_pace_LDADD = libapp.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_app_vigil
TESTS += tests/unit/test_app_vigil
tests_unit_test_app_vigil_SOURCES = tests/unit/test_app_vigil.c
tests_unit_test_app_vigil_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_vigil_LDADD = libapp.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_app_fcgi
TESTS += tests/unit/test_app_fcgi
tests_unit_test_app_fcgi_SOURCES = tests/unit/test_app_fcgi.c tests/unit/app_fcgi_fixture.h \
	tests/unit/app_fixture.h
tests_unit_test_app_fcgi_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_fcgi_LDADD = libapp.a libcore.a libbase.a $(CMOCKA_LIBS) $(FCGI_LIBS)

check_PROGRAMS += tests/unit/test_app_fcgi_body
TESTS += tests/unit/test_app_fcgi_body
tests_unit_test_app_fcgi_body_SOURCES = tests/unit/test_app_fcgi_body.c \
	tests/unit/app_fcgi_fixture.h tests/unit/app_fixture.h
tests_unit_test_app_fcgi_body_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_fcgi_body_LDADD = libapp.a libcore.a libbase.a $(CMOCKA_LIBS) $(FCGI_LIBS)

check_PROGRAMS += tests/unit/test_base_err
TESTS += tests/unit/test_base_err
tests_unit_test_base_err_SOURCES = tests/unit/test_base_err.c
tests_unit_test_base_err_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_base_err_LDADD = libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_app_dispatch
TESTS += tests/unit/test_app_dispatch
tests_unit_test_app_dispatch_SOURCES = tests/unit/test_app_dispatch.c \
	tests/unit/dispatch_fixture.h tests/unit/app_fixture.h
tests_unit_test_app_dispatch_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_dispatch_LDADD = libapp.a libcore.a libbase.a $(CMOCKA_LIBS) $(FCGI_LIBS) \
	$(SODIUM_LIBS) $(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_app_dispatch_limits
TESTS += tests/unit/test_app_dispatch_limits
tests_unit_test_app_dispatch_limits_SOURCES = tests/unit/test_app_dispatch_limits.c \
	tests/unit/dispatch_fixture.h tests/unit/app_fixture.h
tests_unit_test_app_dispatch_limits_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_dispatch_limits_LDADD = libapp.a libcore.a libbase.a $(CMOCKA_LIBS) $(FCGI_LIBS) \
	$(SODIUM_LIBS) $(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_app_listen
TESTS += tests/unit/test_app_listen
tests_unit_test_app_listen_SOURCES = tests/unit/test_app_listen.c tests/unit/app_fixture.h
tests_unit_test_app_listen_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_listen_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=bind
tests_unit_test_app_listen_LDADD = libapp.a libcore.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_app_child
TESTS += tests/unit/test_app_child
tests_unit_test_app_child_SOURCES = tests/unit/test_app_child.c tests/unit/child_fixture.h tests/unit/app_fixture.h
tests_unit_test_app_child_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_child_LDADD = libapp.a libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS) $(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_app_crew
TESTS += tests/unit/test_app_crew
tests_unit_test_app_crew_SOURCES = tests/unit/test_app_crew.c tests/unit/child_fixture.h tests/unit/app_fixture.h
tests_unit_test_app_crew_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_crew_LDADD = libapp.a libweb.a libdomain.a libimage.a libnet.a libhttp.a libstore.a libtext.a libcore.a libbase.a \
	$(CMOCKA_LIBS) $(FCGI_LIBS) $(FOREIGN_LIBS)

check_PROGRAMS += tests/unit/test_app_cli_check
TESTS += tests/unit/test_app_cli_check
tests_unit_test_app_cli_check_SOURCES = tests/unit/test_app_cli_check.c tests/unit/domain_fixture.h \
	tests/unit/image_stub.h tests/unit/media_fixture.h
tests_unit_test_app_cli_check_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_cli_check_LDADD = libapp.a libweb.a libdomain.a libimage.a libnet.a libhttp.a libstore.a libtext.a libcore.a libbase.a \
	$(CMOCKA_LIBS) $(FCGI_LIBS) $(FOREIGN_LIBS)

check_PROGRAMS += tests/unit/test_app_logger
TESTS += tests/unit/test_app_logger
tests_unit_test_app_logger_SOURCES = tests/unit/test_app_logger.c tests/unit/log_fixture.h \
	tests/unit/json_check.h tests/unit/metrics_fixture.h
tests_unit_test_app_logger_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_logger_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=write
tests_unit_test_app_logger_LDADD = libapp.a libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS) $(CONFUSE_LIBS) $(SECCOMP_LIBS)

check_PROGRAMS += tests/unit/test_app_cli_parse
TESTS += tests/unit/test_app_cli_parse
tests_unit_test_app_cli_parse_SOURCES = tests/unit/test_app_cli_parse.c tests/unit/app_fixture.h
tests_unit_test_app_cli_parse_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_app_cli_parse_LDADD = libapp.a libweb.a libdomain.a libimage.a libnet.a libhttp.a libstore.a libtext.a libcore.a libbase.a \
	$(CMOCKA_LIBS) $(FCGI_LIBS) $(FOREIGN_LIBS)

check_PROGRAMS += tests/unit/test_core_signature
TESTS += tests/unit/test_core_signature
tests_unit_test_core_signature_SOURCES = tests/unit/test_core_signature.c tests/unit/fixture.h \
	tests/unit/vector_fixture.h
tests_unit_test_core_signature_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_signature_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS) $(CRYPTO_LIBS)

check_PROGRAMS += tests/unit/test_text_cbor
TESTS += tests/unit/test_text_cbor
tests_unit_test_text_cbor_SOURCES = tests/unit/test_text_cbor.c tests/unit/fixture.h \
	tests/unit/vector_fixture.h
tests_unit_test_text_cbor_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_cbor_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(JSONC_LIBS)

check_PROGRAMS += tests/unit/test_text_xml
TESTS += tests/unit/test_text_xml
tests_unit_test_text_xml_SOURCES = tests/unit/test_text_xml.c tests/unit/xml_check.h
tests_unit_test_text_xml_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_xml_LDADD = libtext.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += tests/unit/test_text_unicode
TESTS += tests/unit/test_text_unicode
tests_unit_test_text_unicode_SOURCES = tests/unit/test_text_unicode.c
tests_unit_test_text_unicode_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_text_unicode_LDADD = libtext.a libbase.a $(CMOCKA_LIBS) $(QR_LIBS) $(UNISTRING_LIBS)

check_PROGRAMS += tests/unit/test_domain_totp
TESTS += tests/unit/test_domain_totp
tests_unit_test_domain_totp_SOURCES = tests/unit/test_domain_totp.c
tests_unit_test_domain_totp_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_totp_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_webauthn
TESTS += tests/unit/test_domain_webauthn
tests_unit_test_domain_webauthn_SOURCES = tests/unit/test_domain_webauthn.c \
	tests/unit/authenticator.h tests/unit/fixture.h tests/unit/vector_fixture.h
tests_unit_test_domain_webauthn_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_webauthn_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_core_key
TESTS += tests/unit/test_core_key
tests_unit_test_core_key_SOURCES = tests/unit/test_core_key.c
tests_unit_test_core_key_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_core_key_LDADD = libcore.a libbase.a $(CMOCKA_LIBS) $(SODIUM_LIBS) $(CONFUSE_LIBS)

check_PROGRAMS += tests/unit/test_domain_login
TESTS += tests/unit/test_domain_login
tests_unit_test_domain_login_SOURCES = tests/unit/test_domain_login.c tests/unit/authenticator.h \
	tests/unit/domain_fixture.h tests/unit/login_fixture.h
tests_unit_test_domain_login_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_login_LDADD = $(domain_test_ldadd)

check_PROGRAMS += tests/unit/test_domain_factor
TESTS += tests/unit/test_domain_factor
tests_unit_test_domain_factor_SOURCES = tests/unit/test_domain_factor.c tests/unit/authenticator.h \
	tests/unit/domain_fixture.h tests/unit/login_fixture.h
tests_unit_test_domain_factor_CFLAGS = $(domain_test_cflags)
tests_unit_test_domain_factor_LDADD = $(domain_test_ldadd)

endif
