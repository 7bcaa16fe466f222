# The files of share: templates and static files of the theme.
templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
	share/templates/access.html \
	share/templates/admin.html \
	share/templates/app.html \
	share/templates/auth_error.html \
	share/templates/byline.html \
	share/templates/card.html \
	share/templates/cite.html \
	share/templates/codes.html \
	share/templates/confirm.html \
	share/templates/consent.html \
	share/templates/context.html \
	share/templates/desk_foot.html \
	share/templates/desk_head.html \
	share/templates/entry.html \
	share/templates/error.html \
	share/templates/event.html \
	share/templates/facts.html \
	share/templates/feed.html \
	share/templates/field.html \
	share/templates/footer.html \
	share/templates/gone.html \
	share/templates/head.html \
	share/templates/header.html \
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
	share/templates/settings.html \
	share/templates/security.html \
	share/templates/sizes.html

staticdir = $(pkgdatadir)/static
dist_static_DATA = \
	share/static/desk.css \
	share/static/favicon.svg \
	share/static/passkey.js \
	share/static/style.css

# Passwords that are not to be had.
dist_pkgdata_DATA = share/passwords.txt
