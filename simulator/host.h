/* A process on a processor of its own: it does one thing after the other. What comes while it works waits; what comes
 * while it sleeps has to wake it. Left out: a second process on the same processor, and caches. */
#ifndef PUSHPULL_HOST_H
#define PUSHPULL_HOST_H

#include "model/window.h"

#include <stdint.h>

struct host {
    int64_t free_ns; /* it works until then */
    int64_t busy_ns; /* so long it has worked in the window */
    uint64_t wakes;  /* so often it woke in it */
    const struct window *window;
};

/* When it comes to something that is there since `at_ns`, if waking takes so long. */
static inline int64_t host_comes_to(const struct host *host, int64_t at_ns, int64_t wake_ns) {
    return host->free_ns > at_ns ? host->free_ns : at_ns + wake_ns;
}

/* It works from then on, for so long. Returns when it is done. */
static inline int64_t host_works(struct host *host, int64_t from_ns, int64_t for_ns) {
    if (window_has(host->window, from_ns)) {
        host->busy_ns += for_ns;
        host->wakes += from_ns > host->free_ns;
    }
    return host->free_ns = from_ns + for_ns;
}

#endif
