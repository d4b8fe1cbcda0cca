/* `pushpull validate`: simulates the trials of stored experiments once more, with the models of this build and the
 * newest calibration, and holds each figure against what was measured. Nothing is stored. */
#ifndef PUSHPULL_VALIDATE_H
#define PUSHPULL_VALIDATE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct validate_options {
    const char
        *programs; /* directory of the servers and clients, whose options and defaults count */
    const char *deviations; /* a page with a table of those that are known; "": none are */
    bool all;               /* print every cell */
};

/* Prints a table per strategy and metric, and what is further off than it may be. Returns the exit status: 0 all
 * bounds hold or what breaks them is known, 1 not, 2 usage. */
int validate_experiments(sqlite3 *, const int64_t *ids, int count, const struct validate_options *);

#endif
