# The files of src/image: the caller's side as a floor, and the program that does the work, which
# knows nothing of the floors but its jail.
noinst_LIBRARIES += libimage.a
LIBS_ALL += libimage.a
libimage_a_SOURCES = \
	src/image/helper.c src/image/helper.h \
	src/image/image.c src/image/image.h

pkglibexec_PROGRAMS += starpunk-media
starpunk_media_CFLAGS = $(AM_CFLAGS) $(MAGIC_CFLAGS) $(VIPS_CFLAGS) $(JPEG_CFLAGS)
starpunk_media_LDADD = libcore.a $(MAGIC_LIBS) $(SECCOMP_LIBS) $(VIPS_LIBS) $(JPEG_LIBS) -lm
starpunk_media_SOURCES = \
	src/image/media.c src/image/media.h \
	src/image/media_form.c src/image/media_form.h \
	src/image/media_main.c \
	src/image/media_picture.h \
	src/image/media_type.c src/image/media_type.h
if WITH_IMAGES
starpunk_media_SOURCES += \
	src/image/media_gif.c src/image/media_gif.h \
	src/image/media_icc.c src/image/media_icc.h \
	src/image/media_jpeg.c src/image/media_jpeg.h \
	src/image/media_picture.c \
	src/image/media_save.c src/image/media_save.h \
	src/image/media_webp.c src/image/media_webp.h
else
starpunk_media_SOURCES += src/image/media_none.c
endif
