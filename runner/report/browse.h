/* Looking at what is stored: the commands list, show and export. */
#ifndef PUSHPULL_BROWSE_H
#define PUSHPULL_BROWSE_H

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>

/* All return 0, or -1 after a line on stderr. The experiment 0 is the newest. */

/* Prints one line an experiment, the newest last, on stdout. */
int browse_list(sqlite3 *);

/* Prints an experiment on stdout: what was run, when and where; the table; each trial with its
 * verdict and the reason; and how to run it, or one cell of it, again. */
int browse_show(sqlite3 *, int64_t experiment_id);

/* Prints one trial of the experiment (0: of any) on stdout: its verdict, the exact command lines of its programs and how to run
 * them by hand, and every metric. */
int browse_show_trial(sqlite3 *, int64_t experiment_id, int64_t trial_id);

/* Writes every metric of every trial: as "csv" (RFC 4180; a line a trial and metric, parameters in
 * columns of their own) or as "json" (one object: the experiment with its trials and theirs). */
int browse_export(sqlite3 *, int64_t experiment_id, const char *format, FILE *);

#endif
