/* Named networks: `path = lte` stands for what links/paths.ini says of lte. */
#ifndef PUSHPULL_PATHS_H
#define PUSHPULL_PATHS_H

#include "scenario/lines.h"

#include <stdbool.h>

/* Zeroed is none. */
struct paths {
    char *file, *text;
};

/* Finds and reads the file. Returns 0, or -1 after a line on stderr. */
int paths_read(struct paths *);
void paths_free(struct paths *);

/* The link's options that a network stands for, without their prefix: none of an unknown one. Free them. */
void paths_lines(const struct paths *, const char *name, struct scenario_lines *);
/* Whether there is one of this name. If not, *near is the nearest one or NULL, and *all are their names in a row,
 * which the caller frees. */
bool paths_has(const struct paths *, const char *name, char **near, char **all);

#endif
