/*
 * Pictures, by libvips. A header is read before any pixel, and what it announces is held against
 * the limits. Nothing is freed by hand: everything lives as long as the process, which is short.
 */
#include "image/media_picture.h"

#include "image/media_gif.h"
#include "image/media_icc.h"
#include "image/media_jpeg.h"
#include "image/media_save.h"
#include "image/media_webp.h"

#include <limits.h>
#include <malloc.h>
#include <string.h>
#include <time.h>
#include <vips/vips.h>

/* So many pixels take about 400 MB each. */
enum { WEBP_PIXELS = 32 * 1000 * 1000, AVIF_PIXELS = 16 * 1000 * 1000 };

static const struct {
	const char *name;
	const char *type;
	enum media_form form;
	int square;	/* percent of the width that a square of it takes; 0: as it is */
} formats[] = {
	{"webp", "image/webp", FORM_WEBP, 0},
	{"jpeg", "image/jpeg", FORM_JPEG, 0},
	{"png", "image/png", FORM_PNG, 0},
	{"icon", "image/png", FORM_PNG, 100},
	{"mask", "image/png", FORM_PNG, 80},
};

/* What libraries would like to print: it would have to look first where that goes. */
static void
say_nothing(const char *domain, GLogLevelFlags level, const char *message, void *arg)
{
	(void)domain;
	(void)level;
	(void)message;
	(void)arg;
}

static GLogWriterOutput
write_nothing(GLogLevelFlags level, const GLogField *fields, gsize n, void *arg)
{
	(void)level;
	(void)fields;
	(void)n;
	(void)arg;
	return G_LOG_WRITER_HANDLED;
}

bool
picture_load(struct media *m)
{
	(void)g_log_set_default_handler(say_nothing, NULL);
	g_log_set_writer_func(write_nothing, NULL, NULL);
	/* Compiled code needs executable memory, a large picture would go to a file, and the local
	   time, which colour profiles ask for, comes from one; so do the tables by which GLib would put
	   what errno means into UTF-8. */
	if (!g_setenv("VIPS_NOVECTOR", "1", TRUE) || !g_setenv("VIPS_DISC_THRESHOLD", "4g", TRUE) ||
		!g_setenv("TZ", "UTC0", TRUE) || !g_setenv("CHARSET", "UTF-8", TRUE) ||
		VIPS_INIT("starpunk-media") != 0)
		return false;
	tzset();
	vips_block_untrusted_set(TRUE);
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	/* An arena of malloc's for each thread would use up the limit on addresses. */
	(void)mallopt(M_ARENA_MAX, 1);
	m->source = vips_source_new_from_descriptor(MEDIA_IN);
	return m->source != NULL;
}

bool
picture_format(const char *format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, format) == 0)
			return true;
	return false;
}

/* ---- reading ----------------------------------------------------------------------------- */

/* The header of frame 0, or of n (-1: all) frames in one column; NULL: vips has an error. */
static VipsImage *
open_frames(const struct media *m, int n)
{
	VipsSource *source = m->source;
	VipsImage *image = NULL;
	int e = -1;

	switch (m->form) {
	case FORM_JPEG:
		e = vips_jpegload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
			"fail_on", VIPS_FAIL_ON_ERROR, NULL);
		break;
	case FORM_PNG:
		e = vips_pngload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
			VIPS_FAIL_ON_ERROR, NULL);
		break;
	case FORM_GIF:
		e = vips_gifload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
			VIPS_FAIL_ON_ERROR, "n", n, NULL);
		break;
	case FORM_WEBP:
		e = vips_webpload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
			"fail_on", VIPS_FAIL_ON_ERROR, "n", n, NULL);
		break;
	default:
		e = vips_heifload_source(source, &image, "access", VIPS_ACCESS_SEQUENTIAL,
			"fail_on", VIPS_FAIL_ON_ERROR, NULL);
		break;
	}
	return e == 0 ? image : NULL;
}

/* The format's own limit: libraries that hold the whole picture, and more than once. */
static int64_t
pixels_max(const struct media *m)
{
	int64_t most = m->max_pixels;

	if (m->form == FORM_WEBP && most > WEBP_PIXELS)
		most = WEBP_PIXELS;
	if (m->form == FORM_AVIF && most > AVIF_PIXELS)
		most = AVIF_PIXELS;
	return most;
}

/* vips_image_get_n_pages() says 1 of what it thinks too many. */
static int
n_frames(VipsImage *image)
{
	int n = 1;

	if (vips_image_get_typeof(image, VIPS_META_N_PAGES) != 0 &&
		vips_image_get_int(image, VIPS_META_N_PAGES, &n) != 0)
		return INT_MAX;
	return n < 1 ? 1 : n;
}

/* Opens all frames, if there are not too many of them and of their pixels. */
static enum media_verdict
open_picture(struct media *m, bool all_frames, VipsImage **out)
{
	VipsImage *image = open_frames(m, 1);
	int64_t frames;
	char problem[80];

	if (!image)
		return media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	if (m->form == FORM_GIF && !media_gif_is_whole())
		return media_refuse(m, MEDIA_BROKEN, "its blocks do not reach the trailer");
	frames = n_frames(image);
	(void)g_snprintf(problem, sizeof(problem), "%d x %d pixels, %lld frames",
		vips_image_get_width(image), vips_image_get_height(image), (long long)frames);
	if (frames > m->max_frames)
		return media_refuse(m, MEDIA_FRAMES, problem);
	if ((int64_t)vips_image_get_width(image) * vips_image_get_height(image) >
		pixels_max(m) / frames)
		return media_refuse(m, MEDIA_PIXELS, problem);
	if (all_frames && frames > 1 && (m->form == FORM_GIF || m->form == FORM_WEBP))
		image = open_frames(m, -1);
	if (!image)
		return media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	*out = image;
	return MEDIA_OK;
}

/* ---- what is kept of it ------------------------------------------------------------------ */

/* Turned as its orientation says. Columns become rows: then the pixels must be in memory. */
static VipsImage *
upright(VipsImage *image)
{
	VipsImage *whole, *out = NULL;

	if (vips_image_get_orientation(image) <= 1 || vips_image_get_n_pages(image) > 1)
		return image;
	whole = vips_image_copy_memory(image);
	return whole && vips_autorot(whole, &out, NULL) == 0 ? out : NULL;
}

/* The profile if there is one that is not sRGB. */
static bool
has_other_colours(VipsImage *image)
{
	const void *p;
	size_t n;

	return vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0 &&
	       vips_image_get_blob(image, VIPS_META_ICC_NAME, &p, &n) == 0 &&
	       !media_icc_is_srgb(p, n);
}

/* In sRGB, or grey without a profile. A profile that cannot be used is no reason to refuse. */
static VipsImage *
in_srgb(VipsImage *image)
{
	int depth = vips_image_get_format(image) == VIPS_FORMAT_USHORT ? 16 : 8;
	VipsImage *out = NULL;

	if (has_other_colours(image)) {
		if (vips_icc_transform(
			    image, &out, "srgb", "embedded", TRUE, "depth", depth, NULL) == 0)
			return out;
		vips_error_clear();
	}
	switch (vips_image_guess_interpretation(image)) {
	case VIPS_INTERPRETATION_sRGB:
	case VIPS_INTERPRETATION_RGB16:
	case VIPS_INTERPRETATION_B_W:
	case VIPS_INTERPRETATION_GREY16:
		return image;
	default:
		return vips_colourspace(image, &out, VIPS_INTERPRETATION_sRGB, NULL) == 0 ? out
											  : NULL;
	}
}

/* ---- preparing --------------------------------------------------------------------------- */

/* Decodes to the end and looks at every pixel: truncation is an error of vips's own. */
static bool
decodes(VipsImage *image)
{
	double average;

	return vips_avg(image, &average, NULL) == 0;
}

/* True if the file's own coefficients can be kept; *out is what is needed to do so. */
static bool
stays_jpeg(const struct media *m, VipsImage *image, struct jpeg *out)
{
	*out = (struct jpeg){.orientation = vips_image_get_orientation(image)};
	if (m->form != FORM_JPEG || has_other_colours(image))
		return false;
	out->p = vips_source_map(m->source, &out->n);
	return out->p && media_jpeg_suits(out);
}

enum media_verdict
picture_prepare(struct media *m)
{
	VipsImage *image = NULL;
	enum media_verdict verdict = open_picture(m, true, &image);
	struct jpeg jpeg;

	if (verdict != MEDIA_OK)
		return verdict;
	if (stays_jpeg(m, image, &jpeg))
		return decodes(image) ? media_jpeg_write(m, &jpeg)
				      : media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	image = upright(image);
	if (image)
		image = in_srgb(image);
	if (!image)
		return media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	return media_save(
		m, image, m->form, SAVE_KEEP, m->form == FORM_WEBP && media_webp_is_lossless());
}

/* ---- smaller ones ------------------------------------------------------------------------ */

/* A square out of the middle; less than all of it stands on white, as masks want it. */
static bool
cut_square(VipsImage *image, int width, int percent, VipsImage **out)
{
	double white[] = {255};		/* of each band, however many there are */
	VipsArrayDouble *ground = vips_array_double_new(white, 1);
	VipsImage *small = NULL, *flat = NULL;
	int inner = width * percent / 100;

	if (vips_thumbnail_image(image, &small, inner, "height", inner, "crop",
		    VIPS_INTERESTING_CENTRE, NULL) != 0)
		return false;
	*out = small;
	if (inner == width)
		return true;
	return vips_flatten(small, &flat, "background", ground, NULL) == 0 &&
	       vips_gravity(flat, out, VIPS_COMPASS_DIRECTION_CENTRE, width, width, "extend",
		       VIPS_EXTEND_BACKGROUND, "background", ground, NULL) == 0;
}

enum media_verdict
picture_resize(struct media *m, const struct picture_size *size)
{
	VipsImage *image = NULL, *small = NULL;
	enum media_verdict verdict = open_picture(m, false, &image);
	size_t i = 0;
	bool made;

	if (verdict != MEDIA_OK)
		return verdict;
	while (strcmp(formats[i].name, size->format) != 0)
		i++;
	/* Not vips_thumbnail_source(): it makes do with what there is of a broken file. */
	if (formats[i].square)
		made = cut_square(image, (int)size->width, formats[i].square, &small);
	else
		made = vips_thumbnail_image(image, &small, (int)size->width, "height",
			       VIPS_MAX_COORD, "size", VIPS_SIZE_DOWN, NULL) == 0;
	if (!made)
		return media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	m->type = formats[i].type;
	return media_save(m, small, formats[i].form, SAVE_SHOW, false);
}
