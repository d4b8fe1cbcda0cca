/* Two experiments side by side, for people. They were not run in pairs, so that what differs between them may be the
 * machine at another time: nothing is decided by it. */
#ifndef PUSHPULL_COMPARE_H
#define PUSHPULL_COMPARE_H

#include <stdbool.h>

/* Prints every metric of every common cell: both figures, their ratio with its interval, and whether that is faster,
 * slower, or no measurable difference. `a` and `b` are numbers of experiments in `database`, or databases, whose newest
 * is meant, or one with a number: other.sqlite#3. Without `all` what is the same is left out but for the figures of the
 * final table. Returns the exit status. */
int compare_experiments(const char *database, const char *a, const char *b, bool all);

#endif
