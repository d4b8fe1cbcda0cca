/* What a simulated trial is made under, who watches it, and what it tells. */
#ifndef PUSHPULL_CONDITIONS_H
#define PUSHPULL_CONDITIONS_H

#include "machine.h"
#include "model/link.h"
#include "model/window.h"
#include "network.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What both sides do with the watched user, besides what its line carries. */
enum moment {
    MOMENT_DUE,      /* a poll is due */
    MOMENT_WAITS,    /* ... and waits for the answer to the last one */
    MOMENT_SKIPPED,  /* ... and is left out: one waits already */
    MOMENT_PARKED,   /* a request is held: there is nothing to say */
    MOMENT_PATIENCE, /* it was held long enough */
};

struct conditions {
    const char *strategy;
    uint32_t subscribers;
    int servers, clients;
    uint64_t seed;
    /* An option of its programs: the scenario's value, else their default. NULL: they have none of that name. */
    const char *(*option)(const void *data, const char *key);
    const void *data;
    const struct link_settings *link; /* NULL: loopback */
    struct machine machine;
    int64_t connected_ns;                /* when everybody is; polls are due from then on */
    const int64_t *clients_connected_ns; /* of each client process apart; or NULL */
    int64_t publish_ns; /* when the first event is due, or a Poisson process begins */
    struct window window;
    int64_t drain_ns; /* how long the last may take, at most, besides a poll's interval */
    /* Told of what one user's line carries; NULL: nobody is. */
    void (*saw)(void *data, const struct sighting *);
    /* ... of events as they are published, and as it has them. */
    void (*published)(void *data, uint64_t number, int64_t due_ns, int64_t at_ns);
    void (*received)(void *data, uint64_t number, int64_t due_ns, int64_t at_ns);
    /* ... of what happens to it besides. */
    void (*noted)(void *data, enum moment, int64_t at_ns);
    void *watcher;
    uint32_t watched;
};

/* What it tells: the reports of the live programs, arrays of objects, and of a link one (NULL: there is none). */
struct simulation_reports {
    json_t *servers, *clients, *link;
    double seconds; /* of virtual time */
    uint64_t fired; /* how often the engine fired */
};

#endif
