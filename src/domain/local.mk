# The files of src/domain: what StarPunk means. Rules of the IndieWeb, no HTTP.
noinst_LIBRARIES += libdomain.a
LIBS_ALL += libdomain.a
libdomain_a_SOURCES = \
	src/domain/alias.c src/domain/alias.h \
	src/domain/archive.c src/domain/archive.h \
	src/domain/audit.c src/domain/audit.h \
	src/domain/auth.c src/domain/auth.h \
	src/domain/backup.c src/domain/backup.h \
	src/domain/backup_hold.c \
	src/domain/backup_manifest.c \
	src/domain/backup_priv.h \
	src/domain/backup_read.c \
	src/domain/backup_restore.c \
	src/domain/backup_stage.c \
	src/domain/backup_file.c \
	src/domain/client.c src/domain/client.h \
	src/domain/client_doc.c src/domain/client_doc.h \
	src/domain/client_fetch.c \
	src/domain/compose.c src/domain/compose.h \
	src/domain/compose_preview.c \
	src/domain/compose_priv.h \
	src/domain/compose_read.c \
	src/domain/compose_write.c \
	src/domain/demo.c src/domain/demo.h \
	src/domain/factor.c src/domain/factor.h \
	src/domain/factor_passkey.c \
	src/domain/feed.c src/domain/feed.h \
	src/domain/feed_atom.c \
	src/domain/feed_html.c \
	src/domain/feed_json.c \
	src/domain/feed_opml.c \
	src/domain/feed_rss.c \
	src/domain/feed_writers.h \
	src/domain/feed_xml.c \
	src/domain/icons.c src/domain/icons.h \
	src/domain/indieauth.c src/domain/indieauth.h \
	src/domain/indieauth_exchange.c \
	src/domain/job.c src/domain/job.h \
	src/domain/login.c src/domain/login.h \
	src/domain/media.c src/domain/media.h \
	src/domain/media_check.c \
	src/domain/media_file.c src/domain/media_file.h \
	src/domain/media_links.c \
	src/domain/media_query.c \
	src/domain/micropub.c src/domain/micropub.h \
	src/domain/micropub_decode.c \
	src/domain/micropub_form.c \
	src/domain/micropub_json.c \
	src/domain/micropub_query.c \
	src/domain/micropub_source.c \
	src/domain/micropub_types.c \
	src/domain/pass.c src/domain/pass.h \
	src/domain/password.c \
	src/domain/post.c src/domain/post.h \
	src/domain/post_check.c \
	src/domain/post_edit.c \
	src/domain/post_kind.c src/domain/post_kind.h \
	src/domain/post_label.c \
	src/domain/post_parts.c src/domain/post_parts.h \
	src/domain/post_place.c \
	src/domain/post_render.c \
	src/domain/post_retry.c \
	src/domain/post_slug.c \
	src/domain/post_text.c \
	src/domain/post_type.c \
	src/domain/post_update.c src/domain/post_update.h \
	src/domain/priv.h \
	src/domain/robots.c src/domain/robots.h \
	src/domain/scope.c src/domain/scope.h \
	src/domain/search.c src/domain/search.h \
	src/domain/search_index.c src/domain/search_index.h \
	src/domain/search_match.c \
	src/domain/search_priv.h \
	src/domain/search_query.c src/domain/search_query.h \
	src/domain/search_show.c \
	src/domain/session.c src/domain/session.h \
	src/domain/settings.c src/domain/settings.h \
	src/domain/settings_check.c \
	src/domain/site.c src/domain/site.h \
	src/domain/sitemap.c src/domain/sitemap.h \
	src/domain/sizes.c src/domain/sizes.h \
	src/domain/tar.c src/domain/tar.h \
	src/domain/throttle.c \
	src/domain/token.c \
	src/domain/totp.c src/domain/totp.h \
	src/domain/webauthn.c src/domain/webauthn.h
