/* The age, drawn: see age.h. */
#include "diagram/age.h"

#include "base/clock.h"
#include "diagram/picture.h"
#include "system/human.h"

#include <stdlib.h>

/* When knowledge of what was due then came. */
struct step {
    int64_t at_ns, due_ns;
};

struct steps {
    struct step *steps;
    size_t count;
};

static int by_time(const void *a, const void *b) {
    const struct step *one = a, *other = b;
    if (one->at_ns != other->at_ns) return one->at_ns < other->at_ns ? -1 : 1;
    return (one->due_ns > other->due_ns) - (one->due_ns < other->due_ns);
}

/* Those that made the user know something newer; or, `at_once`, as if each had come when it was due. */
static struct steps make_steps(const struct watch *watch, bool at_once) {
    struct steps all = {xcalloc(watch->event_count + 1, sizeof(struct step)), 0};
    int64_t newest_ns = INT64_MIN;
    size_t kept = 0;
    for (size_t i = 0; i < watch->event_count; i++) {
        const struct watched_event *event = &watch->events[i];
        int64_t at_ns = at_once ? event->due_ns : event->received_ns;
        if (at_ns != WATCH_NEVER) all.steps[all.count++] = (struct step){at_ns, event->due_ns};
    }
    qsort(all.steps, all.count, sizeof(struct step), by_time);
    for (size_t i = 0; i < all.count; i++) {
        if (all.steps[i].due_ns <= newest_ns) continue;
        newest_ns = all.steps[i].due_ns;
        all.steps[kept++] = all.steps[i];
    }
    all.count = kept;
    return all;
}

/* One tooth: from one step to the next, as far as it is shown. */
struct tooth {
    int64_t from_ns, to_ns, due_ns;
};

static bool tooth_of(const struct steps *steps, size_t i, const struct axis *axis,
                     struct tooth *tooth) {
    int64_t end_ns = i + 1 < steps->count ? steps->steps[i + 1].at_ns : WATCH_NEVER;
    if (!axis_shows(axis, steps->steps[i].at_ns, end_ns)) return false;
    *tooth = (struct tooth){axis_clip(axis, steps->steps[i].at_ns), axis_clip(axis, end_ns),
                            steps->steps[i].due_ns};
    return true;
}

struct age_figures age_figures(const struct watch *watch, const struct axis *axis) {
    struct age_figures figures = {0, 0};
    struct steps steps = make_steps(watch, false);
    struct tooth tooth;
    double integral = 0, seconds = 0;
    for (size_t i = 0; i < steps.count; i++) {
        if (!tooth_of(&steps, i, axis, &tooth)) continue;
        int64_t low_ns = tooth.from_ns - tooth.due_ns, high_ns = tooth.to_ns - tooth.due_ns;
        double width = (double)(tooth.to_ns - tooth.from_ns);
        if (high_ns > figures.greatest_ns) figures.greatest_ns = high_ns;
        integral += width * ((double)low_ns + (double)high_ns) / 2;
        seconds += width;
    }
    free(steps.steps);
    if (seconds > 0) figures.mean_ns = integral / seconds;
    return figures;
}

int64_t age_scale_ns(int64_t greatest_ns) {
    int64_t step = 5;
    while (step * 20 < greatest_ns) step *= 10;
    return (greatest_ns + step - 1) / step * step;
}

static void draw_saw(struct buffer *out, const struct watch *watch, const struct axis *axis,
                     double bottom, int64_t scale_ns, bool at_once, const char *attributes) {
    struct steps steps = make_steps(watch, at_once);
    struct tooth tooth;
    double per_ns = AGE_HEIGHT / (double)scale_ns;
    buffer_printf(out, "<polyline points='");
    for (size_t i = 0; i < steps.count; i++)
        if (tooth_of(&steps, i, axis, &tooth))
            buffer_printf(out, "%.1f,%.1f %.1f,%.1f ", axis_x(axis, tooth.from_ns),
                          bottom - per_ns * (double)(tooth.from_ns - tooth.due_ns),
                          axis_x(axis, tooth.to_ns),
                          bottom - per_ns * (double)(tooth.to_ns - tooth.due_ns));
    buffer_printf(out, "' fill='none' %s/>\n", attributes);
    free(steps.steps);
}

void age_draw(struct buffer *out, const struct watch *watch, const struct axis *axis, double top,
              int64_t scale_ns, const char *colour) {
    static const char label[] = "text-anchor='end' font-size='10' fill='" PICTURE_FAINT "'";
    double bottom = top + AGE_HEIGHT, right = axis->left + axis->width;
    char text[HUMAN_SIZE];
    char *strong = xasprintf("stroke='%s' stroke-width='1.6' class='age'", colour);
    picture_line(out, axis->left, top, right, top, "stroke='" PICTURE_RULE "'");
    picture_line(out, axis->left, bottom, right, bottom, "stroke='#999999'");
    picture_text(out, axis->left - 6, top + 4, label,
                 human_time(text, (double)scale_ns / NS_PER_US));
    picture_text(out, axis->left - 6, top + AGE_HEIGHT / 2 + 4, label, "age");
    picture_text(out, axis->left - 6, bottom + 4, label, "0");
    draw_saw(out, watch, axis, bottom, scale_ns, true, "stroke='#b0b0b0'");
    draw_saw(out, watch, axis, bottom, scale_ns, false, strong);
    free(strong);
}
