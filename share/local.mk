# The files of share: templates and static files of the theme.
templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
	share/templates/admin.html \
	share/templates/audit.html \
	share/templates/byline.html \
	share/templates/card.html \
	share/templates/chart.html \
	share/templates/cite.html \
	share/templates/context.html \
	share/templates/dashboard.html \
	share/templates/desk_foot.html \
	share/templates/desk_head.html \
	share/templates/entry.html \
	share/templates/error.html \
	share/templates/errors.html \
	share/templates/event.html \
	share/templates/facts.html \
	share/templates/feed.html \
	share/templates/footer.html \
	share/templates/gone.html \
	share/templates/head.html \
	share/templates/header.html \
	share/templates/health.html \
	share/templates/inspector.html \
	share/templates/list.html \
	share/templates/login.html \
	share/templates/map.html \
	share/templates/media.html \
	share/templates/note.html \
	share/templates/pager.html \
	share/templates/person.html \
	share/templates/photo.html \
	share/templates/place.html \
	share/templates/sizes.html

staticdir = $(pkgdatadir)/static
dist_static_DATA = \
	share/static/desk.css \
	share/static/favicon.svg \
	share/static/live.js \
	share/static/style.css
