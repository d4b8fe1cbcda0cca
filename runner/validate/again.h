/* A stored experiment whose trials are simulated once more: its scenario and its plan, as they were. */
#ifndef PUSHPULL_AGAIN_H
#define PUSHPULL_AGAIN_H

#include "figures/result.h"
#include "scenario/catalog.h"
#include "scenario/plan.h"

#include <sqlite3.h>
#include <stdint.h>

struct again {
    sqlite3 *db;
    int64_t experiment_id;
    struct catalog *catalog; /* of the programs whose options it uses: the caller's */
    struct scenario scenario;
    struct plan plan;
    char
        *machine; /* what this machine takes, as the newest calibration says; NULL: there is none */
};

/* Reads it. Returns 0, or -1 after a line on stderr. Close it in either case. */
int again_open(struct again *, sqlite3 *, int64_t experiment_id, struct catalog *);
void again_close(struct again *);

/* The cell of a stored trial; NULL after a line on stderr when there is none, or no model of it. */
const struct cell *again_cell(const struct again *, const char *strategy, const char *parameters);

/* Simulates a trial of it, with the times of the live one. `result` is zeroed, and the caller's to free. */
void again_simulate(const struct again *, int64_t trial_id, const struct cell *, int64_t seed,
                    struct result *);

#endif
