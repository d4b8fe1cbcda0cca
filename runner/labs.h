/* `pushpull lab`: labs from the first prediction to the grade. */
#ifndef PUSHPULL_LABS_H
#define PUSHPULL_LABS_H

#include "lab_options.h"

/* Returns the exit status: 0; 1 failed, or a grade that is not full; 2 usage. */
int labs_take(const struct lab_options *);

#endif
