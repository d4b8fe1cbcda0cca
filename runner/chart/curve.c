/* Percentile curves: see curve.h. */
#include "chart/curve.h"

#include "base/clock.h"
#include "figures/statistics.h"

#include <math.h>
#include <stdlib.h>

#define POINTS_PER_DECADE 25
#define POINTS_BELOW_MEDIAN 7 /* of the decade from 1 to 10; then 10, 100, ... are points */
#define POINTS_MAX 200        /* up to 99.999 999 % */

/* A trial's quantiles in seconds, with their intervals, as far as its events support them. */
struct curve_trial {
    struct point {
        double value, low, high;
    } points[POINTS_MAX];
    int count;
};

static double x_of(int point) {
    return point == 0 ? 2 : pow(10, (double)(point + POINTS_BELOW_MEDIAN) / POINTS_PER_DECADE);
}

static double seconds(const struct histogram *histogram, double quantile) {
    return (double)histogram_quantile(histogram, quantile) / NS_PER_SECOND;
}

void curve_add(struct curve *curve, const struct histogram *histogram, double events) {
    curve->trials = xgrow(curve->trials, (size_t)curve->trial_count, sizeof(*curve->trials));
    struct curve_trial *trial = &curve->trials[curve->trial_count++];
    trial->count = 0;
    if (histogram_count(histogram) == 0) return;
    for (int i = 0; i < POINTS_MAX; i++) {
        double low, high, quantile = 1 - 1 / x_of(i);
        if (quantile_interval(events, quantile, &low, &high) != 0) return;
        trial->points[trial->count++] = (struct point){
            seconds(histogram, quantile), seconds(histogram, low), seconds(histogram, high)};
    }
}

static int compare(const void *a, const void *b) {
    double x = ((const struct point *)a)->value, y = ((const struct point *)b)->value;
    return (x > y) - (x < y);
}

/* The point of all trials; `sorted` has room for one of each. */
static struct point summarise(const struct curve *curve, int point, struct point *sorted) {
    int n = curve->trial_count, k = median_interval_rank(n);
    for (int i = 0; i < n; i++) sorted[i] = curve->trials[i].points[point];
    if (n == 1) return sorted[0]; /* its own interval, from its samples */
    qsort(sorted, (size_t)n, sizeof(*sorted), compare);
    return (struct point){(sorted[(n - 1) / 2].value + sorted[n / 2].value) / 2,
                          sorted[k - 1].value, sorted[n - k].value};
}

int curve_write(const struct curve *curve, const char *strategy, bool believed,
                struct buffer *rows) {
    int points = curve->trial_count > 0 ? POINTS_MAX : 0;
    for (int i = 0; i < curve->trial_count; i++)
        if (curve->trials[i].count < points) points = curve->trials[i].count;
    struct point *sorted = xcalloc((size_t)curve->trial_count + 1, sizeof(*sorted));
    for (int i = 0; i < points; i++) {
        struct point at = summarise(curve, i, sorted);
        buffer_printf(rows, "%s\t%.6g\t%.9g\t%.9g\t%.9g\t%d\n", strategy, x_of(i), at.value, at.low,
                      at.high, believed);
    }
    free(sorted);
    return points;
}

void curve_free(struct curve *curve) {
    free(curve->trials);
    *curve = (struct curve){0};
}
