/* A process on a processor of its own: it does one thing after the other. What comes while it works waits; what comes
 * while it sleeps has to wake it, and is done slower when it has slept for long. Left out: a second process on the same
 * processor. */
#ifndef PUSHPULL_HOST_H
#define PUSHPULL_HOST_H

#include "model/window.h"

#include <stdbool.h>
#include <stdint.h>

struct host {
    int64_t free_ns;           /* it works until then */
    int64_t busy_ns;           /* so long it has worked in the window */
    uint64_t wakes;            /* so often it woke in it */
    int64_t cold_permil;       /* so much longer everything takes since it woke, in thousandths */
    int64_t cold_after_permil; /* ... after a sleep of 40 ms: the machine's */
    const struct window *window;
};

/* Up to 7 ms of sleep nothing takes longer, after 40 ms it does as the machine was calibrated, and after 200 ms and
 * more twice as much so. */
#define WARM_NS INT64_C(7000000)
#define COLD_NS INT64_C(40000000)
#define COLDEST_NS INT64_C(200000000)
static inline int64_t host_chill(const struct host *host, int64_t slept_ns) {
    if (slept_ns <= WARM_NS) return 0;
    if (slept_ns <= COLD_NS)
        return host->cold_after_permil * ((slept_ns - WARM_NS) / 1000) /
               ((COLD_NS - WARM_NS) / 1000);
    if (slept_ns >= COLDEST_NS) return 2 * host->cold_after_permil;
    return host->cold_after_permil + host->cold_after_permil * ((slept_ns - COLD_NS) / 1000) /
                                         ((COLDEST_NS - COLD_NS) / 1000);
}

static inline int64_t host_longer(int64_t ns, int64_t permil) { return ns + ns / 1000 * permil; }

/* When it comes to something that is there since `at_ns`, if waking takes so long. */
static inline int64_t host_comes_to(const struct host *host, int64_t at_ns, int64_t wake_ns) {
    int64_t slept_ns = at_ns - host->free_ns;
    return slept_ns < 0 ? host->free_ns : at_ns + host_longer(wake_ns, host_chill(host, slept_ns));
}

/* It works from then on, for so long. Returns when it is done. */
static inline int64_t host_works(struct host *host, int64_t from_ns, int64_t for_ns) {
    bool slept = from_ns > host->free_ns, counts = window_has(host->window, from_ns);
    if (slept) host->cold_permil = host_chill(host, from_ns - host->free_ns);
    for_ns = host_longer(for_ns, host->cold_permil);
    if (counts) host->busy_ns += for_ns;
    if (counts) host->wakes += slept;
    return host->free_ns = from_ns + for_ns;
}

#endif
