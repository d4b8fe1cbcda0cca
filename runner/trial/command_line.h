/* The command line of a member of the cast. */
#ifndef PUSHPULL_COMMAND_LINE_H
#define PUSHPULL_COMMAND_LINE_H

#include "trial/cast.h"
#include "trial/setup.h"

/* A new array that ends with NULL. `servers` is where a client finds the servers; `place` is the process that
 * stands at the member's end of a link, 0 where there is none. */
char **command_line(const struct trial_setup *, const struct member *, const char *servers,
                    int64_t place);
void command_line_free(char **);

#endif
