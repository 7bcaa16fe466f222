# The files of src/web: from a request's parameters to its answer.
noinst_LIBRARIES += libweb.a
LIBS_ALL += libweb.a
libweb_a_SOURCES = \
	src/web/access.c src/web/access.h \
	src/web/access_sessions.c \
	src/web/admin.c \
	src/web/alias.c \
	src/web/archive.c src/web/archive.h \
	src/web/audit.c \
	src/web/build.c src/web/build.h \
	src/web/cache.c src/web/cache.h \
	src/web/call.c src/web/call.h \
	src/web/calls.c src/web/calls.h \
	src/web/chart.c src/web/chart.h \
	src/web/checks.c src/web/checks.h \
	src/web/compose.c src/web/compose.h \
	src/web/compose_view.c \
	src/web/confirm.c \
	src/web/consent.c \
	src/web/dashboard.c src/web/dashboard.h \
	src/web/desk.c src/web/desk.h \
	src/web/dispatch.c \
	src/web/doctor.c src/web/doctor.h \
	src/web/error.c \
	src/web/feed_source.c src/web/feed_source.h \
	src/web/feeds.c src/web/feeds.h \
	src/web/gate.c src/web/gate.h \
	src/web/headers.c \
	src/web/health.c \
	src/web/indieauth.c src/web/indieauth.h \
	src/web/indieauth_token.c \
	src/web/inspector.c \
	src/web/library.c src/web/library.h \
	src/web/library_file.c \
	src/web/linked.c src/web/linked.h \
	src/web/lists.c src/web/lists.h \
	src/web/login.c src/web/login.h \
	src/web/media.c \
	src/web/metrics.c \
	src/web/micropub.c \
	src/web/micropub_cond.c \
	src/web/periods.c \
	src/web/posts.c \
	src/web/priv.h \
	src/web/quantity.c src/web/quantity.h \
	src/web/redirects.c \
	src/web/robots.c \
	src/web/search.c \
	src/web/security.c \
	src/web/series.c src/web/series.h \
	src/web/settings.c \
	src/web/share.c \
	src/web/site.c \
	src/web/snapshot.c src/web/snapshot.h \
	src/web/static.c src/web/static.h \
	src/web/tags.c \
	src/web/theme.c src/web/theme.h \
	src/web/theme_docs.c \
	src/web/theme_style.c \
	src/web/troubles.c src/web/troubles.h \
	src/web/txn.c \
	src/web/upload.c src/web/upload.h \
	src/web/view.c src/web/view.h \
	src/web/view_media.c \
	src/web/view_parts.c \
	src/web/web.c src/web/web.h
