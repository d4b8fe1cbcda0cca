/* Was the measured window a steady state? A trial whose latency rises all the way through it (a
 * queue that grows, a machine that gets busier) has no one latency that could be reported.
 *
 * Two conditions, both needed. The trend must be no chance: Mann and Kendall's test on the means of
 * the window's slots, which asks for no distribution. And it must matter: Theil and Sen's slope,
 * over the whole window, is more than half of the median. Significance alone would condemn drifts of
 * a per cent that no reader cares about, and slots that resemble their neighbours, as they do behind
 * a queue; size alone would condemn noise. tests/unit/stationarity_test.c measures how often both
 * are met by sequences that are steady. */
#ifndef PUSHPULL_STATIONARITY_H
#define PUSHPULL_STATIONARITY_H

#include <stdbool.h>

#define STATIONARITY_SLOTS_MIN 12 /* below that the test has no power: it says nothing */
#define STATIONARITY_SLOTS_MAX 64
#define STATIONARITY_Z 2.576   /* 1 % of steady sequences would pass this, both sides together */
#define STATIONARITY_DRIFT 0.5 /* of the median, over the whole window */

struct trend {
    double z; /* Mann-Kendall statistic: about normal, 0 without a trend, positive when rising */
    double drift; /* change from the first slot to the last by Theil-Sen's slope, as a part of the
                     median */
};

/* The trend of `count` equally spaced values. Returns false when there are too few to tell. */
bool stationarity_trend(const double *values, int count, struct trend *);

/* Whether the trend is one: significant and large. */
bool stationarity_broken(const struct trend *);

#endif
