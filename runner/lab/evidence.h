/* Is an experiment what it is handed in for: a run of this lab's scenario, with the figures that were measured? */
#ifndef PUSHPULL_EVIDENCE_H
#define PUSHPULL_EVIDENCE_H

#include "lab/lab.h"
#include "lab/notebook.h"

#include <sqlite3.h>

/* Zeroed: nothing is known against it. Each is a sentence, or NULL. */
struct evidence {
    char *foreign; /* why nothing can be graded by it: it is of another scenario, or was changed */
    char *lack;    /* what it lacks: trials that failed or did not run */
    char *source;  /* what it is: "live", "simulated", "recorded" */
    char *revision, *started_at;
    char *remark; /* for a person to look at: in doubt, or measured with changed programs */
};

/* Looks at the run of a lab. Returns 0, or -1 after a line on stderr. Free it in either case. */
int evidence_examine(struct evidence *, sqlite3 *, const struct lab *, const struct lab_run *);
void evidence_free(struct evidence *);

#endif
