# The files of src/base: memory, strings, time, errors, the context. libc only.
noinst_LIBRARIES += libbase.a
LIBS_ALL += libbase.a
libbase_a_SOURCES = \
	src/base/arena.c src/base/arena.h \
	src/base/buf.c src/base/buf.h \
	src/base/ctx.c src/base/ctx.h \
	src/base/enc.c src/base/enc.h \
	src/base/err.c src/base/err.h \
	src/base/mem.c src/base/mem.h \
	src/base/mutex.c src/base/mutex.h \
	src/base/str.c src/base/str.h \
	src/base/time.c src/base/time.h
