/* `pushpull run`: a scenario from its file to its report. */
#ifndef PUSHPULL_RUN_H
#define PUSHPULL_RUN_H

#include "scenario/scenario.h"

#include <stdbool.h>

struct run_options {
    const char *scenario; /* a name or a path */
    struct scenario_overrides overrides;
    const char *database; /* results/pushpull.sqlite */
    const char *results;  /* directory of logs and reports */
    const char *programs; /* directory of the servers and clients */
    bool other_programs;  /* it was given: they are not those beside the runner */
    const char *label;    /* of the experiment; "": none */
    const char *charts;   /* as it was given */
    int chart_formats;    /* 0: no report */
    bool dry_run, resume;
    bool strict; /* a prediction that is refuted is a failure */
};

/* Returns the exit status: 0; 1 when something failed, or a cell did in every repeat; 2 a
 * mistake in the scenario or the options; 4 a prediction refuted, and strict; 130 interrupted. */
int run_experiment(const struct run_options *);

#endif
