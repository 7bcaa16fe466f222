/*
 * The site's icons: what a picture of the media library becomes when the owner chooses it for that, a
 * square cut out of its middle, in the sizes that browsers, home screens and the web app manifest ask
 * for. They lie beside the picture, as its smaller sizes do: of "ab/cdef.jpg" they are "ab/cdef-48.png"
 * and so on, and go with it.
 *
 * They are made before the setting is kept, so that no page ever names one that is not there.
 */
#ifndef DOMAIN_ICONS_H
#define DOMAIN_ICONS_H

#include "base/ctx.h"

enum icon {
	ICON_TAB,	/* 48 pixels */
	ICON_TOUCH,	/* 180: of home screens that ask for no more */
	ICON_SMALL,	/* 192 */
	ICON_LARGE,	/* 512 */
	ICON_MASK,	/* 512, with room around it that may be cut off */
	ICON__MAX
};

/* The name of one of them, which need not be there. */
MUST enum err icons_name(struct ctx *c, struct str picture, enum icon which, struct str *out);

/*
 * Makes those that are missing. The failures of image_resize(), ERR_NOT_FOUND for a name of no file,
 * ERR_IO and ERR_DISK_FULL. Takes its time: to be called without a connection.
 */
MUST enum err icons_make(struct ctx *c, struct str picture);

/* Removes them all, whichever there are. ERR_IO. */
MUST enum err icons_remove(struct ctx *c, struct str picture);

#endif
