/*
 * What the files of the composer share: the properties behind the fields, moments as forms write them.
 */
#ifndef DOMAIN_COMPOSE_PRIV_H
#define DOMAIN_COMPOSE_PRIV_H

#include "core/config.h"
#include "domain/compose.h"

/* "2026-03-01T09:30", as a control for date and time has it. */
enum { COMPOSE_MOMENT_CHARS = 16 };

/* The property that a field is or is a part of; fields of the same one follow each other. */
struct str compose_property(enum compose_field f);

/* True for fields that hold files. */
bool compose_is_file(enum compose_field f);

/* Every field of the form's type that is not there yet is asked for, and empty, unless it is kept. */
void compose_ask(struct compose_form *form);

/* All line ends as LF. */
MUST enum err compose_lines(struct ctx *c, struct str text, struct str *out);

/* A date and time of a form in a zone of a form; an empty zone is the site's. False: it is none. */
bool compose_moment(struct ctx *c, struct str text, struct str zone, int64_t *seconds, int *offset);

/* The same written for a form: 16 characters, and "+01:00". */
MUST enum err compose_moment_text(struct ctx *c, int64_t seconds, int offset, struct str *out);
MUST enum err compose_zone_text(struct ctx *c, int offset, struct str *out);

/* The last part of a field's name: "name" of "read-of.name". */
struct str compose_part(enum compose_field f);

#endif
