/* Copying an experiment from one database into another. */
#ifndef PUSHPULL_COPY_H
#define PUSHPULL_COPY_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* Copies the experiment with its trials, doubts, metrics and reports in one transaction, under new ids; series are left
 * behind. Histograms are left behind as well: they follow from the reports, and `derive` makes them anew. Sets
 * *new_id. Returns 0, or -1 after a line on stderr: then nothing was copied. */
int store_copy(sqlite3 *from, int64_t experiment_id, sqlite3 *to, bool derive, int64_t *new_id);

#endif
