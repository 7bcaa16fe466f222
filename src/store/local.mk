# The files of src/store: the database. The queries of sql/ and the migrations are made into C by
# tools/sql.awk and tools/migrations.awk.
noinst_LIBRARIES += libstore.a
LIBS_ALL += libstore.a
libstore_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
libstore_a_SOURCES = \
	src/store/alias.c src/store/alias.h \
	src/store/attempt.c src/store/attempt.h \
	src/store/audit.c src/store/audit.h \
	src/store/auth.c src/store/auth.h \
	src/store/batch.c src/store/batch.h \
	src/store/client.c src/store/client.h \
	src/store/copy.c src/store/copy.h \
	src/store/db.c src/store/db.h \
	src/store/error.c \
	src/store/factor.c src/store/factor.h \
	src/store/file.c \
	src/store/indieauth.c src/store/indieauth.h \
	src/store/job.c src/store/job.h \
	src/store/lock.c \
	src/store/media.c src/store/media.h \
	src/store/migrate.c src/store/migrate.h \
	src/store/pair.c \
	src/store/pending.c src/store/pending.h \
	src/store/pool.c src/store/pool.h \
	src/store/post.c src/store/post.h \
	src/store/post_list.c src/store/post_list.h \
	src/store/post_period.c src/store/post_period.h \
	src/store/post_shelf.c src/store/post_shelf.h \
	src/store/post_walk.c src/store/post_walk.h \
	src/store/post_write.c \
	src/store/priv.h \
	src/store/redirect.c src/store/redirect.h \
	src/store/retry.c src/store/retry.h \
	src/store/search.c src/store/search.h \
	src/store/setting.c src/store/setting.h \
	src/store/share.c \
	src/store/sitemap.c src/store/sitemap.h \
	src/store/stmt.c src/store/stmt.h \
	src/store/storing.c \
	src/store/tag_list.c src/store/tag_list.h \
	src/store/tx.c \
	src/store/writers.c
nodist_libstore_a_SOURCES = \
	src/store/gen_migrations.c \
	src/store/gen_sql.c src/store/gen_sql.h

store_sql = \
	src/store/sql/alias.sql \
	src/store/sql/attempt.sql \
	src/store/sql/audit.sql \
	src/store/sql/batch.sql \
	src/store/sql/client.sql \
	src/store/sql/connection.sql \
	src/store/sql/factor.sql \
	src/store/sql/indieauth.sql \
	src/store/sql/job.sql \
	src/store/sql/media.sql \
	src/store/sql/owner.sql \
	src/store/sql/pending.sql \
	src/store/sql/period.sql \
	src/store/sql/post.sql \
	src/store/sql/post_list.sql \
	src/store/sql/redirect.sql \
	src/store/sql/retry.sql \
	src/store/sql/schema.sql \
	src/store/sql/search.sql \
	src/store/sql/session.sql \
	src/store/sql/setting.sql \
	src/store/sql/shelf.sql \
	src/store/sql/sitemap.sql \
	src/store/sql/tag.sql \
	src/store/sql/token.sql
store_migrations = \
	src/store/migrations/0001_foundation.sql \
	src/store/migrations/0002_micropub.sql \
	src/store/migrations/0003_audit.sql \
	src/store/migrations/0004_lean.sql \
	src/store/migrations/0005_client.sql \
	src/store/migrations/0006_login.sql \
	src/store/migrations/0007_indieauth.sql \
	src/store/migrations/0008_settings.sql \
	src/store/migrations/0009_shelves.sql \
	src/store/migrations/0010_lists.sql \
	src/store/migrations/0011_search.sql \
	src/store/migrations/0012_redirects.sql \
	src/store/migrations/0013_job_request.sql

EXTRA_DIST += $(store_sql) $(store_migrations) tools/sql.awk tools/migrations.awk
BUILT_SOURCES += src/store/gen_sql.h
CLEANFILES += src/store/gen_sql.h src/store/gen_sql.c src/store/gen_migrations.c

$(libstore_a_OBJECTS): src/store/gen_sql.h

src/store/gen_sql.h: $(store_sql) tools/sql.awk
	$(AM_V_GEN)$(MKDIR_P) src/store && o=`pwd`/$@ && cd $(srcdir) && \
		$(AWK) -v kind=h -f tools/sql.awk $(store_sql) > $$o.tmp && mv $$o.tmp $$o

src/store/gen_sql.c: $(store_sql) tools/sql.awk
	$(AM_V_GEN)$(MKDIR_P) src/store && o=`pwd`/$@ && cd $(srcdir) && \
		$(AWK) -v kind=c -f tools/sql.awk $(store_sql) > $$o.tmp && mv $$o.tmp $$o

src/store/gen_migrations.c: $(store_migrations) tools/migrations.awk
	$(AM_V_GEN)$(MKDIR_P) src/store && o=`pwd`/$@ && cd $(srcdir) && \
		$(AWK) -f tools/migrations.awk $(store_migrations) > $$o.tmp && mv $$o.tmp $$o
