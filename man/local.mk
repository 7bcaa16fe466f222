# The files of man. A page is prose (NAME.in) with marks that the program fills out of its tables. The
# filled pages are in the tarball, so that who builds from it needs to run nothing; in a checkout
# they are made once the program is there, and again when a table, its writer or the prose changes.
MAN_PAGES = man/starpunk.1 man/starpunk.conf.5 man/starpunk-errors.7 man/starpunk-http.7 \
	man/starpunk-log.7 man/starpunk-metrics.7 man/starpunk-recipes.7 man/starpunk-theme.7 \
	man/starpunk-fetch.8 man/starpunk-media.8
MAN_TABLES = src/tables/commands.def src/tables/config.def src/tables/doctor.def src/tables/errors.def \
	src/tables/events.def src/tables/families.def src/tables/history.def src/tables/metrics.def src/tables/routes.def \
	src/tables/settings.def src/tables/robots.def src/tables/views.def
MAN_WRITERS = src/app/cli.c src/app/doctor.c src/base/enc.c src/base/err.c src/core/config_docs.c src/core/escape.c \
	src/core/history.c src/core/log_docs.c src/core/metrics_family.c src/domain/robots.c src/domain/settings.c src/http/route.c \
	src/web/theme_docs.c

dist_man_MANS = $(MAN_PAGES)
EXTRA_DIST += tools/man.sh man/starpunk.1.in man/starpunk.conf.5.in man/starpunk-errors.7.in \
	man/starpunk-http.7.in man/starpunk-log.7.in man/starpunk-metrics.7.in man/starpunk-recipes.7.in man/starpunk-theme.7.in \
	man/starpunk-fetch.8.in man/starpunk-media.8.in
CLEANFILES += man/*.tmp
MAINTAINERCLEANFILES += $(MAN_PAGES)

$(MAN_PAGES): tools/man.sh $(MAN_TABLES) $(MAN_WRITERS) | starpunk$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) man && \
	$(srcdir)/tools/man.sh ./starpunk$(EXEEXT) $(srcdir)/$@.in > $@.tmp && mv $@.tmp $@

man/starpunk.1: man/starpunk.1.in
man/starpunk.conf.5: man/starpunk.conf.5.in
man/starpunk-errors.7: man/starpunk-errors.7.in
man/starpunk-http.7: man/starpunk-http.7.in
man/starpunk-log.7: man/starpunk-log.7.in
man/starpunk-metrics.7: man/starpunk-metrics.7.in
man/starpunk-recipes.7: man/starpunk-recipes.7.in
man/starpunk-theme.7: man/starpunk-theme.7.in
man/starpunk-fetch.8: man/starpunk-fetch.8.in
man/starpunk-media.8: man/starpunk-media.8.in
