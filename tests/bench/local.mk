# The files of tests/bench: StarPunk beside the least that a FastCGI program can do. `make bench`.
EXTRA_PROGRAMS += tests/bench/minimal
tests_bench_minimal_SOURCES = tests/bench/minimal.c
tests_bench_minimal_CFLAGS = $(AM_CFLAGS) $(FCGI_CFLAGS) $(SQLITE_CFLAGS)
tests_bench_minimal_LDADD = $(FCGI_LIBS) $(SQLITE_LIBS)
EXTRA_PROGRAMS += tests/bench/fill
tests_bench_fill_SOURCES = tests/bench/fill.c
tests_bench_fill_LDADD = libdomain.a libimage.a libnet.a libtext.a libstore.a libcore.a libbase.a $(FOREIGN_LIBS)
EXTRA_PROGRAMS += tests/bench/search
tests_bench_search_SOURCES = tests/bench/search.c
tests_bench_search_LDADD = $(tests_bench_fill_LDADD)
EXTRA_DIST += doc/CHAOS.md tests/bench/chaos.py tests/bench/run.py tests/bench/large.py tests/bench/load.py tests/bench/uploads.py tools/demo-content tests/fixtures/content tests/fixtures/media
CLEANFILES += $(EXTRA_PROGRAMS)

.PHONY: bench
bench: starpunk$(EXEEXT) tests/bench/minimal$(EXEEXT) tests/bench/fill$(EXEEXT)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/run.py
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/large.py
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/uploads.py

# Mixed load with random faults, and whether anything was lost: CHAOS_SECONDS=600 CHAOS_SEED=N.
.PHONY: chaos
chaos: starpunk$(EXEEXT)
	$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/chaos.py
