/* The time. clock_gettime is a read of shared memory (the vDSO), about 20 ns: cheap enough to ask
 * for every event, so nobody needs to cache it. */
#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

static int64_t read_ns(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time) != 0) abort(); /* these clocks always exist on Linux */
    return (int64_t)time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

int64_t clock_now_ns(void) { return read_ns(CLOCK_MONOTONIC); }

static int64_t step_ns(clockid_t clock) {
    struct timespec step;
    if (clock_getres(clock, &step) != 0) abort();
    return (int64_t)step.tv_sec * NS_PER_SECOND + step.tv_nsec;
}

int64_t clock_resolution_ns(void) { return step_ns(CLOCK_MONOTONIC); }

int64_t clock_tick_ns(void) { return step_ns(CLOCK_MONOTONIC_COARSE); }

int64_t clock_cpu_ns(void) { return read_ns(CLOCK_PROCESS_CPUTIME_ID); }

int64_t clock_suspended_ns(void) { return read_ns(CLOCK_BOOTTIME) - read_ns(CLOCK_MONOTONIC); }

int64_t clock_unix_seconds(void) { return read_ns(CLOCK_REALTIME) / NS_PER_SECOND; }

/* The tightest of a few tries: between the two clocks the process may have been interrupted. */
int64_t clock_realtime_offset_ns(void) {
    int64_t best = 0, best_width = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t before = read_ns(CLOCK_MONOTONIC);
        int64_t wall = read_ns(CLOCK_REALTIME);
        int64_t width = read_ns(CLOCK_MONOTONIC) - before;
        if (width >= best_width) continue;
        best_width = width;
        best = wall - before - width / 2;
    }
    return best;
}
