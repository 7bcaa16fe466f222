# The files of po: what people read in other languages (text/words.h). A catalogue is made of its
# LANG.po by msgfmt, beside the templates in the source tree, since that is where a program that runs
# out of a build directory has its share; it is in the tarball, so that who builds from that needs no
# gettext. To add a language: a LANG.po, and its lines here.
LANGUAGES = de zh
CATALOGUES = share/locale/de/LC_MESSAGES/starpunk.mo share/locale/zh/LC_MESSAGES/starpunk.mo
words_dedir = $(pkgdatadir)/locale/de/LC_MESSAGES
dist_words_de_DATA = share/locale/de/LC_MESSAGES/starpunk.mo
words_zhdir = $(pkgdatadir)/locale/zh/LC_MESSAGES
dist_words_zh_DATA = share/locale/zh/LC_MESSAGES/starpunk.mo

EXTRA_DIST += po/README po/starpunk.pot po/tables.h po/de.po po/zh.po tools/words.awk tools/words.sh
MAINTAINERCLEANFILES += $(CATALOGUES)

# Two builds may be at it at once: the file comes to its name whole.
make_catalogue = $(MKDIR_P) "$(srcdir)/$(@D)" && new="$(srcdir)/$@.$$$$" && \
	$(MSGFMT) --check-format --check-domain --output-file="$$new"

share/locale/de/LC_MESSAGES/starpunk.mo: po/de.po
	$(AM_V_GEN)$(make_catalogue) $(srcdir)/po/de.po && mv "$$new" $(srcdir)/$@
share/locale/zh/LC_MESSAGES/starpunk.mo: po/zh.po
	$(AM_V_GEN)$(make_catalogue) $(srcdir)/po/zh.po && mv "$$new" $(srcdir)/$@

# After a text was added or changed: the template anew, and what is missing marked in each language.
.PHONY: update-po words
words: $(CATALOGUES)

update-po:
	cd $(srcdir) && tools/words.sh po/starpunk.pot $(CPP) && for l in $(LANGUAGES); do \
		msgmerge --update --backup=none --no-wrap --add-location=file po/$$l.po po/starpunk.pot || exit 1; done
