/* Checking a scenario against what the programs say about themselves. */
#ifndef PUSHPULL_CHECK_H
#define PUSHPULL_CHECK_H

#include "scenario/scenario.h"

/* Checks keys and values, and keeps the strategies of `only`. Returns 0, 1 or EXIT_USAGE. */
int scenario_check(struct scenario *, struct catalog *);
/* The runner's own parameters: subscribers, server_processes, client_processes, or NULL. */
const struct option *runner_option(const char *key);

#endif
