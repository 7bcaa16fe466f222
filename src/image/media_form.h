/*
 * Whether a film, a sound or a PDF is whole, so far as its outermost structure tells: nothing in it
 * is decoded. A file that was cut short or only begins like one is found out; what a browser's own
 * decoder makes of the rest is up to that.
 */
#ifndef IMAGE_MEDIA_FORM_H
#define IMAGE_MEDIA_FORM_H

#include "image/media.h"

/* m->form is none of the pictures'. MEDIA_OK or MEDIA_BROKEN. */
enum media_verdict media_form(struct media *m);

#endif
