/* What a trial is made of: the cell, and what its programs need to know. */
#ifndef PUSHPULL_SETUP_H
#define PUSHPULL_SETUP_H

#include "scenario/catalog.h"
#include "scenario/plan.h"

#include <stdbool.h>
#include <stdint.h>

struct trial_setup {
    const struct cell *cell;
    int64_t seed;
    const struct settings *settings;
    const struct catalog *catalog; /* where the programs are, and the options they know */
    const struct catalog *links;   /* the same of the link: two builds are measured over one */
    bool watch_neighbours;  /* doubt figures beside which another run measured on this machine */
    const char *log_prefix; /* "results/logs/3-41": "-server-0.log" is appended */
    /* Called a few times per second while the trial runs; may be NULL. */
    void (*beat)(void *data);
    void *data;
};

#endif
