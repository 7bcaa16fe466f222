# The files of tests/browser: pages in a headless Chromium.
browser_tests = \
	tests/browser/10-pages.t \
	tests/browser/11-theme.t \
	tests/browser/12-pages.t \
	tests/browser/14-robots.t \
	tests/browser/15-feeds.t \
	tests/browser/20-login.t \
	tests/browser/30-compose.t \
	tests/browser/40-library.t \
	tests/browser/50-owners-figures.t \
	tests/browser/60-access.t \
	tests/browser/70-accessibility.t \
	tests/browser/80-keyboard.t
TESTS += $(browser_tests)
EXTRA_DIST += $(browser_tests) tests/lib/browser.py tests/lib/rich.py tests/browser/screenshots.py

# Every kind of page, photographed: to be looked at by people.
.PHONY: screenshots
screenshots: all
	SP_TOP_SRCDIR=$(abs_top_srcdir) SP_TOP_BUILDDIR=$(abs_top_builddir) $(srcdir)/tests/browser/screenshots.py screenshots
