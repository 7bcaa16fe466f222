# The files of share: templates and static files of the theme.
templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
	share/templates/admin.html \
	share/templates/byline.html \
	share/templates/card.html \
	share/templates/entry.html \
	share/templates/error.html \
	share/templates/footer.html \
	share/templates/gone.html \
	share/templates/head.html \
	share/templates/header.html \
	share/templates/inspector.html \
	share/templates/list.html \
	share/templates/login.html \
	share/templates/note.html \
	share/templates/pager.html

staticdir = $(pkgdatadir)/static
dist_static_DATA = \
	share/static/favicon.svg \
	share/static/style.css
