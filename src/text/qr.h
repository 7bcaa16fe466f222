/*
 * A text as a QR code (ISO/IEC 18004), for a template to draw as SVG. The only file that knows
 * libqrencode.
 */
#ifndef TEXT_QR_H
#define TEXT_QR_H

#include "base/ctx.h"

/*
 * *path is what the attribute d of a <path> needs to draw the dark modules, each 1 by 1, inside a
 * square of *size by *size that has the quiet zone of four around them. ERR_USAGE: the text is too
 * long for any code.
 */
MUST enum err qr_path(struct ctx *c, struct str text, struct str *path, int *size);

#endif
