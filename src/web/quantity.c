/*
 * Numbers into words.
 */
#include "web/quantity.h"

#include "base/buf.h"
#include "text/words.h"

#include <math.h>

/* A unit, and how many of the smallest make one. */
struct unit {
	double size;
	const char *name;
};

static const struct unit times[] = {{1, "µs"}, {1e3, "ms"}, {1e6, "s"}, {60e6, "min"}};
static const struct unit sizes[] = {{1, "B"}, {1024, "KiB"}, {1048576, "MiB"}, {1073741824, "GiB"}};

/* The largest unit of which there is one at least. */
static struct unit
unit_for(const struct unit *units, size_t n, double value)
{
	size_t i = 0;

	while (i + 1 < n && value >= units[i + 1].size)
		i++;
	return units[i];
}

/* A number with the language's sign before its decimals. */
static enum err
number_text(struct ctx *c, int decimals, double value, struct str *out)
{
	struct str fraction;
	enum err err = ctx_printf(c, out, "%.*f", decimals, value);

	if (err || decimals == 0)
		return err;
	fraction = *out;
	*out = str_cut(&fraction, '.');
	return ctx_printf(c, out, "%.*s%s%.*s", STR(*out), tr_for(c, "decimal", "."), STR(fraction));
}

static enum err
scaled(struct ctx *c, struct unit unit, double value, struct str *out)
{
	double v = value / unit.size;
	int decimals = unit.size <= 1 || v >= 99.95 || v == floor(v) ? 0 : 1;
	struct str number;
	enum err err = number_text(c, decimals, v, &number);

	return err ? err : ctx_printf(c, out, "%.*s %s", STR(number), unit.name);
}

/* Digits in groups of three, by a space that does not break. */
static enum err
count_text(struct ctx *c, double value, struct str *out)
{
	struct str digits;
	struct buf b;
	enum err err = ctx_printf(c, &digits, "%.0f", value);

	buf_init(&b, &c->arena, 64);
	for (size_t i = 0; !err && i < digits.n; i++) {
		if (i > 0 && (digits.n - i) % 3 == 0)
			buf_puts(&b, "\u00a0");
		buf_putc(&b, digits.p[i]);
	}
	return err ? err : buf_end(c, &b, out);
}

static enum err
share_text(struct ctx *c, double value, struct str *out)
{
	struct str number;
	enum err err = number_text(c, value > 0 && value < 9.95 ? 1 : 0, value, &number);

	return err ? err : ctx_printf(c, out, "%.*s %%", STR(number));
}

enum err
quantity_text(struct ctx *c, enum quantity kind, double value, struct str *out)
{
	switch (kind) {
	case QUANTITY_TIME:
		return scaled(c, unit_for(times, 4, value), value, out);
	case QUANTITY_BYTES:
		return scaled(c, unit_for(sizes, 4, value), value, out);
	case QUANTITY_SHARE:
		return share_text(c, value, out);
	case QUANTITY_COUNT:
		break;
	}
	return count_text(c, value, out);
}

double
quantity_ceiling(enum quantity kind, double value)
{
	static const double round[] = {1, 2, 5, 10};
	static const double halves[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
	double unit = 1, v, power;

	if (kind == QUANTITY_SHARE && value > 50)
		return value > 100 ? quantity_ceiling(QUANTITY_COUNT, value) : 100;
	if (kind == QUANTITY_TIME)
		unit = unit_for(times, 3, value).size;
	if (kind == QUANTITY_BYTES)
		unit = unit_for(sizes, 4, value).size;
	v = value / unit;
	for (size_t i = 0; kind == QUANTITY_BYTES && i < sizeof(halves) / sizeof(halves[0]); i++)
		if (v <= halves[i])
			return halves[i] * unit;
	if (v <= 1)
		return unit;
	power = pow(10, floor(log10(v)));
	for (size_t i = 0; i < sizeof(round) / sizeof(round[0]); i++)
		if (v <= round[i] * power)
			return round[i] * power * unit;
	return value;
}

enum err
quantity_span(struct ctx *c, int64_t us, struct str *out)
{
	long long minutes = us / 60000000, hours = minutes / 60, days = hours / 24;

	if (days > 0)
		return ctx_printf(c, out, tr(c, "%lld d %lld h"), days, hours % 24);
	if (hours > 0)
		return ctx_printf(c, out, tr(c, "%lld h %lld min"), hours, minutes % 60);
	if (minutes > 0)
		return ctx_printf(c, out, tr(c, "%lld min"), minutes);
	return ctx_printf(c, out, tr(c, "%lld s"), (long long)(us / 1000000));
}
