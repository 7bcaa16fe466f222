# The files of src/net: addresses, and asking others. get.c, ask.c and guard.c are for the program starpunk-fetch alone: no
# other one carries libcurl.
noinst_LIBRARIES += libnet.a
LIBS_ALL += libnet.a
libnet_a_CPPFLAGS = $(AM_CPPFLAGS) $(URIPARSER_CFLAGS) $(IDN2_CFLAGS) $(CURL_CFLAGS)
libnet_a_SOURCES = \
	src/net/address.c src/net/address.h \
	src/net/ask.c src/net/ask.h \
	src/net/fetch.c src/net/fetch.h \
	src/net/get.c src/net/get.h \
	src/net/guard.c src/net/guard.h \
	src/net/url.c src/net/url.h
