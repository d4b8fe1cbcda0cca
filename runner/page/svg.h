/* Making gnuplot's pictures fit for a page that holds several and may be dark. */
#ifndef PUSHPULL_SVG_H
#define PUSHPULL_SVG_H

#include "base/memory.h"

/* Appends the picture to `out` as an element of an HTML page: what stands before <svg and
 * titles (they would pop up under a pointer) are dropped, ids and what refers to them get `prefix` (gnuplot uses the same ids in every picture), black
 * becomes the page's text colour, and `label` is what a screen reader says. */
void svg_inline(struct buffer *out, const char *picture, const char *prefix, const char *label);

#endif
