# The files of share: templates and static files of the theme.
templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
	share/templates/access.html \
	share/templates/admin.html \
	share/templates/answered.html \
	share/templates/app.html \
	share/templates/audit.html \
	share/templates/auth_error.html \
	share/templates/books.html \
	share/templates/byline.html \
	share/templates/card.html \
	share/templates/chart.html \
	share/templates/cite.html \
	share/templates/codes.html \
	share/templates/compose.html \
	share/templates/compose_field.html \
	share/templates/confirm.html \
	share/templates/consent.html \
	share/templates/context.html \
	share/templates/dashboard.html \
	share/templates/desk_foot.html \
	share/templates/desk_head.html \
	share/templates/entry.html \
	share/templates/error.html \
	share/templates/errors.html \
	share/templates/event.html \
	share/templates/facts.html \
	share/templates/featured.html \
	share/templates/feed.html \
	share/templates/field.html \
	share/templates/footer.html \
	share/templates/gone.html \
	share/templates/head.html \
	share/templates/header.html \
	share/templates/health.html \
	share/templates/inspector.html \
	share/templates/library.html \
	share/templates/library_file.html \
	share/templates/list.html \
	share/templates/login.html \
	share/templates/login_code.html \
	share/templates/map.html \
	share/templates/media.html \
	share/templates/note.html \
	share/templates/pager.html \
	share/templates/passage.html \
	share/templates/person.html \
	share/templates/photo.html \
	share/templates/place.html \
	share/templates/posts.html \
	share/templates/preview.html \
	share/templates/security.html \
	share/templates/settings.html \
	share/templates/sizes.html

staticdir = $(pkgdatadir)/static
dist_static_DATA = \
	share/static/compose.js \
	share/static/compose-draft.js \
	share/static/compose-files.js \
	share/static/compose-tags.js \
	share/static/desk.css \
	share/static/favicon.svg \
	share/static/icon-192.png \
	share/static/icon-512.png \
	share/static/icon-maskable.png \
	share/static/live.js \
	share/static/passkey.js \
	share/static/style.css

# Passwords that are not to be had.
dist_pkgdata_DATA = share/passwords.txt
