/* What the marks of a diagram mean. */
#ifndef PUSHPULL_LEGEND_H
#define PUSHPULL_LEGEND_H

#include "base/memory.h"
#include "diagram/lanes.h"

/* Explains what was drawn, from `top` on, in lines between left and right. Returns where it ends. */
double legend_draw(struct buffer *, const struct lanes_drawn *, double left, double top,
                   double right);

#endif
