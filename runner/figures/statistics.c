/* Intervals from order statistics. See statistics.h. */
#include "figures/statistics.h"

#include <math.h>

int quantile_interval(double n, double p, double *low, double *high) {
    double half = 1.96 * sqrt(n * p * (1 - p));
    double low_rank = floor(n * p - half), high_rank = ceil(n * p + half);
    if (low_rank < 1 || high_rank >= n) return -1;
    *low = low_rank / n;
    *high = high_rank / n;
    return 0;
}

/* The terms of the binomial distribution one after another, each from the one before; in logarithms,
 * because the first is too small for a double from n = 1,075 on. */
int median_interval_rank(int n) {
    double term = -n * log(2), below = 0;
    int k = 0;
    while (k < n && below + exp(term) <= 0.025) {
        below += exp(term);
        term += log((double)(n - k) / (k + 1));
        k++;
    }
    return k > 0 ? k : 1;
}

bool intervals_overlap(double low, double high, double other_low, double other_high) {
    return other_low <= high && low <= other_high;
}
