/* Everything about an experiment, for other programs. */
#ifndef PUSHPULL_EXPORT_H
#define PUSHPULL_EXPORT_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

/* Writes the figures of an experiment; 0 is the newest. The format:
 *   wide  CSV (RFC 4180), a line per cell: what `summary` says, four columns per metric (NAME, NAME_low,
 *         NAME_high, NAME_believed: of how many trials)
 *   long  CSV, a line per trial and metric
 *   json  one object: the experiment with its trials, their metrics, doubts, series and histograms
 * In both CSVs the parameters have columns of their own. Returns 0, or -1 after a line on stderr. */
int export_experiment(sqlite3 *, int64_t experiment_id, const char *format, FILE *);

#endif
