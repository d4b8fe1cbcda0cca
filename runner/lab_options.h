/* What `pushpull lab` is asked for. */
#ifndef PUSHPULL_LAB_OPTIONS_H
#define PUSHPULL_LAB_OPTIONS_H

#include <stdbool.h>

struct lab_options {
    const char *lab, *step;     /* the first two operands, or NULL */
    const char *const *folders; /* what stands behind them */
    int folder_count;
    const char *results;           /* a lab's own folder is RESULTS/labs/NN-name */
    const char *programs;          /* directory of the servers and clients */
    bool other_programs;           /* it was given */
    const char *student, *answers; /* NULL: asked for on the terminal */
    const char *mode;              /* "live", "simulated" or "both"; NULL: as the lab says */
    bool recorded;      /* the run that the lab brings along, instead of one of one's own */
    const char *format; /* of a grade: "text" or "gradescope" */
    const char *all,
        *csv; /* a class: the directory of its hand-ins, the file of its scores; or NULL */
};

#endif
