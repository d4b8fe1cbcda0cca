/* Pairs of measurements, compared: the signed-rank test of Wilcoxon and the estimate of Hodges and Lehmann. No
 * distribution is assumed, but that the differences of pairs between which nothing differs lie symmetrically
 * about 0, as they do when the order within a pair is drawn by lot. Differences are of logarithms here, so that
 * effects are ratios.
 *
 * Sources: F. Wilcoxon, Individual comparisons by ranking methods (1945); J. L. Hodges and E. L. Lehmann,
 * Estimates of location based on rank tests (1963); M. Hollander et al., Nonparametric Statistical Methods,
 * chapter 3. */
#ifndef PUSHPULL_SIGNED_RANK_H
#define PUSHPULL_SIGNED_RANK_H

/* The chance, two-sided, of ranks as lopsided as these or more where nothing differs. Exact, also with ties,
 * which share the mean of their ranks; differences of 0 say nothing and are left out. 1 where none is left. */
double signed_rank_p(const double *differences, int count);

/* The pseudomedian, which is the median of the means of all pairs of differences, each with itself as well, and
 * the interval that holds it with `confidence` (0.95) or a little more; -INFINITY and INFINITY where there are
 * too few differences for one. `count` is at least 1. */
struct shift {
    double value, low, high;
};
struct shift signed_rank_shift(const double *differences, int count, double confidence);

/* How much the differences scatter: the standard deviation, from the median of the distances to the median, so
 * that a few wild ones do not count; 0 where more than half are the same. */
double scatter(const double *differences, int count);

/* With what probability the test finds a shift of that size: that it is significant at `alpha`, two-sided, and
 * the estimate is above `least`. By the normal approximation, for differences of this scatter. */
double signed_rank_power(double shift, double deviation, int count, double alpha, double least);

#endif
