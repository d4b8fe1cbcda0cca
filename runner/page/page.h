/* The report: one self-contained HTML page about an experiment, with its charts. */
#ifndef PUSHPULL_PAGE_H
#define PUSHPULL_PAGE_H

#include <sqlite3.h>
#include <stdint.h>

/* Draws the charts into DIRECTORY/charts/, writes DIRECTORY/report-EXPERIMENT.html and a copy of it,
 * report.html, and names it on stdout. The experiment 0 is the newest. Without gnuplot there are
 * no charts, and one sentence says so. Returns 0, or -1 after a line on stderr. */
int page_write(sqlite3 *, int64_t experiment_id, const char *directory, int chart_formats);

#endif
