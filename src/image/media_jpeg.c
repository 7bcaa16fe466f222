/*
 * JPEG without loss, by TurboJPEG's transformations. Decoders go on after damage with a warning;
 * here a warning means a broken file, unless it is one that whole pictures of common cameras give.
 */
#include "image/media_jpeg.h"

#include <string.h>
#include <turbojpeg.h>

static const double coefficients_max = 192.0 * 1024 * 1024; /* bytes */

/* What makes each orientation of EXIF upright. */
static const int operations[] = {
	[1] = TJXOP_NONE,
	[2] = TJXOP_HFLIP,
	[3] = TJXOP_ROT180,
	[4] = TJXOP_VFLIP,
	[5] = TJXOP_TRANSPOSE,
	[6] = TJXOP_ROT90,
	[7] = TJXOP_TRANSVERSE,
	[8] = TJXOP_ROT270,
};

static int
operation(int orientation)
{
	return orientation >= 1 && orientation <= 8 ? operations[orientation] : TJXOP_NONE;
}

bool
media_jpeg_suits(const struct jpeg *jpeg)
{
	tjhandle handle = tjInitDecompress();
	int width, height, sampling, colours;
	double samples;

	if (!handle || tjDecompressHeader3(
			       handle, jpeg->p, jpeg->n, &width, &height, &sampling, &colours) != 0)
		return false;
	if (sampling < 0 || (colours != TJCS_YCbCr && colours != TJCS_GRAY))
		return false;
	/* Cb and Cr have one sample for each of these areas. */
	samples = sampling == TJSAMP_GRAY
			  ? 1
			  : 1 + 2 * 64.0 / (tjMCUWidth[sampling] * tjMCUHeight[sampling]);
	if (operation(jpeg->orientation) != TJXOP_NONE)
		samples *= 2; /* before and after */
	return samples * width * height * 2 <= coefficients_max;
}

static bool
is_harmless(const char *warning)
{
	return strstr(warning, "extraneous bytes") || strstr(warning, "Invalid SOS parameters");
}

enum media_verdict
media_jpeg_write(struct media *m, const struct jpeg *jpeg)
{
	tjtransform transform = {
		.op = operation(jpeg->orientation), .options = TJXOPT_COPYNONE | TJXOPT_TRIM};
	tjhandle handle = tjInitTransform();
	unsigned char *out = NULL;
	unsigned long size = 0;
	int width, height, sampling, colours;

	if (!handle)
		return media_refuse(m, MEDIA_BROKEN, tjGetErrorStr2(NULL));
	if (tjTransform(handle, jpeg->p, jpeg->n, 1, &out, &size, &transform, TJFLAG_LIMITSCANS) !=
			0 &&
		!(tjGetErrorCode(handle) == TJERR_WARNING && is_harmless(tjGetErrorStr2(handle))))
		return media_refuse(m, MEDIA_BROKEN, tjGetErrorStr2(handle));
	/* A transformer decompresses headers, too. */
	if (tjDecompressHeader3(handle, out, size, &width, &height, &sampling, &colours) != 0)
		return media_refuse(m, MEDIA_BROKEN, tjGetErrorStr2(handle));
	m->width = width;
	m->height = height;
	return media_write(m, out, size);
}
