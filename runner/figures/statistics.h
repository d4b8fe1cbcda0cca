/* How far a figure may be trusted: 95 % intervals from order statistics. No distribution is assumed, and
 * nobody else in this house makes intervals: the trials' quantiles, the charts, the views (which find
 * median_interval_rank as a table in the database) and the sentences stand on these. */
#ifndef PUSHPULL_STATISTICS_H
#define PUSHPULL_STATISTICS_H

#include <stdbool.h>

/* The interval of a quantile: of n independent samples in order, the ranks n·p ± 1.96·√(n·p·(1-p)) hold
 * it between them. Sets the two ranks as quantiles; returns 0, or -1 when there are too few samples for
 * one of the ranks to exist. */
int quantile_interval(double n, double p, double *low, double *high);

/* The interval of a median: of n sorted values, those of rank k and n + 1 - k, with the largest k for
 * which P(Binomial(n, 1/2) < k) <= 2.5 %. Fewer than 6 values cannot give 95 %: k is then 1, and their
 * least and greatest hold the median with 50 % (n = 2), 75 % (3), 87.5 % (4) and 93.75 % (5). */
int median_interval_rank(int n);

/* Whether two intervals have a value in common: then the data cannot tell the two apart. False where
 * one of the ends is NAN. */
bool intervals_overlap(double low, double high, double other_low, double other_high);

#endif
