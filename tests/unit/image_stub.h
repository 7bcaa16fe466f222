/*
 * image_prepare() for tests: what an upload is stands in its first bytes. It takes the place of the
 * one in libimage.a, so that these tests run no program and know what comes out.
 *
 *	"GIF ..."	a picture of that size that moves, to be kept as it is
 *	"PNG ..."	a picture of 640 x 480; "clean " and the bytes are to be kept
 *	"MP4 ..."	a film, to be kept as it is
 *	"BROKEN", "FULL", "DEAD", "LATE", "ODD"	fail, the last one by a type nobody knows
 */
#ifndef UNIT_IMAGE_STUB_H
#define UNIT_IMAGE_STUB_H

#include "image/image.h"

#include <stdio.h>
#include <unistd.h>

static int image_prepared; /* how often it was asked */
static const char *image_says;   /* the type, whatever the bytes, if set */
static void (*image_look)(void); /* called each time, if set */

static inline bool
image_begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

enum err
image_prepare(struct ctx *c, int in_fd, int out_fd, struct image_info *out)
{
	static const struct {
		const char *begin;
		enum err err;
	} failures[] = {{"BROKEN", ERR_UPLOAD_BROKEN}, {"FULL", ERR_DISK_FULL},
		{"DEAD", ERR_UPLOAD_HELPER}, {"LATE", ERR_TIMEOUT}};
	char text[64] = "";
	ssize_t n = pread(in_fd, text, sizeof(text) - 1, 0);

	*out = (struct image_info){0};
	image_prepared++;
	if (image_look)
		image_look();
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (image_begins(text, failures[i].begin))
			return err_raise(c, failures[i].err, "as the test wants it");
	out->rewritten = image_begins(text, "PNG ");
	out->moving = image_begins(text, "GIF ");
	if (out->rewritten || out->moving) {
		out->width = 640;
		out->height = 480;
	}
	if (out->rewritten && dprintf(out_fd, "clean %.*s", (int)n, text) < 0)
		return err_raise(c, ERR_IO, "the stub cannot write");
	if (image_says)
		(void)snprintf(out->type, sizeof(out->type), "%s", image_says);
	else if (out->rewritten)
		(void)snprintf(out->type, sizeof(out->type), "image/png");
	else if (out->moving)
		(void)snprintf(out->type, sizeof(out->type), "image/gif");
	else if (image_begins(text, "MP4 "))
		(void)snprintf(out->type, sizeof(out->type), "video/mp4");
	else if (image_begins(text, "ODD"))
		(void)snprintf(out->type, sizeof(out->type), "text/html");
	else
		return err_raise(c, ERR_UPLOAD_TYPE, "nothing that is known");
	return OK;
}

/* Nobody asks for smaller pictures here; it has to be where the other one is not. */
enum err
image_resize(struct ctx *c, int in_fd, int64_t width, enum image_format format, int out_fd)
{
	(void)in_fd;
	(void)width;
	(void)format;
	(void)out_fd;
	return err_raise(c, ERR_UPLOAD_HELPER, "there is none in this test");
}

#endif
