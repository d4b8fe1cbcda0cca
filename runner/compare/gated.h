/* What a gate asks for: which metrics, and beyond which change for the worse. A scenario's [gate] says it:
 *
 *     [gate]
 *     delivery_latency_p50_us = 5 % and 10 us   ; both must be exceeded
 *     wire_bytes_per_delivery = 1 %
 *     lost                    = default         ; what the table of metrics says of its group
 *
 * Without that section it is the table's own choice (metric_kinds.c). */
#ifndef PUSHPULL_GATED_H
#define PUSHPULL_GATED_H

#include "figures/metric_kinds.h"

struct gated_metric {
    struct metric_id id;
    struct tolerance tolerance;
};

struct gated {
    struct gated_metric *metrics;
    int count;
};

/* Reads the [gate] of a scenario's text; `where` names the scenario in messages. Returns 0, or EXIT_USAGE after
 * a line on stderr. Free it in either case. */
int gated_read(struct gated *, const char *scenario_text, const char *where);
void gated_free(struct gated *);

#endif
