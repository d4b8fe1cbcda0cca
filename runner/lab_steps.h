/* The steps of a lab: what a student does before the grade. Each returns an exit status. For labs.c. */
#ifndef PUSHPULL_LAB_STEPS_H
#define PUSHPULL_LAB_STEPS_H

#include "desk.h"

int lab_predict(const struct desk *);
int lab_run(const struct desk *);
int lab_explain(const struct desk *);
/* Makes the lab's run the one that it brings along: for whoever writes labs. */
int lab_record(const struct desk *);

#endif
