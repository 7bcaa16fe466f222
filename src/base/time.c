/*
 * Clocks, calendar arithmetic, RFC 3339 and HTTP dates. Calendar arithmetic counts days from
 * 0000-03-01, so that the leap day is the last of its year.
 */
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const int64_t YEAR_1 = -62135596800;		/* 0001-01-01T00:00:00Z */
static const int64_t YEAR_9999_END = 253402300799;	/* 9999-12-31T23:59:59Z */

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const long_weekdays[] = {"Sunday", "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday"};

static int64_t
clock_us(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t
time_now_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

int64_t
time_mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

int
time_zone_offset(int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	return localtime_r(&t, &tm) ? (int)(tm.tm_gmtoff / 60) : 0;
}

bool
time_zone_exists(const char *name)
{
	char path[256];
	struct stat st;
	int n;

	if (name[0] == '\0' || name[0] == '/' || name[0] == ':' || strstr(name, ".."))
		return false;
	if (strcmp(name, "UTC") == 0)
		return true;
	n = snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	/* A directory ("Europe") would do for libc and mean UTC. */
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, R_OK) == 0;
}

bool
time_zone_set(const char *name)
{
	if (!time_zone_exists(name))
		return false;
	/* lint: allow environment: libc takes the process's zone from there and nowhere else */
	if (setenv("TZ", name, 1) != 0)
		return false;
	tzset();
	return true;
}

static int64_t
days_from_civil(int64_t y, int m, int d)
{
	int64_t era, year_of_era, day_of_year;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
		day_of_year - 719468;
}

int64_t
time_join(const struct time_parts *p, int offset_minutes)
{
	return days_from_civil(p->year, p->month, p->day) * 86400 + p->hour * 3600 +
		p->minute * 60 + p->second - (int64_t)offset_minutes * 60;
}

void
time_split(int64_t seconds, int offset_minutes, struct time_parts *out)
{
	int64_t t = seconds + (int64_t)offset_minutes * 60;
	int64_t days = t / 86400, rest = t % 86400, z, era, doe, yoe, doy, mp;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	z = days + 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	out->year = (int)(yoe + era * 400 + (out->month <= 2));
	out->hour = (int)(rest / 3600);
	out->minute = (int)(rest / 60 % 60);
	out->second = (int)(rest % 60);
	out->weekday = (int)(((days % 7) + 11) % 7);
}

/* What a clock of the process's zone shows, as if it were UTC. */
static int64_t
zone_clock(int64_t seconds)
{
	return seconds + (int64_t)time_zone_offset(seconds) * 60;
}

int64_t
time_zone_midnight(int year, int month, int day)
{
	enum { FARTHEST = 16 * 3600 };	/* no zone was ever farther from UTC */
	int64_t shown = days_from_civil(year + (month - 1) / 12, (month - 1) % 12 + 1, day) * 86400;
	int64_t before = shown - FARTHEST, at = shown + FARTHEST;
	int offset = time_zone_offset(before);

	if (offset == time_zone_offset(at))
		return shown - (int64_t)offset * 60;
	while (at - before > 1) {
		int64_t middle = before + (at - before) / 2;

		if (zone_clock(middle) >= shown)
			at = middle;
		else
			before = middle;
	}
	return at;
}

static bool
parts_valid(const struct time_parts *p)
{
	static const int length[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (p->year < 1 || p->year > 9999 || p->month < 1 || p->month > 12 || p->day < 1 ||
	    p->day > length[p->month - 1])
		return false;
	if (p->month == 2 && p->day == 29 &&
	    (p->year % 4 != 0 || (p->year % 100 == 0 && p->year % 400 != 0)))
		return false;
	return p->hour >= 0 && p->hour < 24 && p->minute >= 0 && p->minute < 60 &&
		p->second >= 0 && p->second <= 60;
}

bool
time_day_exists(int year, int month, int day)
{
	return parts_valid(&(struct time_parts){.year = year, .month = month, .day = day});
}

/* Reads exactly n digits at the front of *s. */
static bool
digits(struct str *s, size_t n, int *out)
{
	unsigned long long v;

	if (s->n < n || !str_u64(str_n(s->p, n), 99999, &v))
		return false;
	*out = (int)v;
	*s = str_sub(*s, n, s->n);
	return true;
}

static bool
take(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_sub(*s, 1, s->n);
	return true;
}

/* "+01:00", "+0100", "+01", "Z", or nothing (has_zone false). Nothing may follow. */
static bool
zone_parse(struct str s, bool *has_zone, int *offset_minutes)
{
	int sign, hours, minutes = 0;

	*has_zone = s.n > 0;
	if (s.n == 0)
		return true;
	if (str_eqi(s, S("z"))) {
		*offset_minutes = 0;
		return true;
	}
	sign = s.p[0] == '-' ? -1 : 1;
	if (!take(&s, '+') && !take(&s, '-'))
		return false;
	if (!digits(&s, 2, &hours))
		return false;
	if (s.n > 0) {
		(void)take(&s, ':');
		if (!digits(&s, 2, &minutes))
			return false;
	}
	if (s.n > 0 || hours > 23 || minutes > 59)
		return false;
	*offset_minutes = sign * (hours * 60 + minutes);
	return true;
}

/* "09:30", "09:30:15", "09:30:15.25" at the front of *s. */
static bool
clock_parse(struct str *s, struct time_parts *p)
{
	if (!digits(s, 2, &p->hour) || !take(s, ':') || !digits(s, 2, &p->minute))
		return false;
	if (!take(s, ':'))
		return true;
	if (!digits(s, 2, &p->second))
		return false;
	if (take(s, '.') || take(s, ',')) {
		int ignored;

		if (!digits(s, 1, &ignored))
			return false;
		while (digits(s, 1, &ignored))
			;
	}
	return true;
}

bool
time_rfc3339_parse(struct str s, int64_t *seconds, int *offset_minutes)
{
	struct time_parts p = {0};
	bool has_zone = false;
	int offset = 0;
	int64_t t;

	s = str_trim(s);
	if (!digits(&s, 4, &p.year) || !take(&s, '-') || !digits(&s, 2, &p.month) ||
	    !take(&s, '-') || !digits(&s, 2, &p.day))
		return false;
	if (s.n > 0) {
		if (!take(&s, 'T') && !take(&s, 't') && !take(&s, ' '))
			return false;
		if (!clock_parse(&s, &p) || !zone_parse(str_trim(s), &has_zone, &offset))
			return false;
	}
	if (!parts_valid(&p))
		return false;
	t = time_join(&p, 0);
	if (!has_zone) {
		offset = time_zone_offset(t);
		offset = time_zone_offset(t - (int64_t)offset * 60);
	}
	t -= (int64_t)offset * 60;
	/* The zone can carry the first and the last day out of the years that have four digits. */
	if (t < YEAR_1 || t > YEAR_9999_END)
		return false;
	*seconds = t;
	*offset_minutes = offset;
	return true;
}

/* A number of so many digits, by hand: lists write dozens of dates. */
static void
number_put(struct buf *b, int v, int width)
{
	char text[4];

	for (int i = width - 1; i >= 0; i--) {
		text[i] = (char)('0' + v % 10);
		v /= 10;
	}
	buf_put(b, str_n(text, (size_t)width));
}

static void
clock_put(struct buf *b, const struct time_parts *p)
{
	number_put(b, p->hour, 2);
	buf_putc(b, ':');
	number_put(b, p->minute, 2);
	buf_putc(b, ':');
	number_put(b, p->second, 2);
}

void
time_rfc3339(struct buf *b, int64_t seconds, int offset_minutes)
{
	struct time_parts p;
	int off = offset_minutes < 0 ? -offset_minutes : offset_minutes;

	time_split(seconds, offset_minutes, &p);
	number_put(b, p.year, 4);
	buf_putc(b, '-');
	number_put(b, p.month, 2);
	buf_putc(b, '-');
	number_put(b, p.day, 2);
	buf_putc(b, 'T');
	clock_put(b, &p);
	if (off == 0) {
		buf_putc(b, 'Z');
		return;
	}
	buf_putc(b, offset_minutes < 0 ? '-' : '+');
	number_put(b, off / 60, 2);
	buf_putc(b, ':');
	number_put(b, off % 60, 2);
}

/* "Sun, 01 Mar 2026 09:30:00": in English, whatever the locale. */
static void
day_put(struct buf *b, const struct time_parts *p)
{
	buf_puts(b, weekdays[p->weekday]);
	buf_puts(b, ", ");
	number_put(b, p->day, 2);
	buf_putc(b, ' ');
	buf_puts(b, months[p->month - 1]);
	buf_putc(b, ' ');
	number_put(b, p->year, 4);
	buf_putc(b, ' ');
	clock_put(b, p);
}

void
time_http(struct buf *b, int64_t seconds)
{
	struct time_parts p;

	time_split(seconds, 0, &p);
	day_put(b, &p);
	buf_puts(b, " GMT");
}

void
time_rfc5322(struct buf *b, int64_t seconds, int offset_minutes)
{
	struct time_parts p;
	int off = offset_minutes < 0 ? -offset_minutes : offset_minutes;

	time_split(seconds, offset_minutes, &p);
	day_put(b, &p);
	buf_puts(b, offset_minutes < 0 ? " -" : " +");
	number_put(b, off / 60, 2);
	number_put(b, off % 60, 2);
}

static bool
month_parse(struct str *s, int *month)
{
	for (int i = 0; i < 12; i++)
		if (str_starts(*s, str_z(months[i]))) {
			*month = i + 1;
			*s = str_sub(*s, 3, s->n);
			return true;
		}
	return false;
}

/* "08:49:37", all of it: HTTP is stricter than its readers. */
static bool
http_clock_parse(struct str *s, struct time_parts *p)
{
	return digits(s, 2, &p->hour) && take(s, ':') && digits(s, 2, &p->minute) && take(s, ':') &&
		digits(s, 2, &p->second);
}

/* "06 Nov 1994 08:49:37 GMT", after "Sun, ". */
static bool
imf_fixdate(struct str s, struct time_parts *p)
{
	return digits(&s, 2, &p->day) && take(&s, ' ') && month_parse(&s, &p->month) &&
		take(&s, ' ') && digits(&s, 4, &p->year) && take(&s, ' ') &&
		http_clock_parse(&s, p) && str_eq(s, S(" GMT"));
}

/* "06-Nov-94 08:49:37 GMT", after "Sunday, ": a year more than 50 years ahead is in the past. */
static bool
rfc850_date(struct str s, int64_t now, struct time_parts *p)
{
	struct time_parts today;

	if (!(digits(&s, 2, &p->day) && take(&s, '-') && month_parse(&s, &p->month) &&
	      take(&s, '-') && digits(&s, 2, &p->year) && take(&s, ' ') &&
	      http_clock_parse(&s, p) && str_eq(s, S(" GMT"))))
		return false;
	time_split(now, 0, &today);
	p->year += today.year / 100 * 100;
	if (p->year > today.year + 50)
		p->year -= 100;
	return true;
}

/* "Nov  6 08:49:37 1994", after "Sun ". */
static bool
asctime_date(struct str s, struct time_parts *p)
{
	if (!month_parse(&s, &p->month) || !take(&s, ' '))
		return false;
	if (take(&s, ' ') ? !digits(&s, 1, &p->day) : !digits(&s, 2, &p->day))
		return false;
	return take(&s, ' ') && http_clock_parse(&s, p) && take(&s, ' ') &&
	       digits(&s, 4, &p->year) && s.n == 0;
}

bool
time_http_parse(struct str s, int64_t now, int64_t *seconds)
{
	struct time_parts p = {0};
	size_t comma = str_find(s, ',', 0);
	struct str day = str_sub(s, 0, comma);
	struct str rest = comma + 2 <= s.n ? str_sub(s, comma + 2, s.n) : (struct str){0};
	bool ok = false;

	for (int i = 0; i < 7 && !ok; i++) {
		if (comma < s.n && s.n > comma + 1 && s.p[comma + 1] == ' ') {
			if (str_eq(day, str_z(weekdays[i])))
				ok = imf_fixdate(rest, &p);
			else if (str_eq(day, str_z(long_weekdays[i])))
				ok = rfc850_date(rest, now, &p);
		} else if (str_starts(s, str_z(weekdays[i])) && s.n > 4 && s.p[3] == ' ') {
			ok = asctime_date(str_sub(s, 4, s.n), &p);
		}
	}
	if (!ok || !parts_valid(&p))
		return false;
	*seconds = time_join(&p, 0);
	return true;
}
