/* `pushpull run`: a scenario from its file to its report. */
#ifndef PUSHPULL_RUN_H
#define PUSHPULL_RUN_H

#include "expect/expect.h"
#include "scenario/scenario.h"

#include <stdbool.h>

struct run_options {
    const char *scenario; /* a name or a path */
    struct scenario_overrides overrides;
    const char *database;       /* results/pushpull.sqlite */
    const char *results;        /* directory of logs and reports */
    const char *programs;       /* directory of the servers and clients */
    bool other_programs;        /* it was given: they are not those beside the runner */
    const char *base;           /* directory of the base's programs: a paired run; NULL: none */
    int pairs;                  /* of a batch of it */
    const char *formats;        /* of its verdict: "text,markdown", see compare/verdict.h */
    const char *label;          /* of the experiment; "": none */
    const char *charts;         /* as it was given */
    int chart_formats;          /* 0: no report */
    bool check;                 /* the exit status says whether what is expected came true */
    struct expect_more expects; /* beside what the scenario expects */
    bool dry_run, resume;
    bool strict; /* a prediction that is refuted is a failure */
};

/* Returns the exit status: 0; 1 when something failed, or a cell did in every repeat; 2 a
 * mistake in the scenario or the options; 4 a prediction refuted, and strict; 130 interrupted. When it is to check:
 * 0 all held, 1 something was refuted, 2 and 130 as above, 3 anything else. Of a paired
 * run: 0 no regression, 1 a regression, 2 and 130 as above, 3 when it cannot be said, for whichever reason. */
int run_experiment(const struct run_options *);

#endif
