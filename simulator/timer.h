/* When a timer of Linux's TCP fires. The kernel counts in ticks, 250 a second mostly, and lets timers that are far off
 * wait for each other: those of 63 ticks and more for the next eighth one, of 504 and more for the next 64th, and so on
 * (kernel/time/timer.c). So a timer of 250 ms takes 256 to 288: under loss that is what a request waits longer. */
#ifndef PUSHPULL_TIMER_H
#define PUSHPULL_TIMER_H

#include <stdint.h>

#define TIMER_FINE 63 /* ticks: so far off each tick counts */

/* One that is set now, for so long; a tick of 0 is a clock without ticks. All in ns. */
static inline int64_t timer_fires_ns(int64_t tick_ns, int64_t now_ns, int64_t for_ns) {
    if (tick_ns == 0) return now_ns + for_ns;
    int64_t ticks = (for_ns + tick_ns - 1) / tick_ns, step = 1;
    for (int64_t most = TIMER_FINE; ticks >= most; most *= 8) step *= 8;
    return ((now_ns / tick_ns + ticks) / step + 1) * step * tick_ns;
}

#endif
