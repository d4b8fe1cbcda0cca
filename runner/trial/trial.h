/* One trial: fresh servers and clients, the conversation of docs/protocol.md, and what came out. */
#ifndef PUSHPULL_TRIAL_H
#define PUSHPULL_TRIAL_H

#include "figures/result.h"
#include "trial/setup.h"

#define EXIT_INTERRUPTED 130 /* as a shell would say of SIGINT */

enum trial_outcome {
    TRIAL_ENDED,       /* `result` is complete, be it a failure */
    TRIAL_INTERRUPTED, /* SIGINT, SIGTERM or SIGHUP came; everything is stopped; `result` is void */
};

/* Runs the trial to its end, on a loop of its own. Whatever happens, none of its processes is left
 * when it returns. `result` is zeroed; the caller frees it in either case. */
enum trial_outcome trial_run(const struct trial_setup *, struct result *);

#endif
