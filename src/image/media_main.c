/*
 * The program starpunk-media: looks at one uploaded file and makes what is fit to be published of
 * it. Libraries are loaded first, then the door is locked (core/jail), and only then the first
 * byte of the file is read. What it says and takes is in media.h.
 */
#include "core/jail.h"
#include "image/media.h"
#include "image/media_form.h"
#include "image/media_picture.h"
#include "image/media_type.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const words[MEDIA__MAX] = {
	[MEDIA_TYPE] = "type",
	[MEDIA_PICTURES] = "pictures",
	[MEDIA_BROKEN] = "broken",
	[MEDIA_PIXELS] = "pixels",
	[MEDIA_FRAMES] = "frames",
	[MEDIA_DISK] = "disk",
};

/* Exit statuses of a call that cannot be carried out. */
enum { USAGE = 2, NO_LIBRARY = 3, NO_JAIL = 4, NO_ANSWER = 5 };

enum mode { MODE_NONE, MODE_PREPARE, MODE_RESIZE, MODE_PROBE };

static const struct jail limits = {
	.cpu_seconds = 20, .file_bytes = 256 << 20, .memory_bytes = 1 << 30};

struct call {
	enum mode mode;
	struct picture_size size; /* for MODE_RESIZE */
};

static bool
number(const char *text, int64_t max, int64_t *out)
{
	char *end;

	*out = strtoll(text, &end, 10);
	return end > text && *end == '\0' && *out > 0 && *out <= max;
}

static struct call
call_parse(int argc, char **argv, struct media *m)
{
	struct call call = {.mode = MODE_NONE};

	/* A prepared picture keeps within what was allowed when it was prepared. */
	m->max_pixels = m->max_frames = INT32_MAX;
	if (argc == 2 && strcmp(argv[1], "probe") == 0) {
		call.mode = MODE_PROBE;
	} else if (argc == 4 && strcmp(argv[1], "prepare") == 0) {
		if (number(argv[2], INT32_MAX, &m->max_pixels) &&
			number(argv[3], INT32_MAX, &m->max_frames))
			call.mode = MODE_PREPARE;
	} else if (argc == 4 && strcmp(argv[1], "resize") == 0) {
		call.size.format = argv[3];
		if (number(argv[2], 16384, &call.size.width) && picture_format(argv[3]))
			call.mode = MODE_RESIZE;
	}
	return call;
}

static const char *
outcome(const struct media *m)
{
	if (m->moving)
		return "moving";
	return m->width > 0 ? "rewritten" : "as-is";
}

/* One write(2): it is shorter than a pipe's PIPE_BUF. */
static bool
answer(const struct media *m, enum media_verdict verdict)
{
	char line[256];
	int n;

	if (verdict == MEDIA_OK)
		n = snprintf(line, sizeof(line), "ok %s %lld %lld %s\n", m->type,
			(long long)m->width, (long long)m->height, outcome(m));
	else
		n = snprintf(line, sizeof(line), "no %s %s\n", words[verdict], m->problem);
	return n > 0 && write(MEDIA_ANSWER, line, (size_t)n) == (ssize_t)n;
}

static enum media_verdict
work(struct media *m, struct magic_set *magic, const struct call *call)
{
	enum media_verdict verdict = media_type(m, magic);

	if (verdict != MEDIA_OK)
		return verdict;
	if (call->mode == MODE_RESIZE)
		return m->form <= FORM_PICTURES ? picture_resize(m, &call->size)
						: media_refuse(m, MEDIA_TYPE, m->type);
	return m->form <= FORM_PICTURES ? picture_prepare(m) : media_form(m);
}

int
main(int argc, char **argv)
{
	struct media m = {0};
	struct call call = call_parse(argc, argv, &m);
	struct magic_set *magic;
	enum media_verdict verdict;
	struct stat st;

	jail_offer();
	if (call.mode == MODE_NONE)
		return USAGE;
	magic = media_type_load();
	if (!magic || !picture_load(&m))
		return NO_LIBRARY;
	if (fstat(MEDIA_IN, &st) != 0 || lseek(MEDIA_IN, 0, SEEK_SET) != 0 ||
		fcntl(MEDIA_OUT, F_GETFD) < 0)
		return USAGE;
	m.bytes = st.st_size;
	if (!jail_enter(&limits))
		return NO_JAIL;
	if (call.mode == MODE_PROBE && open("/", O_RDONLY | O_DIRECTORY) != -2)
		_exit(NO_JAIL);
	verdict = work(&m, magic, &call);
	/* GLib's word for a machine that is too full. The picture may well be whole: nothing is said of it. */
	if (verdict == MEDIA_BROKEN && strstr(m.problem, "Error creating thread"))
		_exit(NO_ANSWER);
	/* Not exit(): libraries tidy up with system calls that are not allowed, and the kernel does
	   as well. */
	_exit(answer(&m, verdict) ? 0 : NO_ANSWER);
}
