# The files of src/http: requests, answers, routes; HTTP without FastCGI.
noinst_LIBRARIES += libhttp.a
LIBS_ALL += libhttp.a
libhttp_a_SOURCES = \
	src/http/cond.c src/http/cond.h \
	src/http/form.c src/http/form.h \
	src/http/head.c src/http/head.h \
	src/http/multipart.c src/http/multipart.h \
	src/http/multipart_fields.c \
	src/http/multipart_part.c src/http/multipart_part.h \
	src/http/priv.h \
	src/http/req.c src/http/req.h \
	src/http/req_body.c \
	src/http/req_target.c \
	src/http/resp.c src/http/resp.h \
	src/http/route.c src/http/route.h
