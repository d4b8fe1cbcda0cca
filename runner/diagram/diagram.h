/* `pushpull diagram`: what one user's line carries in a simulated run, or a live one, as a sequence diagram on a true axis
 * of time; the strategies of a scenario below each other, and the age of what the user knows below each.
 *
 * What the machine takes is the simulator's default, never what was measured here: the same scenario gives the same
 * picture on every machine, to the last byte. A live one is of this machine, and of this time. */
#ifndef PUSHPULL_DIAGRAM_H
#define PUSHPULL_DIAGRAM_H

#include "scenario/scenario.h"

#include <stdbool.h>

struct diagram_options {
    const char *scenario; /* a name or a path */
    struct scenario_overrides overrides;
    const char *programs; /* the servers' and clients' directory: they say what options they know */
    double from_seconds;  /* since publishing began; negative: from when the window opens */
    double to_seconds;    /* negative: two seconds later */
    bool live;            /* run it, instead of simulating it */
    const char *output;   /* a file; NULL: stdout */
};

/* Draws it. Returns 0, or an exit status after one sentence on stderr. */
int diagram_draw(const struct diagram_options *);

#endif
