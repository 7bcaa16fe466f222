# The files of tests/http: the whole site behind a real nginx and a real Apache, the same scripts for both.
http_tests = \
	tests/http/05-start.t \
	tests/http/10-static.t \
	tests/http/20-pages.t \
	tests/http/30-micropub.t \
	tests/http/40-feed.t \
	tests/http/50-metrics.t \
	tests/http/60-processes.t \
	tests/http/70-limits.t \
	tests/http/80-faults.t \
	tests/http/90-quickstart.t
TESTS += $(http_tests)
EXTRA_DIST += $(http_tests) tests/lib/starpunk.py tests/lib/tsan.supp tools/front
