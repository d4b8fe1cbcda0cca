/* A process on a processor of its own: it does one thing after the other. What comes while it works waits; what comes
 * while it sleeps has to wake it, and the longer it has slept the longer that takes, and the first thing that it does
 * then. Left out: a second process on the same processor. */
#ifndef PUSHPULL_HOST_H
#define PUSHPULL_HOST_H

#include "model/window.h"

#include <stdbool.h>
#include <stdint.h>

struct host {
    int64_t free_ns;   /* it works, or stands still, until then */
    int64_t stands_ns; /* it stands still, on purpose, until then */
    int64_t busy_ns;   /* so long it has worked in the window */
    uint64_t wakes;    /* so often it woke in it */
    /* After a sleep of COLD_NS: waking takes so much longer, in percent, and the first thing done. */
    int64_t cold_percent, start_ns;
    const struct window *window;
};

/* From 1 ms of sleep on it gets cold, evenly; after 40 ms it does not get colder. */
#define WARM_NS INT64_C(1000000)
#define COLD_NS INT64_C(40000000)
static inline int64_t host_chilled(int64_t whole, int64_t slept_ns) {
    if (slept_ns <= WARM_NS) return 0;
    if (slept_ns >= COLD_NS) return whole;
    return whole * ((slept_ns - WARM_NS) / 1000) / ((COLD_NS - WARM_NS) / 1000);
}

/* When it comes to something that is there since `at_ns`, if waking takes so long. */
static inline int64_t host_comes_to(const struct host *host, int64_t at_ns, int64_t wake_ns) {
    int64_t slept_ns = at_ns - host->free_ns;
    if (slept_ns < 0) return host->free_ns;
    return at_ns + wake_ns + wake_ns * host_chilled(host->cold_percent, slept_ns) / 100;
}

/* It works from then on, for so long. Returns when it is done. */
static inline int64_t host_works(struct host *host, int64_t from_ns, int64_t for_ns) {
    bool slept = from_ns > host->free_ns, counts = window_has(host->window, from_ns);
    if (slept) for_ns += host_chilled(host->start_ns, from_ns - host->free_ns);
    if (counts) host->busy_ns += for_ns;
    if (counts) host->wakes += slept;
    return host->free_ns = from_ns + for_ns;
}

/* From now on it does nothing for so long: what it has begun is done before. */
static inline void host_stands_still(struct host *host, int64_t now_ns, int64_t for_ns) {
    int64_t from_ns = now_ns > host->free_ns ? now_ns : host->free_ns;
    host->free_ns = host->stands_ns = from_ns + for_ns;
}

#endif
