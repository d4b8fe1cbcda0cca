/* The forms that a verdict is told in. All write the whole to a file that is open. */
#ifndef PUSHPULL_COMPARE_FORMATS_H
#define PUSHPULL_COMPARE_FORMATS_H

#include "compare/gate.h"
#include "report/table.h"

#include <stdio.h>

/* For people: the verdict, a table, how much would have been found. */
void format_text(FILE *, const struct gate *, sqlite3 *);
/* The same for a page (GitHub's flavour). */
void format_markdown(FILE *, const struct gate *, sqlite3 *);
/* Everything: tests/schemas/regression.json describes it. */
void format_json(FILE *, const struct gate *, sqlite3 *);
/* A test case for each figure; what is undecided is skipped. The schema is that of Jenkins' xunit plugin. */
void format_junit(FILE *, const struct gate *, sqlite3 *);
/* The candidate's figures as Bencher takes them (bencher.dev, Bencher Metric Format): times in nanoseconds. */
void format_bmf(FILE *, const struct gate *, sqlite3 *);
/* The candidate's figures as github-action-benchmark takes them (customSmallerIsBetter). */
void format_benchmark_action(FILE *, const struct gate *, sqlite3 *);

/* The table of all of them; table_free frees it. */
void format_table(struct table *, const struct gate *);
/* The figure's short name: "p50", "bytes", "CPU", "failed trials". Returns `out`. */
const char *format_figure(char out[METRIC_NAME_SIZE], const struct gate_item *);
/* "+1.2 % (-0.8 to +3.1)", "" for what has none. Returns `out`. */
const char *format_change(char out[64], const struct gate_item *);
/* The least change that the pairs of it find, as a share; INFINITY: none; NAN for what needs no test. */
double format_finds(const struct gate *, const struct gate_item *);

#endif
