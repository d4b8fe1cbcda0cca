/* What `pushpull run` and `pushpull check` are asked for. */
#ifndef PUSHPULL_RUN_OPTIONS_H
#define PUSHPULL_RUN_OPTIONS_H

#include "expect/expect.h"
#include "scenario/plan.h"
#include "scenario/scenario.h"

#include <stdbool.h>

struct run_options {
    const char *scenario; /* a name or a path */
    struct scenario_overrides overrides;
    const char *database;       /* results/pushpull.sqlite */
    const char *results;        /* directory of logs and reports */
    const char *programs;       /* directory of the servers and clients */
    bool other_programs;        /* it was given: they are not those beside the runner */
    enum mode mode;             /* of its trials; with a base they are live */
    const char *base;           /* directory of the base's programs: a paired run; NULL: none */
    int pairs;                  /* of a batch of it */
    const char *formats;        /* of its verdict: "text,markdown", see compare/verdict.h */
    const char *label;          /* of the experiment; "": none */
    const char *charts;         /* as it was given */
    int chart_formats;          /* 0: no report */
    bool check;                 /* the exit status says whether what is expected came true */
    struct expect_more expects; /* beside what the scenario expects */
    bool dry_run, resume;
    bool trace;  /* tell what happens to one user of a simulated trial */
    bool strict; /* a prediction that is refuted is a failure */
};

#endif
