/* `pushpull live`: all strategies of a scenario at the same time, on a page in the browser. The page is page.html; this
 * program serves it on loopback, runs the programs that it shows (session.h), tells it what happens in an event stream
 * (audience.h), and takes what is turned and pressed there. docs/live.md is the guide. */
#ifndef PUSHPULL_LIVE_H
#define PUSHPULL_LIVE_H

#include "scenario/scenario.h"

#include <stdbool.h>
#include <stdint.h>

struct live_options {
    const char *scenario; /* a name or a path */
    struct scenario_overrides overrides;
    const char *programs; /* the servers' and clients' directory */
    const char *database; /* where stored experiments are */
    int64_t experiment;   /* that the page begins with; 0: none */
    int64_t port;         /* 0: any free one */
    bool modelled;        /* models instead of programs */
};

/* Serves the page until it is interrupted. Returns an exit status, after one sentence on stderr where that is not 0. */
int live_serve(const struct live_options *);

#endif
