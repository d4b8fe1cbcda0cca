/* The middle of some values. */
#ifndef PUSHPULL_MEDIAN_H
#define PUSHPULL_MEDIAN_H

/* Puts values into rising order. */
void sort_values(double *values, int count);
/* The median of values in any order; NAN of none. */
double median(const double *values, int count);

#endif
