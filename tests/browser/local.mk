# The files of tests/browser.
