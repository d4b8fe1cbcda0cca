/* Is there a trend in the window? See stationarity.h. */
#include "figures/stationarity.h"

#include "base/median.h"

#include <math.h>

/* Mann & Kendall: of all pairs, how many more rise than fall; in units of its standard deviation,
 * with the usual correction by one for continuity. */
static double mann_kendall(const double *values, int count) {
    int rising = 0;
    double n = count;
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++)
            rising += (values[j] > values[i]) - (values[j] < values[i]);
    double deviation = sqrt(n * (n - 1) * (2 * n + 5) / 18);
    if (rising == 0) return 0;
    return (rising > 0 ? rising - 1 : rising + 1) / deviation;
}

/* Theil & Sen: the median of the slopes of all pairs, per slot. */
static double theil_sen(const double *values, int count) {
    double slopes[STATIONARITY_SLOTS_MAX * (STATIONARITY_SLOTS_MAX - 1) / 2];
    int pairs = 0;
    for (int i = 0; i < count; i++)
        for (int j = i + 1; j < count; j++) slopes[pairs++] = (values[j] - values[i]) / (j - i);
    return median(slopes, pairs);
}

bool stationarity_trend(const double *values, int count, struct trend *trend) {
    if (count < STATIONARITY_SLOTS_MIN || count > STATIONARITY_SLOTS_MAX) return false;
    double middle = median(values, count);
    trend->z = mann_kendall(values, count);
    trend->drift = middle > 0 ? theil_sen(values, count) * (count - 1) / middle : 0;
    return true;
}

bool stationarity_broken(const struct trend *trend) {
    return fabs(trend->z) > STATIONARITY_Z && fabs(trend->drift) > STATIONARITY_DRIFT;
}
