/*
 * A profile's primaries (tags rXYZ, gXYZ, bXYZ) and its curve (rTRC) at one half are compared with
 * those of sRGB. Names are not looked at: there are many for the one profile.
 */
#include "image/media_icc.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static uint32_t
big32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* s15Fixed16Number (section 4.6). */
static double
fixed(const unsigned char *p)
{
	return (int32_t)big32(p) / 65536.0;
}

/* The data of a tag; NULL: there is none, or it is shorter than least bytes. */
static const unsigned char *
tag_find(const unsigned char *p, size_t n, const char *name, size_t least, size_t *length)
{
	uint32_t count = n >= 132 ? big32(p + 128) : 0;

	for (uint32_t i = 0; i < count && 132 + (size_t)(i + 1) * 12 <= n; i++) {
		const unsigned char *entry = p + 132 + (size_t)i * 12;
		size_t at = big32(entry + 4);

		*length = big32(entry + 8);
		if (memcmp(entry, name, 4) != 0)
			continue;
		return at <= n && *length <= n - at && *length >= least ? p + at : NULL;
	}
	return NULL;
}

static bool
has_primary(const unsigned char *p, size_t n, const char *name, const double want[3])
{
	size_t length;
	const unsigned char *tag = tag_find(p, n, name, 20, &length);

	for (size_t i = 0; tag && i < 3; i++)
		if (fabs(fixed(tag + 8 + 4 * i) - want[i]) > 0.003)
			return false;
	return tag != NULL;
}

/* curveType (section 10.6): linear, a power, or a table. */
static double
curve_half(const unsigned char *tag, size_t length)
{
	uint32_t count = big32(tag + 8);
	size_t at = 12 + (size_t)(count / 2) * 2;

	if (count == 0)
		return 0.5;
	if (at > length - 2)
		return 0;
	return count == 1 ? pow(0.5, (tag[12] + tag[13] / 256.0))
			  : (tag[at] * 256 + tag[at + 1]) / 65535.0;
}

/* parametricCurveType (section 10.18); its types differ below one half, or by little. */
static double
parametric_half(const unsigned char *tag, size_t length)
{
	bool scaled = tag[9] > 0 && length >= 24;
	double g = fixed(tag + 12);
	double a = scaled ? fixed(tag + 16) : 1, b = scaled ? fixed(tag + 20) : 0;

	return pow(a * 0.5 + b, g);
}

static bool
has_curve(const unsigned char *p, size_t n)
{
	size_t length;
	const unsigned char *tag = tag_find(p, n, "rTRC", 14, &length);
	double half = 0;

	if (tag && memcmp(tag, "curv", 4) == 0)
		half = curve_half(tag, length);
	else if (tag && length >= 16 && memcmp(tag, "para", 4) == 0)
		half = parametric_half(tag, length);
	return fabs(half - 0.2140) < 0.01;
}

bool
media_icc_is_srgb(const unsigned char *p, size_t n)
{
	static const double red[3] = {0.4361, 0.2225, 0.0139};
	static const double green[3] = {0.3851, 0.7169, 0.0971};
	static const double blue[3] = {0.1431, 0.0606, 0.7141};

	return has_primary(p, n, "rXYZ", red) && has_primary(p, n, "gXYZ", green) &&
	       has_primary(p, n, "bXYZ", blue) && has_curve(p, n);
}
