/* The measured window: an event counts when it was due in it, whenever it arrives. */
#ifndef PUSHPULL_WINDOW_H
#define PUSHPULL_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

struct window {
    int64_t start_ns, end_ns; /* start <= time < end; both 0 before it is known */
};

static inline bool window_has(const struct window *window, int64_t at_ns) {
    return at_ns >= window->start_ns && at_ns < window->end_ns;
}

/* a - b, kept in range: times come from the network. */
static inline int64_t time_minus(int64_t a, int64_t b) {
    int64_t difference;
    if (!__builtin_sub_overflow(a, b, &difference)) return difference;
    return a < b ? INT64_MIN : INT64_MAX;
}

/* a + b, likewise. */
static inline int64_t time_plus(int64_t a, int64_t b) {
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return a < 0 ? INT64_MIN : INT64_MAX;
}

#endif
