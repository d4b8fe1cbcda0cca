/* Everything about an experiment, for other programs. */
#ifndef PUSHPULL_EXPORT_H
#define PUSHPULL_EXPORT_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

/* Writes every metric of every trial: as "csv" (RFC 4180; a line per trial and metric, parameters in
 * columns of their own) or as "json" (one object: the experiment with its trials and theirs). The experiment 0 is
 * the newest. Returns 0, or -1 after a line on stderr. */
int export_experiment(sqlite3 *, int64_t experiment_id, const char *format, FILE *);

#endif
