/* A metric over time: all experiments of a scenario on machines like the newest one's. For people: experiments of
 * different days are no pairs, and a machine changes too. */
#ifndef PUSHPULL_TREND_H
#define PUSHPULL_TREND_H

#include <sqlite3.h>

/* Prints a line for each experiment and where each strategy's figure changed, and draws RESULTS/trend-METRIC.svg (and
 * other formats, of chart/draw.h; 0: no chart). `scenario` is NULL for the newest experiment's. Returns the exit
 * status. */
int trend_tell(sqlite3 *, const char *metric, const char *scenario, const char *results,
               int formats);

#endif
