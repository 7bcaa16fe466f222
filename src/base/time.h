/*
 * Clocks and the written forms of time. Inside the program a moment is int64_t seconds (or, where
 * the name ends in _us, microseconds) since 1970-01-01T00:00:00Z; a zone is its offset from UTC in
 * minutes, kept beside the moment because "half past nine in Berlin" is what the author wrote.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/buf.h"
#include "base/str.h"

#include <stdint.h>

/* Wall clock and monotonic clock, microseconds. */
int64_t time_now_us(void);
int64_t time_mono_us(void);

/*
 * Offset in minutes of the process's zone (TZ) at that moment. The process sets its zone once, at
 * start, with time_zone_set().
 */
int time_zone_offset(int64_t seconds);

/* True if name ("Europe/Berlin", "UTC") is in the time zone database. */
bool time_zone_exists(const char *name);

/* Makes name the process's zone. False: no such zone; libc alone would take it for UTC. */
bool time_zone_set(const char *name);

/*
 * RFC 3339 date-time, and what Micropub clients send besides: a space for the T, no seconds, a
 * fraction, no zone (then the process's zone counts), a date alone (midnight there). False: not a
 * moment between the years 1 and 9999.
 */
bool time_rfc3339_parse(struct str s, int64_t *seconds, int *offset_minutes);

/* Writes "2026-03-01T09:30:00+01:00" ("Z" for offset 0). */
void time_rfc3339(struct buf *b, int64_t seconds, int offset_minutes);

/* HTTP dates (RFC 9110 section 5.6.7): reads all three forms, writes the first, always GMT. */
bool time_http_parse(struct str s, int64_t now, int64_t *seconds);
void time_http(struct buf *b, int64_t seconds);

/* Writes "Sun, 01 Mar 2026 09:30:00 +0100", as RSS and OPML have it (RFC 5322 section 3.3). */
void time_rfc5322(struct buf *b, int64_t seconds, int offset_minutes);

/* Calendar fields of a moment at an offset, proleptic Gregorian, without libc's locale or zone. */
struct time_parts {
	int year, month, day;		/* month and day from 1 */
	int hour, minute, second;
	int weekday;			/* 0 = Sunday */
};
void time_split(int64_t seconds, int offset_minutes, struct time_parts *out);
int64_t time_join(const struct time_parts *p, int offset_minutes);

/*
 * When a day begins in the process's zone: the first moment whose clock shows it, or a later day where
 * the zone has left it out. Every second of a zone's time is of one day thus told, also where clocks
 * are moved at midnight. month 13 and a day behind the month's last are those of the next one.
 */
int64_t time_zone_midnight(int year, int month, int day);

/* True for a day that the calendar has, of the years 1 to 9999. */
bool time_day_exists(int year, int month, int day);

#endif
