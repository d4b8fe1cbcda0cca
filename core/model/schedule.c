/* The open-loop schedule: see schedule.h. */
#include "model/schedule.h"

#include "base/clock.h"

#include <math.h>

/* Saturates at the end of time: a rate of 0 means that no event is ever due. */
static int64_t after(int64_t start_ns, double offset_ns) {
    int64_t due_ns;
    if (!(offset_ns < 0x1p63)) return INT64_MAX;
    if (__builtin_add_overflow(start_ns, (int64_t)offset_ns, &due_ns)) return INT64_MAX;
    return due_ns;
}

/* When `count` events have passed at a rate that changes evenly from a to b: at rate (a, b) and time
 * t that are a t + (b - a) t^2 / 2T, solved for t in the form that does not cancel when a = b. */
static double ramp_offset_ns(const struct schedule *schedule, double count) {
    double a = schedule->events_per_second, b = schedule->ramp_to, t = schedule->ramp_seconds;
    double in_ramp = (a + b) / 2 * t;
    double seconds = count <= in_ramp ? 2 * count / (a + sqrt(a * a + 2 * (b - a) / t * count))
                                      : t + (count - in_ramp) / b;
    return count > 0 ? seconds * NS_PER_SECOND : 0;
}

/* When event `index` is due, counted from the start. The first of a constant schedule is due at
 * the start itself, the first of a Poisson process one gap later. A double holds whole nanoseconds
 * exactly for 104 days. */
static double offset_ns(struct schedule *schedule) {
    double gap_ns = (double)NS_PER_SECOND / schedule->events_per_second;
    if (schedule->ramp_to > 0) return ramp_offset_ns(schedule, (double)schedule->index);
    if (!schedule->poisson) return schedule->index == 0 ? 0 : (double)schedule->index * gap_ns;
    schedule->poisson_ns += random_exponential(&schedule->random, gap_ns);
    return schedule->poisson_ns;
}

void schedule_init(struct schedule *schedule, double events_per_second, bool poisson, uint64_t seed,
                   int64_t start_ns) {
    *schedule = (struct schedule){
        .events_per_second = events_per_second > 0 ? events_per_second : 0,
        .poisson = poisson,
        .start_ns = start_ns,
    };
    random_seed(&schedule->random, seed);
    bool never = schedule->events_per_second == 0;
    schedule->due_ns = never ? INT64_MAX : after(start_ns, offset_ns(schedule));
}

void schedule_ramp(struct schedule *schedule, double to, double seconds) {
    schedule->ramp_to = to;
    schedule->ramp_seconds = seconds;
}

void schedule_advance(struct schedule *schedule) {
    if (schedule->due_ns == INT64_MAX) return;
    schedule->index++;
    schedule->due_ns = after(schedule->start_ns, offset_ns(schedule));
}
