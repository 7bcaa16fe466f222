/*
 * Uploaded files and pictures, looked at by somebody else: the program starpunk-media, which runs
 * for one file, without network or file system, under limits of time and memory, and may crash. It
 * gets open descriptors and nothing else; no byte of an upload is decoded in this process.
 *
 * The helper is the configuration's media_helper, or else the program of that name beside the
 * running one, or else the installed one. At most one runs at a time per process, so that memory
 * stays bounded; who comes second waits. All waiting ends at c's deadline, or after 30 seconds:
 * then the helper is killed. No helper outlives the call. Any thread may call.
 *
 * Descriptors are regular files of the caller's: in_fd is read from its beginning, wherever it
 * stands, and stands somewhere after the call; out_fd is empty before. After a failure out_fd may
 * hold anything and the caller throws it away. Nothing is synced.
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/ctx.h"

enum { IMAGE_TYPE_BYTES = 32 };

/* What an upload is. */
struct image_info {
	char type[IMAGE_TYPE_BYTES];	/* "image/jpeg", by its bytes and by having been decoded */
	int64_t width, height;		/* pixels as seen, after any rotation; 0: no picture */
	bool rewritten;			/* out_fd holds the file to keep; else keep in_fd's bytes */
	bool moving;			/* a picture of several frames */
};

/*
 * Finds out what in_fd is and makes it fit to be published. A picture (JPEG, PNG, GIF, WebP, AVIF)
 * is decoded to its end and written to out_fd upright, in sRGB, without location and any other
 * metadata; a JPEG keeps its quality where it can. MP4, WebM, MP3, M4A, Ogg, WAV and PDF stay as
 * they are. The failures, of which the first three carry a hint for the client:
 *
 *	ERR_UPLOAD_TYPE		none of these: SVG, HTML, a script, a file of nothing
 *	ERR_UPLOAD_BROKEN	cut short, or not what its first bytes say
 *	ERR_UPLOAD_TOO_LARGE	more than 50 million pixels over all frames, 32 million of WebP, 16 of
 *				AVIF; more than 500 frames
 *	ERR_TIMEOUT		not done in time
 *	ERR_UPLOAD_HELPER	there is no helper, or it died
 *	ERR_DISK_FULL		out_fd could not be written for want of room
 */
MUST enum err image_prepare(struct ctx *c, int in_fd, int out_fd, struct image_info *out);

/* IMAGE_ICON is a PNG, IMAGE_MASK one on white with a fifth of it around: squares, whatever came. */
enum image_format { IMAGE_WEBP, IMAGE_JPEG, IMAGE_PNG, IMAGE_ICON, IMAGE_MASK };

/*
 * Writes the picture in in_fd, one that image_prepare() made, to out_fd in that format and width in
 * pixels (1 to 16384), its height in proportion; of several frames the first. A picture that is
 * narrower stays as wide as it is, unless it becomes an icon. Fails as image_prepare() does.
 */
MUST enum err image_resize(struct ctx *c, int in_fd, int64_t width, enum image_format format,
	int out_fd);

#endif
