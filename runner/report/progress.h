/* Telling how far a run is: on a terminal one line that is drawn again and again, elsewhere a plain
 * line per trial. */
#ifndef PUSHPULL_PROGRESS_H
#define PUSHPULL_PROGRESS_H

#include "figures/result.h"
#include "scenario/plan.h"

struct progress;

/* `trials` of `plan` are to be run, `done` were run before (a resumed experiment). */
struct progress *progress_new(const struct plan *, int done);
void progress_free(struct progress *);

/* A trial begins. */
void progress_trial(struct progress *, const struct planned_trial *);
/* Time has passed: draws the line again. The argument is a struct progress: a trial's `beat`. */
void progress_beat(void *progress);
/* The trial is over. */
void progress_result(struct progress *, const struct result *);

#endif
