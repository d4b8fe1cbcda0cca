/* A trial in virtual time: the same cell, the same reports, from the models of simulator/. */
#ifndef PUSHPULL_SIMULATED_H
#define PUSHPULL_SIMULATED_H

#include "figures/result.h"
#include "model/link.h"
#include "scenario/plan.h"
#include "simulator/simulation.h"
#include "trial/setup.h"

/* Whether there is a model of everything that the cell asks for. Returns true, or false after one sentence on
 * stderr that says what there is none of. */
bool simulated_fits(const struct cell *, const struct catalog *);

/* The conditions of a trial, and what they point to. */
struct simulated {
    struct conditions conditions;
    struct link_settings link;
    int64_t *connected_ns;
};

/* The setup and what it names must stay as long as the conditions are used, and both where they are. */
void simulated_prepare(struct simulated *, const struct trial_setup *);
void simulated_release(struct simulated *);

/* Simulates the trial: `result` is as trial_run leaves it. */
void trial_simulate(const struct trial_setup *, struct result *);

#endif
