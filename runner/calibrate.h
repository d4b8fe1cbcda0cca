/* `pushpull calibrate`: what this machine takes for a piece of work, measured by some small runs, and kept in the
 * database for simulated trials (simulator/machine.h). */
#ifndef PUSHPULL_CALIBRATE_H
#define PUSHPULL_CALIBRATE_H

#include "run_options.h"

/* `options` say where programs and results are. Returns the exit status: 0, 1 failed, 2 usage. */
int calibrate(const struct run_options *options);

#endif
