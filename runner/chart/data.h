/* A chart's data: what its query answers, as a file for gnuplot. The query stands in the head of the chart's
 * file, or chart.c makes it there from the `metric` that the head names. */
#ifndef PUSHPULL_CHART_DATA_H
#define PUSHPULL_CHART_DATA_H

#include "chart/chart.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* What a chart needs to be drawn. */
struct chart_context {
    sqlite3 *db;
    int64_t experiment_id;
    const char *directory; /* where its data and pictures go; it exists */
    int formats;           /* of the pictures (draw.h) */
};

/* Whether the experiment has what the chart shows: 1 or 0, or -1 after a line on stderr. */
int chart_applies(const struct chart *, const struct chart_context *);

/* Writes DIRECTORY/NAME.ENDING: a block per strategy, in the strategy table's order, opened by
 * "# strategy" and divided by two empty lines. `series` and `floors` get the strategies that have
 * data, divided by spaces; the caller frees them. A row without its first figure is left out; with `partial`
 * only one without any. Returns how many rows there are, or -1 after a line on stderr. */
int chart_write_data(const struct chart *, const struct chart_context *, const char *ending,
                     bool partial, char **series, char **floors);

/* Where charts and highlights stand: "subscribers = 100, interval_ms = 500", the held values of
 * what varies but for the parameter `except` (or NULL). "" when nothing else varies. The caller frees it. */
char *chart_held(sqlite3 *, int64_t experiment_id, const char *except);

/* Where a chart stands: "" when it shows all cells. The caller frees it. */
char *chart_place(const struct chart *, const struct chart_context *);

#endif
