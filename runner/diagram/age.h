/* How old what the user knows is, against time: the sawtooth of core/model/age.h, drawn. */
#ifndef PUSHPULL_DIAGRAM_AGE_H
#define PUSHPULL_DIAGRAM_AGE_H

#include "base/memory.h"
#include "diagram/axis.h"
#include "trial/watch.h"

#include <stdint.h>

#define AGE_HEIGHT 46.0

/* The greatest age that is shown, and the mean of it; both 0 when there was none yet. */
struct age_figures {
    int64_t greatest_ns;
    double mean_ns;
};
struct age_figures age_figures(const struct watch *, const struct axis *);

/* The end of a scale up to this: a figure with one digit that counts, or one and a half. */
int64_t age_scale_ns(int64_t greatest_ns);

/* Draws it below `top`, with a scale from 0 to `scale_ns`. The sawtooth of whoever knows each event at once, which
 * nobody can be below, is drawn with it. */
void age_draw(struct buffer *, const struct watch *, const struct axis *, double top,
              int64_t scale_ns, const char *colour);

#endif
