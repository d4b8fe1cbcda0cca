/* What a trial is made of: the cell, and what its programs need to know. */
#ifndef PUSHPULL_SETUP_H
#define PUSHPULL_SETUP_H

#include "figures/result.h"
#include "scenario/catalog.h"
#include "scenario/plan.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct trial_setup {
    const struct cell *cell;
    int64_t seed;
    const struct settings *settings;
    const struct catalog *catalog; /* where the programs are, and the options they know */
    const struct catalog *links;   /* the same of the link: two builds are measured over one */
    bool watch_neighbours; /* doubt figures beside which another run measured on this machine */
    /* Of a simulated trial: the reports of its live twin, whose times it can replay (NULL: there is none, or it
     * failed), and what this machine takes, as JSON (NULL: that was never calibrated). */
    bool simulated;
    const struct result *twin;
    const char *machine;
    json_t *traces; /* an array, which takes what the programs trace of one user; NULL: nothing */
    int64_t
        trace_ms; /* they tell it so often, as it happens, and the link nothing; 0: at the end */
    const char *log_prefix; /* "results/logs/3-41": "-server-0.log" is appended */
    /* Called a few times per second while the trial runs; may be NULL. */
    void (*beat)(void *data);
    void *data;
};

#endif
