/*
 * Writing pictures. The encoders' efforts are chosen for a person who waits for an answer: 12
 * megapixels take a second or two in each format, AVIF more.
 */
#include "image/media_save.h"

#include "image/media_webp.h"

#include <vips/vips.h>

/* An encoder's bytes; what went wrong stays in m. */
struct output {
	struct media *m;
	bool failed;
};

static gint64
on_write(VipsTargetCustom *target, const void *p, gint64 n, struct output *out)
{
	(void)target;
	if (!out->failed)
		out->failed = media_write(out->m, p, (size_t)n) != MEDIA_OK;
	return out->failed ? -1 : n;
}

static int
encode_jpeg(VipsImage *image, VipsTarget *to, enum save_quality quality)
{
	double white[] = {255, 255, 255};
	VipsArrayDouble *background = vips_array_double_new(white, 3);

	/* Better coding needs the whole picture in memory: fine for small ones. */
	return vips_jpegsave_target(image, to, "Q", quality == SAVE_KEEP ? 92 : 80,
		"optimize_coding", quality == SAVE_SHOW, "interlace", quality == SAVE_SHOW,
		"background", background, "strip", TRUE, NULL);
}

static int
encode_png(VipsImage *image, VipsTarget *to)
{
	return vips_pngsave_target(image, to, "filter", VIPS_FOREIGN_PNG_FILTER_ALL, "compression",
		4, "strip", TRUE, NULL);
}

static int
encode(VipsImage *image, VipsTarget *to, enum media_form form, enum save_quality quality)
{
	switch (form) {
	case FORM_JPEG:
		return encode_jpeg(image, to, quality);
	case FORM_PNG:
		return encode_png(image, to);
	default:
		return vips_gifsave_target(image, to, "effort", 3, "strip", TRUE, NULL);
	}
}

static enum media_verdict
save_stream(struct media *m, VipsImage *image, enum media_form form, enum save_quality quality)
{
	VipsTargetCustom *target = vips_target_custom_new();
	struct output out = {.m = m};

	g_signal_connect(target, "write", G_CALLBACK(on_write), &out);
	if (encode(image, VIPS_TARGET(target), form, quality) == 0)
		return MEDIA_OK;
	return out.failed ? MEDIA_DISK : media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
}

static enum media_verdict
save_webp(struct media *m, VipsImage *image, enum save_quality quality, bool lossless)
{
	void *p = NULL;
	size_t n = 0;

	if (vips_webpsave_buffer(image, &p, &n, "Q", quality == SAVE_KEEP ? 90 : 78, "lossless",
		    lossless, "effort", lossless ? 1 : 3, "strip", TRUE, NULL) != 0)
		return media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	return media_webp_write(m, p, n);
}

/* What was written, read again: encoders that run out of memory may say that all is well. */
static bool
can_be_shown(void *p, size_t n, VipsImage *image)
{
	VipsImage *shown = NULL;
	double average;

	return vips_heifload_buffer(p, n, &shown, NULL) == 0 &&
	       vips_image_get_width(shown) == vips_image_get_width(image) &&
	       vips_image_get_height(shown) == vips_image_get_height(image) &&
	       vips_avg(shown, &average, NULL) == 0;
}

static enum media_verdict
save_avif(struct media *m, VipsImage *image)
{
	void *p = NULL;
	size_t n = 0;

	if (vips_heifsave_buffer(image, &p, &n, "compression", VIPS_FOREIGN_HEIF_COMPRESSION_AV1,
		    "Q", 75, "effort", 1, "strip", TRUE, NULL) != 0 ||
		!can_be_shown(p, n, image))
		return media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	return media_write(m, p, n);
}

/* A copy that knows nothing but what its frames need to be shown. */
static VipsImage *
bare(VipsImage *image)
{
	static const char *const kept[] = {"page-height", "n-pages", "delay", "loop", NULL};
	VipsImage *out = NULL;
	char **fields;

	if (vips_copy(image, &out, NULL) != 0)
		return NULL;
	fields = vips_image_get_fields(out);
	for (size_t i = 0; fields[i]; i++)
		if (!g_strv_contains(kept, fields[i]))
			(void)vips_image_remove(out, fields[i]);
	return out;
}

enum media_verdict
media_save(struct media *m, VipsImage *image, enum media_form form, enum save_quality quality,
	bool lossless)
{
	VipsImage *copy = bare(image);

	m->width = vips_image_get_width(image);
	m->height = vips_image_get_page_height(image);
	m->moving = m->height < vips_image_get_height(image);
	if (!copy)
		return media_refuse(m, MEDIA_BROKEN, vips_error_buffer());
	if (form == FORM_AVIF)
		return save_avif(m, copy);
	if (form == FORM_WEBP)
		return save_webp(m, copy, quality, lossless);
	return save_stream(m, copy, form, quality);
}
