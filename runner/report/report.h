/* The report: one self-contained HTML page about an experiment, with its charts. */
#ifndef PUSHPULL_RUNNER_REPORT_H
#define PUSHPULL_RUNNER_REPORT_H

#include "base/memory.h"

#include <sqlite3.h>
#include <stdint.h>

/* Draws the charts into DIRECTORY/charts/, writes DIRECTORY/report-ID.html and a copy of it,
 * report.html, and names it on stdout. The experiment 0 is the newest. Without gnuplot there are
 * no charts, and one sentence says so. Returns 0, or -1 after a line on stderr. */
int report_write(sqlite3 *, int64_t experiment_id, const char *directory);

/* --- parts of the page, for report.c --- */

void report_head(struct buffer *, sqlite3 *, int64_t experiment_id);        /* title, question */
void report_highlights(struct buffer *, sqlite3 *, int64_t experiment_id);  /* in short */
void report_table(struct buffer *, sqlite3 *, int64_t experiment_id);       /* a row a cell */
void report_all_metrics(struct buffer *, sqlite3 *, int64_t experiment_id); /* folded away */
void report_verdicts(struct buffer *, sqlite3 *, int64_t experiment_id);
void report_environment(struct buffer *, sqlite3 *, int64_t experiment_id);
void report_repeat(struct buffer *, sqlite3 *, int64_t experiment_id); /* how to run it again */

#endif
