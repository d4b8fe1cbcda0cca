/* `pushpull run`: a scenario from its file to its report. */
#ifndef PUSHPULL_RUN_H
#define PUSHPULL_RUN_H

#include "run_options.h"

/* Returns the exit status: 0; 1 when something failed, or a cell did in every repeat; 2 a mistake in the
 * scenario or the options; 4 a prediction refuted, and strict; 130 interrupted.
 * When it is to check: 0 all held, 1 something was refuted, 2 and 130 the same, 3 anything else.
 * Of a paired run: 0 no regression, 1 a regression, 2 and 130 the same, 3 when it cannot be said. */
int run_experiment(const struct run_options *);

#endif
