/* The command line of a member of the cast. */
#ifndef PUSHPULL_COMMAND_LINE_H
#define PUSHPULL_COMMAND_LINE_H

#include "trial/cast.h"
#include "trial/setup.h"

/* A new array that ends with NULL. `servers` is where a client finds the servers. */
char **command_line(const struct trial_setup *, const struct member *, const char *servers);
void command_line_free(char **);

#endif
