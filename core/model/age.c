/* The age: see age.h. */
#include "model/age.h"

#include "base/clock.h"

static double seconds_between(int64_t from_ns, int64_t to_ns) {
    return (double)time_minus(to_ns, from_ns) / NS_PER_SECOND;
}

/* Accounts for the age from where it stood up to `to_ns`, as far as that lies in the window. */
static void run_up_to(struct age *age, struct age_total *total, const struct window *window,
                      int64_t to_ns) {
    int64_t from = age->from_ns > window->start_ns ? age->from_ns : window->start_ns;
    int64_t to = to_ns < window->end_ns ? to_ns : window->end_ns;
    if (age->started && from < to) {
        double width = seconds_between(from, to);
        double first = seconds_between(age->newest_due_ns, from);
        double last = seconds_between(age->newest_due_ns, to);
        total->integral += width * (first + last) / 2;
        total->seconds += width;
    }
    if (to_ns > age->from_ns) age->from_ns = to_ns;
}

void age_renew(struct age *age, struct age_total *total, const struct window *window,
               int64_t due_ns, int64_t now_ns) {
    run_up_to(age, total, window, now_ns);
    if (age->started && window_has(window, now_ns)) {
        total->peak_sum += seconds_between(age->newest_due_ns, now_ns);
        total->peaks++;
    }
    age->newest_due_ns = due_ns;
    age->started = true;
}

void age_settle(struct age *age, struct age_total *total, const struct window *window) {
    run_up_to(age, total, window, window->end_ns);
}
