/* Checking a scenario against what the programs say about themselves. */
#ifndef PUSHPULL_CHECK_H
#define PUSHPULL_CHECK_H

#include "scenario/scenario.h"

/* Checks keys and values, and keeps the strategies of `only`. Returns 0, 1 or EXIT_USAGE. */
int scenario_check(struct scenario *, struct catalog *);
/* Whether the base's programs, of a paired run, have every option that the scenario sets for the candidate's.
 * Returns 0, 1 or EXIT_USAGE after a line on stderr. */
int scenario_check_base(const struct scenario *, const struct catalog *candidate,
                        struct catalog *base);
/* The runner's own parameters: subscribers, server_processes, client_processes, path, or NULL. */
const struct option *runner_option(const char *key);

#endif
