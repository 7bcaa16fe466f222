# The files of tests/web: requests to libweb.a inside the test program, each test with a site of its own.
if HAVE_CMOCKA

EXTRA_LIBRARIES += tests/web/libsite.a
tests_web_libsite_a_SOURCES = tests/web/site.c tests/web/site.h
tests_web_libsite_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
tests_web_libsite_a_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

web_tests = \
	tests/web/test_access \
	tests/web/test_admin \
	tests/web/test_answers \
	tests/web/test_archive \
	tests/web/test_audit \
	tests/web/test_cache \
	tests/web/test_compose \
	tests/web/test_compose_edit \
	tests/web/test_compose_files \
	tests/web/test_conditions \
	tests/web/test_consent \
	tests/web/test_dashboard \
	tests/web/test_doctor \
	tests/web/test_faults \
	tests/web/test_feed_formats \
	tests/web/test_feed_search \
	tests/web/test_feeds \
	tests/web/test_health \
	tests/web/test_health_signs \
	tests/web/test_indieauth \
	tests/web/test_indieauth_token \
	tests/web/test_inspector \
	tests/web/test_inspector_bounds \
	tests/web/test_inspector_page \
	tests/web/test_library \
	tests/web/test_limits \
	tests/web/test_lists \
	tests/web/test_login \
	tests/web/test_media \
	tests/web/test_media_posts \
	tests/web/test_micropub \
	tests/web/test_micropub_edit \
	tests/web/test_owner \
	tests/web/test_pages \
	tests/web/test_posts \
	tests/web/test_quantity \
	tests/web/test_redirects \
	tests/web/test_robots \
	tests/web/test_settings \
	tests/web/test_theme \
	tests/web/test_types \
	tests/web/test_words
check_PROGRAMS += $(web_tests)
TESTS += $(web_tests)

web_test_libs = tests/web/libsite.a libweb.a libdomain.a libimage.a libnet.a libhttp.a libstore.a libtext.a libcore.a libbase.a \
	$(CMOCKA_LIBS) $(FOREIGN_LIBS)

tests_web_test_access_SOURCES = tests/web/test_access.c tests/web/indieauth.h
tests_web_test_access_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_access_LDADD = $(web_test_libs)

tests_web_test_admin_SOURCES = tests/web/test_admin.c
tests_web_test_admin_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_admin_LDADD = $(web_test_libs)

tests_web_test_answers_SOURCES = tests/web/test_answers.c
tests_web_test_answers_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_answers_LDADD = $(web_test_libs)

tests_web_test_archive_SOURCES = tests/web/test_archive.c
tests_web_test_archive_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_archive_LDADD = $(web_test_libs)

tests_web_test_audit_SOURCES = tests/web/test_audit.c
tests_web_test_audit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_audit_LDADD = $(web_test_libs)

tests_web_test_cache_SOURCES = tests/web/test_cache.c
tests_web_test_cache_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_cache_LDADD = $(web_test_libs)

tests_web_test_compose_SOURCES = tests/web/test_compose.c tests/web/compose.h tests/unit/image_stub.h
tests_web_test_compose_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_compose_LDADD = $(web_test_libs)

tests_web_test_compose_edit_SOURCES = tests/web/test_compose_edit.c tests/web/compose.h tests/unit/image_stub.h
tests_web_test_compose_edit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_compose_edit_LDADD = $(web_test_libs)

tests_web_test_compose_files_SOURCES = tests/web/test_compose_files.c tests/web/compose.h tests/unit/image_stub.h
tests_web_test_compose_files_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_compose_files_LDADD = $(web_test_libs)

tests_web_test_conditions_SOURCES = tests/web/test_conditions.c
tests_web_test_conditions_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_conditions_LDADD = $(web_test_libs)

tests_web_test_consent_SOURCES = tests/web/test_consent.c tests/web/indieauth.h
tests_web_test_consent_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_consent_LDADD = $(web_test_libs)

tests_web_test_dashboard_SOURCES = tests/web/test_dashboard.c
tests_web_test_dashboard_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_dashboard_LDADD = $(web_test_libs)

tests_web_test_doctor_SOURCES = tests/web/test_doctor.c
tests_web_test_doctor_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_doctor_LDADD = $(web_test_libs)

tests_web_test_faults_SOURCES = tests/web/test_faults.c tests/unit/image_stub.h
tests_web_test_faults_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_faults_LDADD = $(web_test_libs)

tests_web_test_feed_formats_SOURCES = tests/web/test_feed_formats.c tests/unit/xml_check.h
tests_web_test_feed_formats_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_feed_formats_LDADD = $(web_test_libs)

tests_web_test_feed_search_SOURCES = tests/web/test_feed_search.c tests/unit/xml_check.h
tests_web_test_feed_search_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_feed_search_LDADD = $(web_test_libs)

tests_web_test_feeds_SOURCES = tests/web/test_feeds.c tests/unit/xml_check.h
tests_web_test_feeds_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_feeds_LDADD = $(web_test_libs)

tests_web_test_health_SOURCES = tests/web/test_health.c
tests_web_test_health_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_health_LDADD = $(web_test_libs)

tests_web_test_health_signs_SOURCES = tests/web/test_health_signs.c
tests_web_test_health_signs_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_health_signs_LDADD = $(web_test_libs)

tests_web_test_indieauth_SOURCES = tests/web/test_indieauth.c tests/web/indieauth.h
tests_web_test_indieauth_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_indieauth_LDADD = $(web_test_libs)

tests_web_test_indieauth_token_SOURCES = tests/web/test_indieauth_token.c tests/web/indieauth.h
tests_web_test_indieauth_token_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_indieauth_token_LDADD = $(web_test_libs)

tests_web_test_inspector_SOURCES = tests/web/test_inspector.c tests/web/inspector.h
tests_web_test_inspector_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_inspector_LDADD = $(web_test_libs)

tests_web_test_inspector_bounds_SOURCES = tests/web/test_inspector_bounds.c tests/web/inspector.h
tests_web_test_inspector_bounds_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_inspector_bounds_LDADD = $(web_test_libs)

tests_web_test_inspector_page_SOURCES = tests/web/test_inspector_page.c tests/web/inspector.h
tests_web_test_inspector_page_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_inspector_page_LDADD = $(web_test_libs)

tests_web_test_library_SOURCES = tests/web/test_library.c tests/web/media.h tests/unit/image_stub.h
tests_web_test_library_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_library_LDADD = $(web_test_libs)

tests_web_test_limits_SOURCES = tests/web/test_limits.c
tests_web_test_limits_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_limits_LDADD = $(web_test_libs)

tests_web_test_lists_SOURCES = tests/web/test_lists.c
tests_web_test_lists_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_lists_LDADD = $(web_test_libs)

tests_web_test_login_SOURCES = tests/web/test_login.c tests/unit/authenticator.h
tests_web_test_login_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_login_LDADD = $(web_test_libs)

tests_web_test_media_SOURCES = tests/web/test_media.c tests/web/media.h tests/unit/image_stub.h
tests_web_test_media_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_media_LDADD = $(web_test_libs)

tests_web_test_media_posts_SOURCES = tests/web/test_media_posts.c tests/web/media.h tests/unit/image_stub.h
tests_web_test_media_posts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_media_posts_LDADD = $(web_test_libs)

tests_web_test_micropub_SOURCES = tests/web/test_micropub.c
tests_web_test_micropub_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_micropub_LDADD = $(web_test_libs)

tests_web_test_micropub_edit_SOURCES = tests/web/test_micropub_edit.c
tests_web_test_micropub_edit_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_micropub_edit_LDADD = $(web_test_libs)

tests_web_test_owner_SOURCES = tests/web/test_owner.c
tests_web_test_owner_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_owner_LDADD = $(web_test_libs)

tests_web_test_pages_SOURCES = tests/web/test_pages.c
tests_web_test_pages_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_pages_LDADD = $(web_test_libs)

tests_web_test_posts_SOURCES = tests/web/test_posts.c tests/web/compose.h tests/unit/image_stub.h
tests_web_test_posts_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_posts_LDADD = $(web_test_libs)

tests_web_test_quantity_SOURCES = tests/web/test_quantity.c
tests_web_test_quantity_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_quantity_LDADD = $(web_test_libs)

tests_web_test_redirects_SOURCES = tests/web/test_redirects.c
tests_web_test_redirects_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_redirects_LDADD = $(web_test_libs)

tests_web_test_robots_SOURCES = tests/web/test_robots.c
tests_web_test_robots_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_robots_LDADD = $(web_test_libs)

tests_web_test_settings_SOURCES = tests/web/test_settings.c
tests_web_test_settings_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_settings_LDADD = $(web_test_libs)

tests_web_test_theme_SOURCES = tests/web/test_theme.c
tests_web_test_theme_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_theme_LDADD = $(web_test_libs)

tests_web_test_types_SOURCES = tests/web/test_types.c
tests_web_test_types_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_types_LDADD = $(web_test_libs)

tests_web_test_words_SOURCES = tests/web/test_words.c
tests_web_test_words_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
tests_web_test_words_LDADD = $(web_test_libs)

endif

# Not cleaned by itself: a library of programs for `make check` alone.
CLEANFILES += tests/web/libsite.a
