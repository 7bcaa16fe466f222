# The files of src/app: processes, FastCGI, commands, main. Nothing below may know them.
noinst_LIBRARIES += libapp.a
libapp_a_CPPFLAGS = $(AM_CPPFLAGS) $(FCGI_CFLAGS) $(JSONC_CFLAGS)
libapp_a_SOURCES = \
	src/app/child.c src/app/child.h \
	src/app/cli.c src/app/cli.h \
	src/app/cli_audit.c \
	src/app/cli_auth.c \
	src/app/cli_bash.c \
	src/app/cli_backup.c \
	src/app/cli_bar.c \
	src/app/cli_check.c \
	src/app/cli_config.c \
	src/app/cli_explain.c \
	src/app/cli_demo.c \
	src/app/cli_doctor.c \
	src/app/cli_jobs.c \
	src/app/cli_log.c \
	src/app/cli_login.c \
	src/app/cli_micropub.c \
	src/app/cli_parse.c \
	src/app/cli_redirect.c \
	src/app/cli_search.c \
	src/app/cli_site.c \
	src/app/cli_stats.c \
	src/app/cli_theme.c \
	src/app/courier.c src/app/courier.h \
	src/app/crew.c src/app/crew.h \
	src/app/dispatch.c src/app/dispatch.h \
	src/app/doctor.c src/app/doctor.h \
	src/app/doctor_ask.c \
	src/app/doctor_files.c \
	src/app/doctor_front.c \
	src/app/doctor_https.c \
	src/app/doctor_mend.c \
	src/app/doctor_paths.c \
	src/app/doctor_program.c \
	src/app/doctor_socket.c \
	src/app/doctor_system.c \
	src/app/doctor_watch.c \
	src/app/fcgi.c src/app/fcgi.h \
	src/app/lane.c src/app/lane.h \
	src/app/listen.c src/app/listen.h \
	src/app/logbook.c src/app/logbook.h \
	src/app/logger.c src/app/logger.h \
	src/app/pace.c src/app/pace.h \
	src/app/record.c src/app/record.h \
	src/app/reserve.c src/app/reserve.h \
	src/app/rights.c src/app/rights.h \
	src/app/supervisor.c src/app/supervisor.h \
	src/app/vigil.c src/app/vigil.h \
	src/app/worker.c src/app/worker.h

bin_PROGRAMS += starpunk
starpunk_SOURCES = src/app/main.c
starpunk_LDADD = libapp.a libweb.a libdomain.a libimage.a libnet.a libhttp.a libstore.a libtext.a libcore.a libbase.a \
	$(FCGI_LIBS) $(FOREIGN_LIBS)

# The one program that asks others, started by the courier.
pkglibexec_PROGRAMS += starpunk-fetch
starpunk_fetch_SOURCES = src/app/fetch_main.c
starpunk_fetch_LDADD = libdomain.a libnet.a libtext.a libcore.a libbase.a $(JSONC_LIBS) $(GUMBO_LIBS) \
	$(CURL_LIBS) $(NET_LIBS) $(SECCOMP_LIBS)
