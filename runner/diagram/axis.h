/* The axis of time, which all panels of a diagram share. */
#ifndef PUSHPULL_AXIS_H
#define PUSHPULL_AXIS_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

struct axis {
    int64_t zero_ns;        /* what is called 0 s */
    int64_t from_ns, to_ns; /* what is shown */
    double left, width;     /* where */
    double edge;            /* of the sheet, on the right: no text may go beyond */
};

/* Where a time stands, also when it is outside. */
double axis_x(const struct axis *, int64_t at_ns);
/* Whether any of it is shown. */
bool axis_shows(const struct axis *, int64_t from_ns, int64_t to_ns);
/* The nearest time that is shown. */
int64_t axis_clip(const struct axis *, int64_t at_ns);

/* Lines through all panels, from `top` to `bottom`, with their seconds above and below. */
void axis_draw(struct buffer *, const struct axis *, double top, double bottom);

#endif
