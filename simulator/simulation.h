/* A trial in virtual time: the same cell, the same seed, the same books as a live one. The same conditions give the
 * same reports, to the last byte. */
#ifndef PUSHPULL_SIMULATION_H
#define PUSHPULL_SIMULATION_H

#include "conditions.h"

#include <stdbool.h>

/* Whether there is a model of this strategy; and whether it knows this option of its programs. */
bool simulation_has(const char *strategy);
bool simulation_knows(const char *strategy, const char *key);

/* Runs it. */
void simulation_run(const struct conditions *, struct simulation_reports *);
void simulation_reports_free(struct simulation_reports *);

#endif
