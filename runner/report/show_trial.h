/* One trial in the terminal. */
#ifndef PUSHPULL_SHOW_TRIAL_H
#define PUSHPULL_SHOW_TRIAL_H

#include <sqlite3.h>
#include <stdint.h>

/* Prints one trial of the experiment (0: of any) on stdout: its verdict, the exact command lines
 * of its programs and how to run them by hand, and every metric. Returns 0, or -1 after a line on stderr. */
int show_trial(sqlite3 *, int64_t experiment_id, int64_t trial_id);

#endif
