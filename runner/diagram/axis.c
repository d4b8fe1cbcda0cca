/* The axis of time: see axis.h. */
#include "diagram/axis.h"

#include "base/clock.h"
#include "diagram/picture.h"

#include <math.h>
#include <stdlib.h>

#define TICKS_MOST 10
#define FONT 11.0

double axis_x(const struct axis *axis, int64_t at_ns) {
    return axis->left +
           axis->width * (double)(at_ns - axis->from_ns) / (double)(axis->to_ns - axis->from_ns);
}

bool axis_shows(const struct axis *axis, int64_t from_ns, int64_t to_ns) {
    return to_ns >= axis->from_ns && from_ns < axis->to_ns;
}

int64_t axis_clip(const struct axis *axis, int64_t at_ns) {
    return at_ns < axis->from_ns ? axis->from_ns : at_ns > axis->to_ns ? axis->to_ns : at_ns;
}

/* The least of 1, 2, 5, 10, ... that is at least this: steps that people count in. */
static int64_t round_step(int64_t at_least) {
    int64_t power = 1;
    while (power * 10 <= at_least) power *= 10;
    return power >= at_least       ? power
           : 2 * power >= at_least ? 2 * power
           : 5 * power >= at_least ? 5 * power
                                   : 10 * power;
}

/* "0.25 s", with the digits that the step has. */
static char *seconds_text(int64_t ns, int64_t step_ns) {
    int digits = 0;
    for (int64_t unit = NS_PER_SECOND; unit > step_ns; unit /= 10) digits++;
    return xasprintf("%.*f s", digits, (double)ns / (double)NS_PER_SECOND);
}

void axis_draw(struct buffer *out, const struct axis *axis, double top, double bottom) {
    int64_t step_ns = round_step((axis->to_ns - axis->from_ns) / TICKS_MOST);
    int64_t from_ns = axis->from_ns - axis->zero_ns, to_ns = axis->to_ns - axis->zero_ns;
    for (int64_t ns = (from_ns + step_ns - 1) / step_ns * step_ns; ns <= to_ns; ns += step_ns) {
        static const char attributes[] = "text-anchor='middle' fill='" PICTURE_FAINT "'";
        double x = axis_x(axis, axis->zero_ns + ns);
        char *text = seconds_text(ns, step_ns);
        picture_line(out, x, top, x, bottom, "stroke='" PICTURE_RULE "'");
        x = fmin(x, axis->edge - picture_text_width(text, FONT) / 2);
        picture_text(out, x, top - 4, attributes, text);
        picture_text(out, x, bottom + 13, attributes, text);
        free(text);
    }
}
