/* Seals: digests that tell whether rows are as they were. They stop a figure that is changed by hand; they stop nobody
 * who can make a seal himself. */
#ifndef PUSHPULL_SEAL_H
#define PUSHPULL_SEAL_H

#include <sqlite3.h>
#include <stdint.h>

/* The SHA-256 of a text, as 64 digits. The caller frees it. */
char *seal_text(const char *text);

/* The same of an experiment: its own row, its trials, their doubts, metrics and reports, without their ids, so that a
 * copy has the seal of the original. What follows from the reports (histograms), and series, are left out.
 * NULL after a line on stderr. The caller frees it. */
char *seal_experiment(sqlite3 *, int64_t experiment_id);

#endif
