/* Loading a scenario: the file, the overrides, the check. */
#ifndef PUSHPULL_LOAD_H
#define PUSHPULL_LOAD_H

#include "scenario/scenario.h"

/* Reads a scenario and applies the overrides, then checks every key and value against the
 * programs' own tables. Returns 0; or, after one sentence on stderr, EXIT_USAGE for a mistake in
 * the scenario or 1 when something could not be read or run. Free it in either case. */
int scenario_load(struct scenario *, const char *path, const struct scenario_overrides *,
                  struct catalog *);

#endif
