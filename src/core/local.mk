# The files of src/core: configuration, log, metrics, cryptography, the process.
noinst_LIBRARIES += libcore.a
LIBS_ALL += libcore.a
libcore_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) $(SODIUM_CFLAGS)
libcore_a_SOURCES = \
	src/core/config.c src/core/config.h \
	src/core/config_check.c \
	src/core/config_docs.c \
	src/core/config_file.c \
	src/core/config_parse.c \
	src/core/crypto.c src/core/crypto.h \
	src/core/facts.c src/core/facts.h \
	src/core/log.c src/core/log.h \
	src/core/log_docs.c \
	src/core/log_line.c \
	src/core/priv.h \
	src/core/proc.c src/core/proc.h
