# The files of src/app: processes, FastCGI, commands, main. Nothing below may know them.
noinst_LIBRARIES += libapp.a
libapp_a_CPPFLAGS = $(AM_CPPFLAGS) $(FCGI_CFLAGS) $(JSONC_CFLAGS)
libapp_a_SOURCES = \
	src/app/child.c src/app/child.h \
	src/app/courier.c src/app/courier.h \
	src/app/crew.c src/app/crew.h \
	src/app/dispatch.c src/app/dispatch.h \
	src/app/fcgi.c src/app/fcgi.h \
	src/app/listen.c src/app/listen.h \
	src/app/record.c src/app/record.h \
	src/app/supervisor.c src/app/supervisor.h \
	src/app/worker.c src/app/worker.h
