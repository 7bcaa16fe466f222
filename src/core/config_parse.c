/*
 * From text to value, one parser per type of tables/config.def. The same parsers read the file, the
 * environment and the defaults. A refusal always says what the accepted forms are.
 */
#include "core/priv.h"

#include "base/enc.h"

#include <string.h>

enum { PATH_BYTES_MAX = 4095, TEXT_BYTES_MAX = 4096 };

/* What a parser gets and gives. */
struct parse {
	struct arena *arena;
	const struct config_row *row;
	struct str text;
	const char **why;
};

/* Puts a finished text into *out. */
static bool
keep(struct parse *p, struct str s, const char **out)
{
	*out = arena_str(p->arena, s).p;
	*p->why = "out of memory";
	return *out != NULL;
}

static bool
refuse(struct parse *p, const char *why)
{
	*p->why = why;
	return false;
}

static bool
optional(const struct config_row *row)
{
	return row->def && row->def[0] == '\0';
}

static bool
all_of(struct str s, const char *allowed)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr(allowed, s.p[i]))
			return false;
	return true;
}

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* ---- numbers ----------------------------------------------------------------------------- */

struct unit {
	struct str name;
	int64_t factor;
};

static const struct unit sizes[] = {{S_INIT(""), 1}, {S_INIT("KiB"), 1 << 10},
	{S_INIT("MiB"), 1 << 20}, {S_INIT("GiB"), 1 << 30}, {{0}, 0}};

static const struct unit durations[] = {{S_INIT("ms"), 1000}, {S_INIT("s"), 1000000},
	{S_INIT("m"), 60000000}, {S_INIT("h"), 3600000000}, {S_INIT("d"), 86400000000}, {{0}, 0}};

void
config_amount_put(struct buf *b, enum config_type type, int64_t v)
{
	const struct unit *unit = type == CONFIG_TYPE_SIZE ? sizes :
		type == CONFIG_TYPE_DURATION ? durations : NULL;
	const struct unit *best = NULL;

	for (; unit && unit->name.p; unit++)
		if (v != 0 && v % unit->factor == 0)
			best = unit;
	buf_puti(b, best ? v / best->factor : v);
	if (best)
		buf_put(b, best->name);
}

static bool
in_bounds(struct parse *p, int64_t v)
{
	const struct config_row *row = p->row;
	struct buf b;

	if (v >= row->min && (row->max == 0 || v <= row->max))
		return true;
	buf_init(&b, p->arena, 128);
	buf_puts(&b, row->max == 0 ? "too small; at least " : "out of range; from ");
	config_amount_put(&b, row->type, row->min);
	if (row->max != 0) {
		buf_puts(&b, " to ");
		config_amount_put(&b, row->type, row->max);
	}
	buf_putc(&b, '\0');
	return refuse(p, b.failed ? "out of range" : b.p);
}

/* Digits followed by one of the units; false: neither. */
static bool
number_with_unit(struct str s, const struct unit *units, int64_t *out)
{
	unsigned long long v = 0;
	size_t digits = 0;

	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	for (; units->name.p; units++)
		if (str_eq(str_sub(s, digits, s.n), units->name))
			break;
	if (!units->name.p || !str_u64(str_sub(s, 0, digits),
				      (unsigned long long)(INT64_MAX / units->factor), &v))
		return false;
	*out = (int64_t)v * units->factor;
	return true;
}

static bool
parse_int(struct parse *p, int64_t *out)
{
	unsigned long long v = 0;

	if (!str_u64(p->text, INT64_MAX, &v))
		return refuse(p, "not a number; write it in decimal digits, without a unit");
	*out = (int64_t)v;
	return in_bounds(p, *out);
}

static bool
parse_size(struct parse *p, int64_t *out)
{
	if (!number_with_unit(p->text, sizes, out))
		return refuse(p, "not a size; write 64KiB, 8MiB, 1GiB, or a number of bytes");
	return in_bounds(p, *out);
}

static bool
parse_duration(struct parse *p, int64_t *out)
{
	*out = 0;
	if (!str_eq(p->text, S("0")) && !number_with_unit(p->text, durations, out))
		return refuse(p, "not a duration; write 250ms, 30s, 5m, 2h or 30d");
	return in_bounds(p, *out);
}

static bool
parse_rate(struct parse *p, struct config_rate *out)
{
	static const struct unit units[] = {{S_INIT("s"), 1000000}, {S_INIT("m"), 60000000},
		{S_INIT("h"), 3600000000}, {{0}, 0}};
	struct str per = p->text, count = str_cut(&per, '/');
	const struct unit *unit = units;
	unsigned long long v = 0;

	*out = (struct config_rate){0, 1000000};
	if (str_eq(p->text, S("0")))
		return true;
	while (unit->name.p && !str_eq(unit->name, per))
		unit++;
	if (!unit->name.p || !str_u64(count, 1000000000, &v))
		return refuse(p, "not a rate; write 100/s, 600/m or 20/h, or 0 for no limit");
	*out = (struct config_rate){(int64_t)v, unit->factor};
	return true;
}

static bool
parse_ratio(struct parse *p, double *out)
{
	struct str fraction = p->text, whole = str_cut(&fraction, '.');
	unsigned long long w = 0, f = 0;
	double scale = 1;

	if (!str_u64(whole, 1, &w) || fraction.n > 9 ||
		(fraction.p && !str_u64(fraction, 999999999, &f)) || (w == 1 && f != 0))
		return refuse(p, "not a ratio; write a number from 0.0 to 1.0");
	for (size_t i = 0; i < fraction.n; i++)
		scale *= 10;
	*out = (double)w + (double)f / scale;
	return true;
}

/* ---- words ------------------------------------------------------------------------------- */

static bool
parse_bool(struct parse *p, bool *out)
{
	static const struct str yes = S_INIT("true yes on"), no = S_INIT("false no off");

	*out = str_has_word(yes, p->text);
	return *out || str_has_word(no, p->text) ||
	       refuse(p, "neither true (yes, on) nor false (no, off)");
}

static bool
parse_choice(struct parse *p, int *out)
{
	struct str rest = str_z(p->row->words);

	for (*out = 0; rest.p; ++*out)
		if (str_eq(str_cut(&rest, '|'), p->text))
			return true;
	*p->why = arena_printf(p->arena, "not one of %s", p->row->words).p;
	return refuse(p, *p->why ? *p->why : "not one of the words for it");
}

/* ---- texts ------------------------------------------------------------------------------- */

static bool
parse_string(struct parse *p, const char **out)
{
	if (p->text.n == 0 && !optional(p->row))
		return refuse(p, "empty");
	return keep(p, p->text, out);
}

static bool
parse_path(struct parse *p, const char **out)
{
	struct str s = p->text;

	if (s.n == 0)
		return optional(p->row) ? keep(p, s, out)
					: refuse(p, "empty; write an absolute path");
	if (s.p[0] != '/')
		return refuse(p, "not an absolute path; begin it with '/'");
	if (s.n > PATH_BYTES_MAX)
		return refuse(p, "longer than a path may be (4095 bytes)");
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	return keep(p, s, out);
}

static bool
is_port(struct str s)
{
	unsigned long long port = 0;

	return str_u64(s, 65535, &port) && port > 0;
}

static bool
is_loopback(struct str host)
{
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_sub(host, 1, host.n - 1);
	return str_eq(host, S("localhost")) || config_network_match("127.0.0.0/8, ::1", host);
}

/* FastCGI knows no authentication, and libfcgi must not be shown to strangers: loopback only. */
static bool
parse_address(struct parse *p, const char **out)
{
	size_t colon = p->text.n;

	if (p->text.n > 0 && p->text.p[0] == '/')
		return parse_path(p, out);
	while (colon > 0 && p->text.p[colon - 1] != ':')
		colon--;
	if (colon == 0 || !is_port(str_sub(p->text, colon, p->text.n)))
		return refuse(
			p, "not an address; write /run/starpunk/starpunk.sock or 127.0.0.1:9000");
	if (!is_loopback(str_sub(p->text, 0, colon - 1)))
		return refuse(p,
			"not a loopback address; FastCGI listens on 127.0.0.1, [::1], localhost "
			"or a Unix socket");
	return keep(p, p->text, out);
}

static bool
parse_zone(struct parse *p, const char **out)
{
	if (p->text.n == 0 || p->text.n > 64 || !all_of(p->text, LOWER UPPER DIGITS "/_-+"))
		return refuse(p, "not a time zone; write a name such as Europe/Berlin or UTC");
	return keep(p, p->text, out);
}

static bool
parse_networks(struct parse *p, const char **out)
{
	if (!config_networks_valid(p->text))
		return refuse(p,
			"not a list of networks; write \"192.0.2.1, 10.0.0.0/8, 2001:db8::/32\"");
	return keep(p, p->text, out);
}

static bool
parse_names(struct parse *p, const char **out)
{
	if (!config_names_valid(p->text))
		return refuse(p,
			"not a list of names; write \"uid=Name, uid=Name\", each uid once");
	return keep(p, p->text, out);
}

static bool
parse_tokens(struct parse *p, const char **out)
{
	struct str rest = p->text;

	while (str_trim(p->text).n > 0 && rest.p) {
		struct str word = str_trim(str_cut(&rest, ','));

		if (word.n == 0 || !all_of(word, LOWER UPPER DIGITS "-_."))
			return refuse(p, "not a list of words; write \"one, other\", of letters, digits, - _ and .");
	}
	return keep(p, p->text, out);
}

/* ---- the site's URL ---------------------------------------------------------------------- */

static bool
is_ipv6(struct str s)
{
	return s.n > 1 && all_of(s, "abcdefABCDEF:." DIGITS) && str_find(s, ':', 0) < s.n &&
		config_networks_valid(s);
}

/* "name", "name:port", "[v6]:port"; the port is cut off if it is the scheme's own. */
static bool
authority_parse(struct str *authority, const char *default_port)
{
	struct str s = *authority, host = s, port = {0};
	size_t end = s.n > 0 && s.p[0] == '[' ? str_find(s, ']', 0) + 1 : str_find(s, ':', 0);

	if (end > s.n)
		return false;
	if (end < s.n) {
		host = str_sub(s, 0, end);
		port = str_sub(s, end + 1, s.n);
		if (s.p[end] != ':' || !is_port(port))
			return false;
	}
	if (host.n == 0 || host.n > 253)
		return false;
	if (host.p[0] == '[' ? !is_ipv6(str_sub(host, 1, host.n - 1)) :
	    !all_of(host, LOWER UPPER DIGITS ".-"))
		return false;
	if (str_eq(port, str_z(default_port)))
		*authority = host;
	return true;
}

/*
 * http(s)://authority/ in RFC 3986's normal form (section 6.2.2), without what would make links
 * wrong: userinfo, query, fragment, and a path, since every route begins at the host's root.
 */
static bool
parse_url(struct parse *p, const char **out)
{
	struct str path, authority;
	bool https = p->text.n > 8 && str_eqi(str_sub(p->text, 0, 8), S("https://"));
	struct str s = str_sub(p->text, https ? 8 : 7, p->text.n);
	char *url;

	if (p->text.n == 0 && optional(p->row))
		return keep(p, p->text, out);
	if (!https && !str_eqi(str_sub(p->text, 0, 7), S("http://")))
		return refuse(p, "not a web address; write https://example.org/");
	if (str_find(p->text, '?', 0) < p->text.n || str_find(p->text, '#', 0) < p->text.n)
		return refuse(p, "has a query or a fragment; write it without '?' and '#'");
	if (str_find(p->text, '@', 0) < p->text.n)
		return refuse(p, "has a user name; write it without '@'");
	path = str_sub(s, str_find(s, '/', 0), s.n);
	authority = str_sub(s, 0, s.n - path.n);
	if (!authority_parse(&authority, https ? "443" : "80"))
		return refuse(p,
			"has no valid host and port; write https://example.org/ (an international "
			"name in its xn-- form)");
	if (path.n > 1)
		return refuse(p, "must not have a path: StarPunk serves a whole host");
	url = arena_alloc(p->arena, p->text.n + 2);
	if (!url)
		return refuse(p, "out of memory");
	*out = url;
	memcpy(url, https ? "https://" : "http://", https ? 8 : 7);
	url += https ? 8 : 7;
	for (size_t i = 0; i < authority.n; i++)
		*url++ = (char)(authority.p[i] | (strchr(UPPER, authority.p[i]) ? 0x20 : 0));
	*url = '/';
	return true;
}

/* ---- all of them ------------------------------------------------------------------------- */

bool
config_value_parse(struct arena *a, const struct config_row *row, struct str text,
	struct config *out, const char **why)
{
	struct parse p = {a, row, text, why};
	char *field = (char *)out + row->offset;

	if (text.n > TEXT_BYTES_MAX)
		return refuse(&p, "longer than 4096 bytes");
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
			return refuse(&p, "has a control character");
	if (!enc_utf8_valid(text))
		return refuse(&p, "not UTF-8 text");
	switch (row->type) {
#define PARSE(type, parser, field_type) \
	case CONFIG_TYPE_##type: \
		return parser(&p, (field_type *)(void *)field);
	PARSE(STRING, parse_string, const char *)
	PARSE(URL, parse_url, const char *)
	PARSE(PATH, parse_path, const char *)
	PARSE(ADDRESS, parse_address, const char *)
	PARSE(ZONE, parse_zone, const char *)
	PARSE(NETWORKS, parse_networks, const char *)
	PARSE(NAMES, parse_names, const char *)
	PARSE(TOKENS, parse_tokens, const char *)
	PARSE(BOOL, parse_bool, bool)
	PARSE(INT, parse_int, int64_t)
	PARSE(SIZE, parse_size, int64_t)
	PARSE(DURATION, parse_duration, int64_t)
	PARSE(RATIO, parse_ratio, double)
	PARSE(RATE, parse_rate, struct config_rate)
	PARSE(CHOICE, parse_choice, int)
#undef PARSE
	case CONFIG_TYPE__MAX:
		break;
	}
	return refuse(&p, "of no known type");
}
