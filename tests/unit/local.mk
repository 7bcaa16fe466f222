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

endif
