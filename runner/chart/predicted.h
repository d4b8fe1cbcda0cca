/* The prediction in charts: where each trial has a simulated twin, a chart's query is asked twice, of what was
 * measured and of the twins. Both answers have the same columns, and the chart draws one as lines, the other
 * as marks. */
#ifndef PUSHPULL_CHART_PREDICTED_H
#define PUSHPULL_CHART_PREDICTED_H

#include "chart/data.h"

/* Writes DIRECTORY/NAME.predicted.tsv of each chart that draws a prediction and has one, and tells the chart of
 * which strategies (`predicted`). Where there are no twins it does nothing. The experiment's snapshot must be
 * there (sql_snapshot); it is as before when this is over. Returns 0, or -1 after a line on stderr. */
int charts_predict(struct chart_set *, const struct chart_context *);

#endif
