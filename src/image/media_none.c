/*
 * In the place of media_picture.c where the program is built without libvips: every picture is
 * refused, and said why. Films, sounds and PDFs need no library.
 */
#include "image/media_picture.h"

bool
picture_load(struct media *m)
{
	(void)m;
	return true;
}

bool
picture_format(const char *format)
{
	(void)format;
	return true;
}

enum media_verdict
picture_prepare(struct media *m)
{
	return media_refuse(m, MEDIA_PICTURES, m->type);
}

enum media_verdict
picture_resize(struct media *m, const struct picture_size *size)
{
	(void)size;
	return media_refuse(m, MEDIA_PICTURES, m->type);
}
