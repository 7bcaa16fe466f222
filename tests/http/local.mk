# The files of tests/http: the whole site behind a real nginx and a real Apache, the same scripts for both.
http_tests = \
	tests/http/05-start.t \
	tests/http/10-static.t \
	tests/http/12-duties.t \
	tests/http/20-pages.t \
	tests/http/21-lists.t \
	tests/http/22-search.t \
	tests/http/23-robots.t \
	tests/http/24-theme.t \
	tests/http/26-cache.t \
	tests/http/25-words.t \
	tests/http/30-micropub.t \
	tests/http/31-micropub-create.t \
	tests/http/32-micropub-update.t \
	tests/http/33-micropub-query.t \
	tests/http/34-micropub-abuse.t \
	tests/http/35-media.t \
	tests/http/36-uploads.t \
	tests/http/37-media-abuse.t \
	tests/http/38-inspector.t \
	tests/http/39-login.t \
	tests/http/40-feed.t \
	tests/http/41-feed-formats.t \
	tests/http/42-compose.t \
	tests/http/43-feed-mistakes.t \
	tests/http/45-types.t \
	tests/http/48-indieauth.t \
	tests/http/50-metrics.t \
	tests/http/51-owners-pages.t \
	tests/http/55-settings.t \
	tests/http/60-processes.t \
	tests/http/65-jobs.t \
	tests/http/67-fetch.t \
	tests/http/68-sandbox.t \
	tests/http/70-limits.t \
	tests/http/83-log-stalls.t \
	tests/http/84-recipes.t \
	tests/http/85-log.t \
	tests/http/86-backup.t \
	tests/http/87-upgrade.t \
	tests/http/88-doctor.t \
	tests/http/89-doctor-night.t \
	tests/http/90-quickstart.t \
	tests/http/95-fronts.t
TESTS += $(http_tests)
EXTRA_DIST += $(http_tests) tests/lib/app.py tests/lib/demo.py tests/lib/doctor.py tests/lib/feedcheck.py tests/lib/indieauth.py tests/lib/logschema.py tests/lib/mf2.py tests/lib/micropub.py tests/lib/starpunk.py tests/lib/uploads.py \
	tests/lib/tsan.supp tools/front

# A SQLite without FTS5, for a program that is started with it.
check_DATA += tests/http/no_fts5.so
CLEANFILES += tests/http/no_fts5.so
EXTRA_DIST += tests/http/no_fts5.c
tests/http/no_fts5.so: tests/http/no_fts5.c
	$(AM_V_CC)$(MKDIR_P) tests/http && $(CC) $(SQLITE_CFLAGS) -shared -fPIC -o $@ \
		$(srcdir)/tests/http/no_fts5.c -ldl

# What somebody could do in a process of ours.
check_DATA += tests/http/burglar.so
CLEANFILES += tests/http/burglar.so
EXTRA_DIST += tests/http/burglar.c
tests/http/burglar.so: tests/http/burglar.c
	$(AM_V_CC)$(MKDIR_P) tests/http && $(CC) -D_GNU_SOURCE -shared -fPIC -o $@ $(srcdir)/tests/http/burglar.c -ldl

# For the doctor: a file system that does not answer, a SQLite that is newer, certificates that are trusted.
check_DATA += tests/http/hang.so tests/http/new_sqlite.so tests/http/trust.so
CLEANFILES += tests/http/hang.so tests/http/new_sqlite.so tests/http/trust.so
EXTRA_DIST += tests/http/hang.c tests/http/new_sqlite.c tests/http/trust.c
tests/http/hang.so: tests/http/hang.c
	$(AM_V_CC)$(MKDIR_P) tests/http && $(CC) -shared -fPIC -o $@ $(srcdir)/tests/http/hang.c
tests/http/trust.so: tests/http/trust.c
	$(AM_V_CC)$(MKDIR_P) tests/http && $(CC) $(CURL_CFLAGS) -shared -fPIC -o $@ $(srcdir)/tests/http/trust.c $(CURL_LIBS) -ldl
tests/http/new_sqlite.so: tests/http/new_sqlite.c
	$(AM_V_CC)$(MKDIR_P) tests/http && $(CC) $(SQLITE_CFLAGS) -shared -fPIC -o $@ $(srcdir)/tests/http/new_sqlite.c
