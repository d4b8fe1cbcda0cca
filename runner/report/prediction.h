/* What was predicted beside what was measured, where each trial has a simulated twin: a row per cell, and in it
 * for each of some figures the prediction, the measurement, and how far off the prediction is. */
#ifndef PUSHPULL_PREDICTION_H
#define PUSHPULL_PREDICTION_H

#include "report/table.h"

#include <stdio.h>

#define PREDICTION_TITLE "Simulated against measured"
#define PREDICTION_LEGEND                                                                          \
    "Each figure: predicted / measured, and how far off the prediction is. In brackets: what was"  \
    " measured may not be believed."

/* Reads the table of an experiment; without twins it has no rows. Returns 0, or -1 after a line on stderr. The
 * caller frees it in either case. */
int prediction_read(struct table *, sqlite3 *, int64_t experiment_id);

/* Prints it below its title, in parts that fit the terminal; nothing where it has no rows. Returns 0 or -1. */
int prediction_print(sqlite3 *, int64_t experiment_id, FILE *);

#endif
