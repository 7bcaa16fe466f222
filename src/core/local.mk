# The files of src/core: configuration, log, metrics, cryptography, the process.
noinst_LIBRARIES += libcore.a
LIBS_ALL += libcore.a
libcore_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFUSE_CFLAGS) $(SODIUM_CFLAGS) $(SECCOMP_CFLAGS) $(CRYPTO_CFLAGS) $(XXHASH_CFLAGS) \
	-DSP_LIBEXECDIR='"$(pkglibexecdir)"'
libcore_a_SOURCES = \
	src/core/config.c src/core/config.h \
	src/core/config_check.c \
	src/core/config_docs.c \
	src/core/config_file.c \
	src/core/config_names.c \
	src/core/config_network.c \
	src/core/config_parse.c \
	src/core/crypto.c src/core/crypto.h \
	src/core/digest.c src/core/digest.h \
	src/core/escape.c \
	src/core/facts.c src/core/facts.h \
	src/core/folder.c src/core/folder.h \
	src/core/health.c src/core/health.h \
	src/core/helper.c src/core/helper.h \
	src/core/histogram.c src/core/histogram.h \
	src/core/history.c src/core/history.h src/core/history_cell.h \
	src/core/history_file.c \
	src/core/jail.c src/core/jail.h \
	src/core/journal.c src/core/journal.h \
	src/core/journal_entry.c src/core/journal_entry.h \
	src/core/key.c src/core/key.h \
	src/core/landlock.c src/core/landlock.h \
	src/core/layout.c src/core/layout.h \
	src/core/log.c src/core/log.h \
	src/core/log_docs.c \
	src/core/log_line.c src/core/log_line.h \
	src/core/log_sink.c src/core/log_sink.h \
	src/core/lookout.c src/core/lookout.h \
	src/core/metrics.c src/core/metrics.h \
	src/core/metrics_family.c src/core/metrics_family.h \
	src/core/metrics_prometheus.c \
	src/core/metrics_view.c src/core/metrics_view.h \
	src/core/priv.h \
	src/core/proc.c src/core/proc.h \
	src/core/proc_service.c \
	src/core/ring.c src/core/ring.h \
	src/core/segment.c src/core/segment.h \
	src/core/segment_rate.c \
	src/core/signature.c src/core/signature.h \
	src/core/slot.c src/core/slot.h \
	src/core/trouble.c src/core/trouble.h \
	src/core/sight.c src/core/sight.h \
	src/core/sight_site.c

EXTRA_DIST += doc/SEGMENT.md
