/* The table of metrics for people: `pushpull metrics`, and the tables in docs/metrics.md. */
#ifndef PUSHPULL_METRIC_LIST_H
#define PUSHPULL_METRIC_LIST_H

#include "figures/metric_kinds.h"

#include <stdbool.h>
#include <stdio.h>

#define METRIC_LIST_GROUPS "all|" METRIC_GROUPS

/* Prints every metric, one line each: its name, unit, group, which way is better, and what it is. With a
 * `group`, or NULL, those of the group alone. */
void metric_list_print(FILE *, const char *group);
/* The same as a table in Markdown, the six figures of a histogram in one row. */
void metric_list_print_markdown(FILE *, const char *group);

#endif
