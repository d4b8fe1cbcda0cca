/* Looking at what is stored, in the terminal. All return 0, or -1 after a line on stderr. The experiment 0
 * is the newest. */
#ifndef PUSHPULL_SHOW_H
#define PUSHPULL_SHOW_H

#include <sqlite3.h>
#include <stdint.h>

/* Prints one line per experiment, the newest last, on stdout. */
int show_list(sqlite3 *);

/* Prints an experiment on stdout: what was run, when and where; the table; each trial with its
 * verdict and the reason; and how to run it, or one cell of it, again. */
int show_experiment(sqlite3 *, int64_t experiment_id);

#endif
