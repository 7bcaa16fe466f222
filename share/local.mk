# The files of share: templates and static files of the theme.
templatesdir = $(pkgdatadir)/templates
dist_templates_DATA = \
	share/templates/access.html \
	share/templates/admin.html \
	share/templates/answered.html \
	share/templates/app.html \
	share/templates/archive.html \
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
	share/templates/compose_words.html \
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
	share/templates/passkey_words.html \
	share/templates/period.html \
	share/templates/person.html \
	share/templates/photo.html \
	share/templates/place.html \
	share/templates/posts.html \
	share/templates/preview.html \
	share/templates/redirects.html \
	share/templates/search.html \
	share/templates/search_form.html \
	share/templates/security.html \
	share/templates/settings.html \
	share/templates/sizes.html \
	share/templates/snippet.html \
	share/templates/tags.html

staticdir = $(pkgdatadir)/static
dist_static_DATA = \
	share/static/compose.js \
	share/static/compose-draft.js \
	share/static/compose-files.js \
	share/static/compose-tags.js \
	share/static/desk.css \
	share/static/feed.css \
	share/static/favicon.svg \
	share/static/icon-192.png \
	share/static/icon-512.png \
	share/static/icon-maskable.png \
	share/static/live.js \
	share/static/passkey.js \
	share/static/style.css

# The demonstration: `starpunk demo`.
demodir = $(pkgdatadir)/demo
dist_demo_DATA = share/demo/README

demopostsdir = $(pkgdatadir)/demo/posts
dist_demoposts_DATA = \
	share/demo/posts/01-hello.json \
	share/demo/posts/02-first-walk.json \
	share/demo/posts/03-why-a-site-of-my-own.json \
	share/demo/posts/03-why-a-site-of-my-own.md \
	share/demo/posts/04-two-lines.json \
	share/demo/posts/05-sourdough-log.json \
	share/demo/posts/05-sourdough-log.md \
	share/demo/posts/06-birches.json \
	share/demo/posts/07-shell-one-liner.json \
	share/demo/posts/07-shell-one-liner.md \
	share/demo/posts/08-three-evenings.json \
	share/demo/posts/09-the-slow-web.json \
	share/demo/posts/10-re-ferry.json \
	share/demo/posts/11-like-starlings.json \
	share/demo/posts/12-repost-tide-tables.json \
	share/demo/posts/13-on-timetables.json \
	share/demo/posts/14-homebrew-club.json \
	share/demo/posts/15-like-plain.json \
	share/demo/posts/16-heron.json \
	share/demo/posts/17-repair-cafe-2023.json \
	share/demo/posts/18-cafe-nord.json \
	share/demo/posts/19-the-sea-the-sea.json \
	share/demo/posts/20-side-a.json \
	share/demo/posts/21-the-lighthouse.json \
	share/demo/posts/22-bell.json \
	share/demo/posts/23-waves.json \
	share/demo/posts/24-regen.json \
	share/demo/posts/25-yu-ting-le.json \
	share/demo/posts/26-geshem.json \
	share/demo/posts/27-matar.json \
	share/demo/posts/28-long-words.json \
	share/demo/posts/29-two-views.json \
	share/demo/posts/30-four-walls.json \
	share/demo/posts/31-five-and-a-bird.json \
	share/demo/posts/32-six-pictures.json \
	share/demo/posts/33-dyke.json \
	share/demo/posts/34-elements.json \
	share/demo/posts/35-many-tags.json \
	share/demo/posts/36-emoji.json \
	share/demo/posts/37-winter-reading.json \
	share/demo/posts/38-turntable.json \
	share/demo/posts/38-turntable.md \
	share/demo/posts/39-a-long-note.json \
	share/demo/posts/40-week-without-weather.json \
	share/demo/posts/41-plans.json \
	share/demo/posts/42-an-unfinished-thought.json \
	share/demo/posts/43-to-the-lighthouse.json \
	share/demo/posts/44-watching-paint.json \
	share/demo/posts/45-six-years-ago.json \
	share/demo/posts/46-three-years-ago.json \
	share/demo/posts/47-a-year-ago.json \
	share/demo/posts/48-repair-cafe.json \
	share/demo/posts/49-today.json

demomediadir = $(pkgdatadir)/demo/media
dist_demomedia_DATA = \
	share/demo/media/ada.jpg \
	share/demo/media/bell.wav \
	share/demo/media/birches.jpg \
	share/demo/media/bread.jpg \
	share/demo/media/coast.jpg \
	share/demo/media/heron.jpg \
	share/demo/media/hills.jpg \
	share/demo/media/lighthouse.jpg \
	share/demo/media/night.jpg \
	share/demo/media/rain.jpg \
	share/demo/media/sea.jpg \
	share/demo/media/town.jpg \
	share/demo/media/waves.webm

# Passwords that are not to be had.
dist_pkgdata_DATA = share/passwords.txt

# For who watches the site: alert rules, a dashboard, and what a log line is.
prometheusdir = $(pkgdatadir)/prometheus
dist_prometheus_DATA = share/prometheus/scrape.yml share/prometheus/starpunk.rules.yml

grafanadir = $(pkgdatadir)/grafana
dist_grafana_DATA = share/grafana/starpunk.json

schemadir = $(pkgdatadir)/schema
dist_schema_DATA = share/schema/log.json
MAINTAINERCLEANFILES += share/schema/log.json
share/schema/log.json: src/tables/events.def src/core/log_docs.c | starpunk$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) share/schema && ./starpunk$(EXEEXT) docs events schema > $@.tmp && mv $@.tmp $@
