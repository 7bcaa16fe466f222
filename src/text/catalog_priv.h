/*
 * What catalog.c asks its other file.
 */
#ifndef TEXT_CATALOG_PRIV_H
#define TEXT_CATALOG_PRIV_H

#include "base/str.h"

#include <stdbool.h>

/*
 * Whether a translation, given to printf in place of id, takes the same arguments, or leaves out some of
 * the last. True if id itself is no format.
 */
bool catalog_format_fits(const char *id, const char *translation);

#endif
