/* The plan: the cross product of what a scenario varies, as cells, and the trials to run, in order. */
#ifndef PUSHPULL_PLAN_H
#define PUSHPULL_PLAN_H

#include "scenario/link_setup.h"
#include "scenario/scenario.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* One parameter of a cell and its value. Both belong to the scenario. */
struct setting {
    const struct parameter *parameter;
    const char *value;
};

/* One combination of parameters, strategy included. */
struct cell {
    const struct strategy *strategy;
    int combination;          /* 0, 1, ...: of the parameters that all strategies share */
    struct setting *settings; /* all but the strategy */
    int setting_count;
    int subscribers;
    int processes[ROLE_COUNT]; /* a link where servers and clients are apart */
    struct link_setup link;    /* as the path says, then the scenario's own keys */
    char *parameters;          /* JSON, as stored */
    char *label;               /* "subscribers=100 interval_ms=500": what varies, for people */
};

/* Live trials run programs on this machine; simulated ones are models in virtual time. */
enum mode { MODE_LIVE, MODE_SIMULATED, MODE_BOTH };
extern const char *const mode_names[]; /* "live", "simulated", "both": as stored */

/* Whose programs a trial runs. In a paired run each cell has the base's and the candidate's; the floor has the
 * base's twice, which differ in nothing: what moves there is the machine. In mode both, SIMULATED is the twin of
 * the live trial before it. */
enum variant { ORDINARY, BASE, CANDIDATE, CONTROL, SIMULATED };
extern const char
    *const variant_names[]; /* "", "base", "candidate", "control", "simulated": as stored */

struct planned_trial {
    const struct cell *cell;
    enum variant variant;
    int batch;    /* 1; 2 confirms what the first made suspect */
    int repeat;   /* 1, 2, ... within its batch: of a paired run, the pair */
    int64_t seed; /* the same for all strategies of a combination and repeat: same schedule */
};

struct plan {
    const struct scenario *scenario;
    enum mode mode;
    struct cell *cells;
    int cell_count;
    struct planned_trial *trials; /* in the order they run */
    int trial_count;
};

/* Makes the plan of a checked scenario, which must outlive it. Returns 0, or -1 after a line on
 * stderr when it would have more than TRIALS_MAX trials. Free it in either case. */
int plan_make(struct plan *, const struct scenario *);
void plan_free(struct plan *);
/* The same for a paired run of `pairs` pairs. */
int plan_make_pairs(struct plan *, const struct scenario *, int pairs);
/* How its trials are run: a plan is made for live ones. In mode both each gets a twin, which follows it. Returns 0,
 * or -1 after a line on stderr when they would be more than TRIALS_MAX trials. */
int plan_set_mode(struct plan *, enum mode);
/* Whether this one of its trials is simulated. */
bool plan_simulates(const struct plan *, const struct planned_trial *);
/* Adds pairs `first`, first + 1, ... of the cells for which `wanted` is true (NULL: of all): pair by pair, the
 * two trials of a cell one after the other, in an order that the seed draws. Returns 0, or -1 after a line on
 * stderr when they would be more than TRIALS_MAX trials. */
int plan_add_pairs(struct plan *, const bool *wanted, int batch, int first, int count);
/* Adds one trial, as a stored one says it was planned; false when the plan has no such cell. */
bool plan_add_stored(struct plan *, const char *strategy, const char *parameters,
                     const char *variant, int batch, int repeat);

/* Files that a process opens besides its subscribers' connections. */
#define PLAN_SPARE_FILES 100

/* Whether every cell can be run: its link's keys go together, and it fits this machine's limit of open files per
 * process, if it is run live. Returns true, or false after one sentence on stderr with the numbers and the remedy. */
bool plan_fits(const struct plan *, int64_t files_a_process);

/* Whether servers and clients of any cell are apart. */
bool plan_has_links(const struct plan *);

/* How long trials take, about, in seconds. */
double plan_trial_seconds(const struct plan *, const struct planned_trial *);
double plan_seconds(const struct plan *);

/* Prints cells, number of trials or pairs, and the estimated time. */
void plan_print(const struct plan *, FILE *);

#endif
