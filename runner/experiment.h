/* An experiment that is being run: its rows in the database, its trials, its pairs. For the files of this room
 * alone: run.c makes and ends it. */
#ifndef PUSHPULL_EXPERIMENT_H
#define PUSHPULL_EXPERIMENT_H

#include "run_options.h"
#include "scenario/plan.h"
#include "store/store.h"

struct run {
    const struct run_options *options;
    struct catalog *catalog, *base; /* base: NULL unless this is a paired run */
    struct scenario scenario;
    struct plan plan;
    int lock; /* a descriptor; -1: none */
    sqlite3 *db;
    int64_t experiment_id;
    char *revision,
        *programs; /* of the candidate, what runs: the tree's, and the programs' digest */
    char *
        machine; /* what simulated trials know of it; NULL: it was never calibrated, or there are none */
    int *positions; /* of the trials to run: 1, 2, ... */
    int64_t *ids;   /* their rows */
    int pending;
};

/* Stores the experiment and its trials as planned, or finds the one to go on with. Returns 0, or -1 after a line on
 * stderr. */
int experiment_prepare(struct run *);
/* The rows of the plan's trials from this one on. The caller frees the array. */
struct store_trial *experiment_rows(const struct plan *, int first);
/* Finds the trials that are still to be run. Returns 0 or -1. */
int experiment_find_pending(struct run *);

/* Runs them, and stores each. Returns 0, or the exit status that ends the run. */
int experiment_run_trials(struct run *);
/* Runs pairs until the gate asks for no more; the same. */
int experiment_run_pairs(struct run *);

#endif
