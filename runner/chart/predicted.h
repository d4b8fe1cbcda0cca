/* The prediction in charts: where each trial has a simulated twin, or somebody has guessed figures, a chart's query is
 * asked again, of the twins or the guesses. All answers have the same columns, and the chart draws what was measured as
 * marks, the twins as lines, guesses as diamonds. */
#ifndef PUSHPULL_CHART_PREDICTED_H
#define PUSHPULL_CHART_PREDICTED_H

#include "chart/data.h"

/* Writes DIRECTORY/NAME.predicted.tsv and NAME.guessed.tsv of each chart that draws a prediction and has one, and tells
 * the chart of which strategies (`predicted`, `guessed`). Where there are none it does nothing. The experiment's
 * snapshot must be there (sql_snapshot); it is as before when this is over. Returns 0, or -1 after a line on stderr. */
int charts_predict(struct chart_set *, const struct chart_context *);

#endif
