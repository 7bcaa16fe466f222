# The files of tests/client: clients that were not written here. `make client` installs them
# from the npm registry into the build directory; the script says SKIP where that was not done.
client_tests = tests/client/10-micropub-helper.t tests/client/20-indieauth.t tests/client/30-pages.t tests/client/40-feeds.t
TESTS += $(client_tests)
EXTRA_DIST += $(client_tests) tests/client/helper.js tests/client/indieauth.js tests/client/feeds.js tests/client/html-validate.json \
	tests/client/microformats.js tests/lib/showcase.py tests/fixtures/microformats tests/client/package.json \
	tests/client/package-lock.json tools/npm-ci

.PHONY: client
client:
	$(srcdir)/tools/npm-ci $(srcdir)/tests/client tests/client/npm

clean-local: clean-client
.PHONY: clean-client
clean-client:
	rm -rf tests/client/npm
