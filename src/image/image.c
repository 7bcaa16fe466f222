/*
 * Uploaded files and pictures, looked at by somebody else. The helper's answer is a line that we
 * trust no more than the file it is about: words we know, numbers in range, or it died for us.
 */
#include "image/image.h"

#include "core/log.h"
#include "image/helper.h"

#include <assert.h>
#include <stdio.h>

enum { PIXELS_MAX = 50 * 1000 * 1000, FRAMES_MAX = 500, WIDTH_MAX = 16384 };

/* ---- refusals ---------------------------------------------------------------------------- */

/* What the helper answers after "no". hint NULL: it is not the client's business. */
static const struct {
	struct str word;
	enum err err;
	const char *hint;
} refusals[] = {
	{S_INIT("type"), ERR_UPLOAD_TYPE, "the file's content is of another kind"},
	{S_INIT("pictures"), ERR_UPLOAD_TYPE, "this site was built without support for pictures"},
	{S_INIT("broken"), ERR_UPLOAD_BROKEN, "the file cannot be read to its end"},
	{S_INIT("pixels"), ERR_UPLOAD_TOO_LARGE, "the picture has too many pixels"},
	{S_INIT("frames"), ERR_UPLOAD_TOO_LARGE, "the picture has too many frames"},
	{S_INIT("disk"), ERR_DISK_FULL, NULL},
};

static enum err
nonsense(struct ctx *c, const struct media_run *run)
{
	return err_raise(c, ERR_UPLOAD_HELPER, "the media helper answered '%s'", run->answer);
}

/* True for what can be a media type and nothing else: it goes into a text for the client. */
static bool
is_type(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789/+.-", s.p[i]))
			return false;
	return s.n > 0;
}

/* The rest of the line is for the log, but for the type that a refused file seems to have. */
static enum err
refuse(struct ctx *c, const struct media_run *run, struct str rest)
{
	struct str word = str_cut(&rest, ' ');
	size_t i, n = sizeof(refusals) / sizeof(refusals[0]);

	for (i = 0; i < n && !str_eq(refusals[i].word, word); i++)
		continue;
	if (i == n)
		return nonsense(c, run);
	log_event(c, upload_refused, .reason = word, .detail = rest);
	if (!refusals[i].hint)
		return err_raise(c, refusals[i].err, "%.*s", STR(rest));
	if (refusals[i].err == ERR_UPLOAD_TYPE && is_type(rest))
		return err_raise_hint(c, refusals[i].err, "%s: %.*s", refusals[i].hint, STR(rest));
	return err_raise_hint(c, refusals[i].err, "%s", refusals[i].hint);
}

/* ---- acceptance -------------------------------------------------------------------------- */

static const struct {
	struct str type;
	bool picture;
} types[] = {
	{S_INIT("image/jpeg"), true},
	{S_INIT("image/png"), true},
	{S_INIT("image/gif"), true},
	{S_INIT("image/webp"), true},
	{S_INIT("image/avif"), true},
	{S_INIT("video/mp4"), false},
	{S_INIT("video/webm"), false},
	{S_INIT("audio/mpeg"), false},
	{S_INIT("audio/mp4"), false},
	{S_INIT("audio/ogg"), false},
	{S_INIT("audio/wav"), false},
	{S_INIT("application/pdf"), false},
};

/* "TYPE WIDTH HEIGHT rewritten" or "moving", or "TYPE 0 0 as-is" for what is no picture. */
static bool
accept(struct str rest, struct image_info *out)
{
	struct str type = str_cut(&rest, ' '), width = str_cut(&rest, ' ');
	struct str height = str_cut(&rest, ' ');
	size_t i, n = sizeof(types) / sizeof(types[0]);
	unsigned long long w, h;

	for (i = 0; i < n && !str_eq(types[i].type, type); i++)
		continue;
	if (i == n || !str_u64(width, PIXELS_MAX, &w) || !str_u64(height, PIXELS_MAX, &h))
		return false;
	out->moving = str_eq(rest, S("moving"));
	out->rewritten = out->moving || str_eq(rest, S("rewritten"));
	if (types[i].picture != (w > 0) || types[i].picture != (h > 0) ||
		types[i].picture != out->rewritten ||
		(!out->rewritten && !str_eq(rest, S("as-is"))))
		return false;
	assert(type.n < sizeof(out->type));
	memcpy(out->type, type.p, type.n);
	out->width = (int64_t)w;
	out->height = (int64_t)h;
	return true;
}

/* Runs the helper and takes its answer apart. */
static enum err
ask(struct ctx *c, struct media_run *run, struct image_info *out)
{
	struct str rest, word;
	enum err e = media_run(c, run);

	if (e)
		return e;
	rest = str_z(run->answer);
	word = str_cut(&rest, ' ');
	if (str_eq(word, S("no")))
		return refuse(c, run, rest);
	if (!str_eq(word, S("ok")) || !accept(rest, out))
		return nonsense(c, run);
	return OK;
}

enum err
image_prepare(struct ctx *c, int in_fd, int out_fd, struct image_info *out)
{
	char pixels[24], frames[24];
	const char *const arguments[] = {"prepare", pixels, frames, NULL};
	struct media_run run = {.arguments = arguments, .in_fd = in_fd, .out_fd = out_fd};

	*out = (struct image_info){0};
	(void)snprintf(pixels, sizeof(pixels), "%d", PIXELS_MAX);
	(void)snprintf(frames, sizeof(frames), "%d", FRAMES_MAX);
	return ask(c, &run, out);
}

enum err
image_resize(struct ctx *c, int in_fd, int64_t width, enum image_format format, int out_fd)
{
	static const char *const names[] = {
		[IMAGE_WEBP] = "webp", [IMAGE_JPEG] = "jpeg", [IMAGE_PNG] = "png", [IMAGE_ICON] = "icon",
		[IMAGE_MASK] = "mask"};
	char number[24];
	const char *const arguments[] = {"resize", number, names[format], NULL};
	struct media_run run = {.arguments = arguments, .in_fd = in_fd, .out_fd = out_fd};
	struct image_info info = {0};
	enum err e;

	assert(width > 0 && width <= WIDTH_MAX);
	(void)snprintf(number, sizeof(number), "%lld", (long long)width);
	e = ask(c, &run, &info);
	return !e && !info.rewritten ? nonsense(c, &run) : e;
}
