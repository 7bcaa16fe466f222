/*
 * What the files of the program starpunk-media share: the upload at hand and how its refusal is
 * told. The program is no part of StarPunk's processes; nothing outside of it includes this.
 *
 *	starpunk-media prepare MAX_PIXELS MAX_FRAMES	descriptor 0 in, 3 out
 *	starpunk-media resize WIDTH webp|jpeg|png|icon|mask	descriptor 0 in, 3 out
 *	starpunk-media probe				tries to open a file; it must die of that
 *
 * The answer is one line on descriptor 1, at most 255 bytes, and exit status 0:
 *
 *	ok TYPE WIDTH HEIGHT rewritten|moving|as-is
 *	no type|pictures|broken|pixels|frames|disk TEXT
 *
 * image.h says what they mean. Anything else, and any death, is a failure of the program.
 */
#ifndef IMAGE_MEDIA_H
#define IMAGE_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct _VipsSource;

enum { MEDIA_IN = 0, MEDIA_ANSWER = 1, MEDIA_OUT = 3 };

/* Why a file is refused; the words of the answer are in media_main.c. */
enum media_verdict {
	MEDIA_OK,
	MEDIA_TYPE,	/* not a kind that is accepted */
	MEDIA_PICTURES,	/* built without them */
	MEDIA_BROKEN,	/* cut short, or not what it seems */
	MEDIA_PIXELS,
	MEDIA_FRAMES,
	MEDIA_DISK,	/* the output could not be written */
	MEDIA__MAX
};

/* What a type is made of, which decides who looks into it. */
enum media_form {
	FORM_JPEG,
	FORM_PNG,
	FORM_GIF,
	FORM_WEBP,
	FORM_AVIF,
	FORM_PICTURES = FORM_AVIF,	/* the last of them */
	FORM_BOXES,			/* MP4, M4A */
	FORM_EBML,			/* WebM */
	FORM_MPEG,			/* MP3 */
	FORM_OGG,
	FORM_RIFF,			/* WAV */
	FORM_PDF
};

struct media {
	struct _VipsSource *source;	/* descriptor 0 as vips knows it */
	int64_t bytes;			/* of the file */
	int64_t max_pixels;		/* of all frames together */
	int64_t max_frames;
	const char *type;		/* "image/jpeg"; set by media_type() */
	enum media_form form;
	int64_t width, height;		/* of what was written */
	bool moving;			/* it has several frames */
	char problem[160];		/* text of a refusal, printable ASCII */
};

/* Sets the problem, as much of it as is printable ASCII; the verdict goes through. */
enum media_verdict media_refuse(struct media *m, enum media_verdict verdict, const char *problem);

/* n bytes of the file at that place; false: there are not as many. */
bool media_read(int64_t at, void *out, size_t n);

/* Writes all of it to the output. MEDIA_OK or MEDIA_DISK. */
enum media_verdict media_write(struct media *m, const void *p, size_t n);

#endif
