/* What lies in the database beside the results. */
#ifndef PUSHPULL_REFERENCE_H
#define PUSHPULL_REFERENCE_H

#include <sqlite3.h>

/* Writes the rows of metric_kind and interval_rank that are not there yet. Returns 0 or -1. */
int store_keep_reference(sqlite3 *);

#endif
