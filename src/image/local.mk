# The files of src/image: pictures, decoded by a helper that has nothing to lose.
noinst_LIBRARIES += libimage.a
LIBS_ALL += libimage.a
libimage_a_SOURCES = \
	src/image/image.c src/image/image.h
