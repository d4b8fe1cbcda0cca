/* Wilcoxon's signed ranks. See signed_rank.h. */
#include "figures/signed_rank.h"

#include "base/median.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

static int compare_sizes(const void *a, const void *b) {
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* --- the test --------------------------------------------------------------------------------- */

/* The chances that ranks drawn with either sign have a positive sum of 0, 1, ... `most`: each rank is in it or
 * not, one after the other. Ranks may be doubled, so that the mean of two is whole. The caller frees them. */
static double *sum_chances(const int *ranks, int count, int most) {
    double *chances = xcalloc((size_t)most + 1, sizeof(*chances));
    chances[0] = 1;
    for (int i = 0; i < count; i++)
        for (int s = most; s >= 0; s--)
            chances[s] = (chances[s] + (s >= ranks[i] ? chances[s - ranks[i]] : 0)) / 2;
    return chances;
}

static double chance_up_to(const int *ranks, int count, int sum) {
    double *chances = sum_chances(ranks, count, sum), all = 0;
    for (int s = 0; s <= sum; s++) all += chances[s];
    free(chances);
    return all;
}

/* Sorts by size and gives each its rank, doubled. */
static void rank_sizes(double *differences, int count, int *ranks) {
    qsort(differences, (size_t)count, sizeof(*differences), compare_sizes);
    for (int first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count; next++)
            if (fabs(differences[next]) > fabs(differences[first])) break;
        for (int i = first; i < next; i++)
            ranks[i] = first + next + 1; /* (first + 1 + next) / 2, twice */
    }
}

double signed_rank_p(const double *differences, int count) {
    double *some = xcalloc((size_t)count + 1, sizeof(*some));
    int *ranks = xcalloc((size_t)count + 1, sizeof(*ranks));
    int kept = 0, up = 0, down = 0;
    for (int i = 0; i < count; i++)
        if (differences[i] != 0) some[kept++] = differences[i];
    rank_sizes(some, kept, ranks);
    for (int i = 0; i < kept; i++) *(some[i] > 0 ? &up : &down) += ranks[i];
    double p = kept == 0 ? 1 : 2 * chance_up_to(ranks, kept, up < down ? up : down);
    free(some);
    free(ranks);
    return p < 1 ? p : 1;
}

/* --- the estimate ----------------------------------------------------------------------------- */

/* How many of the sorted means lie outside of the interval on either side: the largest number for which the
 * chance of a sum of ranks below it is at most `tail`. */
static int means_outside(int count, double tail) {
    int *ranks = xcalloc((size_t)count, sizeof(*ranks)), most = count * (count + 1) / 2, sum = 0;
    for (int i = 0; i < count; i++) ranks[i] = i + 1;
    double *chances = sum_chances(ranks, count, most), below = chances[0];
    while (below <= tail) below += chances[++sum];
    free(chances);
    free(ranks);
    return sum;
}

struct shift signed_rank_shift(const double *differences, int count, double confidence) {
    int means = count * (count + 1) / 2, kept = 0;
    double *all = xcalloc((size_t)means, sizeof(*all));
    for (int i = 0; i < count; i++)
        for (int k = 0; k <= i; k++) all[kept++] = (differences[i] + differences[k]) / 2;
    sort_values(all, means);
    int outside = means_outside(count, (1 - confidence) / 2);
    struct shift shift = {median(all, means), -INFINITY, INFINITY};
    if (outside > 0) {
        shift.low = all[outside - 1];
        shift.high = all[means - outside];
    }
    free(all);
    return shift;
}

/* --- how much is found ------------------------------------------------------------------------ */

#define OF_A_NORMAL 1.4826 /* a normal distribution's deviation / median distance to its median */

double scatter(const double *differences, int count) {
    double *distances = xcalloc((size_t)count + 1, sizeof(*distances));
    double middle = median(differences, count);
    for (int i = 0; i < count; i++) distances[i] = fabs(differences[i] - middle);
    double deviation = count == 0 ? 0 : OF_A_NORMAL * median(distances, count);
    free(distances);
    return deviation;
}

static double normal_below(double z) { return erfc(-z / M_SQRT2) / 2; }

/* The chance that a sum of two, and of two with one in common, are both above 0, for normal differences whose mean
 * is `effect` deviations: by Simpson's rule over the one in common. */
static double both_above(double effect) {
    enum { STEPS = 200 };
    double sum = 0, width = 16.0 / STEPS;
    for (int i = 0; i <= STEPS; i++) {
        double x = -8 + i * width, other = normal_below(x + 2 * effect);
        double density = exp(-x * x / 2) / sqrt(2 * M_PI);
        sum += (i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2) * density * other * other;
    }
    return sum * width / 3;
}

/* How often the sum of the positive ranks is above all but `tail` of those by chance: its mean and variance where
 * the differences have an effect (Hollander et al., 3.1, comment 12), and the exact rank that it must reach. */
static double significant_share(double effect, int count, double tail) {
    double n = count, one = normal_below(effect), two = normal_below(M_SQRT2 * effect);
    double mean = n * one + n * (n - 1) / 2 * two;
    double variance = n * one * (1 - one) +
                      n * (n - 1) / 2 * (2 * (one - two) * (one - two) + 3 * two * (1 - two)) +
                      n * (n - 1) * (n - 2) * (both_above(effect) - two * two);
    double reached = n * (n + 1) / 2 - (means_outside(count, tail) - 1);
    if (variance <= 0) return mean >= reached ? 1 : 0;
    return normal_below((mean - reached + 0.5) / sqrt(variance));
}

/* That it is significant and that the estimate is large enough happen together: the rarer of the two decides. The
 * estimate's own deviation is that of a mean / sqrt(3 / pi), the efficiency of ranks. */
double signed_rank_power(double shift, double deviation, int count, double alpha, double least) {
    if (ldexp(2, -count) > alpha) return 0; /* not even if all have one sign */
    if (deviation <= 0) return shift > least && shift > 0 ? 1 : 0;
    double error = deviation * sqrt(M_PI / 3 / count);
    return fmin(significant_share(shift / deviation, count, alpha / 2),
                normal_below((shift - least) / error));
}
