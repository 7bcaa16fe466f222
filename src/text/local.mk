# The files of src/text: escaping, JSON, Markdown, HTML from outside, templates.
noinst_LIBRARIES += libtext.a
LIBS_ALL += libtext.a
libtext_a_CPPFLAGS = $(AM_CPPFLAGS) $(MARKDOWN_CFLAGS) $(GUMBO_CFLAGS) $(QR_CFLAGS)
libtext_a_SOURCES = \
	src/text/app_page.c src/text/app_page.h \
	src/text/catalog.c src/text/catalog.h \
	src/text/catalog_format.c src/text/catalog_priv.h \
	src/text/cbor.c src/text/cbor.h \
	src/text/date.c src/text/date.h \
	src/text/file.c \
	src/text/fold.c src/text/fold.h \
	src/text/html.c src/text/html.h \
	src/text/json.c src/text/json.h \
	src/text/json_escape.c \
	src/text/json_scan.c \
	src/text/markdown.c src/text/markdown.h \
	src/text/markdown_guard.c \
	src/text/plural.c src/text/plural.h \
	src/text/priv.h \
	src/text/qr.c src/text/qr.h \
	src/text/sanitize.c src/text/sanitize.h \
	src/text/sanitize_guard.c \
	src/text/sanitize_parse.c \
	src/text/sanitize_priv.h \
	src/text/sanitize_rules.c \
	src/text/sanitize_text.c \
	src/text/tmpl.h \
	src/text/tmpl_bind.c \
	src/text/tmpl_load.c \
	src/text/tmpl_parse.c \
	src/text/tmpl_priv.h \
	src/text/tmpl_render.c \
	src/text/tmpl_words.c \
	src/text/unicode.c src/text/unicode.h \
	src/text/view.h \
	src/text/view_bind.h \
	src/text/words.c src/text/words.h \
	src/text/xml.c src/text/xml.h
