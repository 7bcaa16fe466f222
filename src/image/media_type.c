/*
 * What a file is. libmagic looks at text, programs, archives and office files only so far as it
 * needs to in order not to take them for something else.
 */
#include "image/media_type.h"

#include <magic.h>
#include <string.h>

enum { HEAD = 64 * 1024 }; /* bytes that libmagic sees */

static const struct {
	const char *magic; /* what libmagic calls it */
	const char *type;  /* what it is served as */
	enum media_form form;
} types[] = {
	{"image/jpeg", "image/jpeg", FORM_JPEG},
	{"image/png", "image/png", FORM_PNG},
	{"image/gif", "image/gif", FORM_GIF},
	{"image/webp", "image/webp", FORM_WEBP},
	{"image/avif", "image/avif", FORM_AVIF},
	{"video/mp4", "video/mp4", FORM_BOXES},
	{"video/x-m4v", "video/mp4", FORM_BOXES},
	{"video/webm", "video/webm", FORM_EBML},
	{"audio/mpeg", "audio/mpeg", FORM_MPEG},
	{"audio/x-m4a", "audio/mp4", FORM_BOXES},
	{"audio/mp4", "audio/mp4", FORM_BOXES},
	{"audio/ogg", "audio/ogg", FORM_OGG},
	{"audio/x-wav", "audio/wav", FORM_RIFF},
	{"application/pdf", "application/pdf", FORM_PDF},
};

struct magic_set *
media_type_load(void)
{
	magic_t magic =
		magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
			   MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_APPTYPE |
			   MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON);

	if (magic && magic_load(magic, NULL) != 0) {
		magic_close(magic);
		magic = NULL;
	}
	return magic;
}

/*
 * What libmagic calls it. Sound behind an ID3 tag is found here: tags hold pictures, and libmagic
 * would have to see all of it. That there is sound, media_form() asks.
 */
static const char *
name_of(struct magic_set *magic, const char *head, size_t n)
{
	const char *name;

	if (n == 0)
		return "inode/x-empty";
	if (n >= 10 && memcmp(head, "ID3", 3) == 0)
		return "audio/mpeg";
	name = magic_buffer(magic, head, n);
	return name ? name : "application/octet-stream";
}

enum media_verdict
media_type(struct media *m, struct magic_set *magic)
{
	char head[HEAD];
	size_t n = m->bytes < HEAD ? (size_t)m->bytes : HEAD;
	const char *found;

	if (!media_read(0, head, n))
		return media_refuse(m, MEDIA_BROKEN, "cannot be read");
	found = name_of(magic, head, n);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].magic, found) != 0)
			continue;
		m->type = types[i].type;
		m->form = types[i].form;
		return MEDIA_OK;
	}
	return media_refuse(m, MEDIA_TYPE, found);
}
