/* The table of metrics: every figure that a trial can have, one row each. What reads metrics walks it: the
 * programs' reports are added up by it, it lies beside the results in the database (metric_kind), and the
 * final table, the sentences in short, the line of a trial, the charts' axes and the handbook are made
 * from it. A new metric is a row here and the place that computes it.
 *
 * A counter of a strategy's own (polls_skipped) is a metric as well, but has no row: it is a plain count.
 * A histogram without a row is stored as it is, and has no figures. */
#ifndef PUSHPULL_METRIC_KINDS_H
#define PUSHPULL_METRIC_KINDS_H

#include <stdbool.h>

/* What a metric is about. A verdict takes whole groups (verdict.c). */
#define METRIC_GROUPS                                                                              \
    "latency|parts|generator|freshness|bytes|work|server_cpu|client_cpu|memory|connections|"       \
    "ledger|link"

enum better { LESS, MORE, NEITHER };

/* What a verdict can take besides: of all groups what is rare, 99th percentiles and beyond (views.sql). */
#define METRIC_TAILS "tails"

/* A single figure, or six of a histogram. What one sample of the histogram is decides how far its
 * quantiles may be trusted: where every subscriber gets the same event at about the same time, the event
 * is the sample, not the delivery. */
enum samples { SINGLE, PER_EVENT, PER_VALUE };

/* The figures of a histogram. A single figure has the first place alone. */
enum statistic { MEAN, P50, P90, P99, P999, MAX, STATISTIC_COUNT };

/* Where people see it without asking; NULL where they do not. */
struct metric_shown {
    const char *heading;  /* in the final table: over its column */
    const char *over;     /* ... and over the headings of neighbours that share it */
    const char *question; /* in short: what is compared */
    const char *progress; /* in the line of each trial */
    const char *legend;   /* below the final table: what the column says */
};

struct metric_kind {
    const char *name;  /* of a histogram: without the statistic and the unit */
    const char *unit;  /* us, s, bytes, count, 1/s, ratio, cores; of a histogram's figures: us */
    const char *group; /* one of METRIC_GROUPS */
    const char *title; /* on an axis; of a histogram: without the statistic */
    const char *what;  /* for the handbook, in its markdown */
    const char *how;   /* the same: how it is obtained */
    /* The role whose reports have a field of this name: the metric is its sum. Or NULL. */
    const char *sum_over;
    enum better better;
    enum samples samples;
    bool gated[STATISTIC_COUNT]; /* whether CI asks for it where a scenario has no [gate] */
    struct metric_shown shown[STATISTIC_COUNT];
};

/* The change for the worse that is too small to matter between two builds: both must be exceeded. */
struct tolerance {
    double share; /* of the base's figure: 0.05 is 5 % */
    double least; /* in the metric's unit */
};

extern const struct metric_kind metric_kinds[]; /* ends with a NULL name */

/* One metric. */
struct metric_id {
    const struct metric_kind *kind;
    enum statistic statistic;
};

#define METRIC_NAME_SIZE 64 /* room for every name and title made here */

/* Walks all metrics: `struct metric_id id = {0}; while (metric_next(&id)) ...` */
bool metric_next(struct metric_id *);
/* "delivery_latency_p50_us". Returns `out`. */
const char *metric_name(char out[METRIC_NAME_SIZE], struct metric_id);
/* "median delivery latency". Returns `out`. */
const char *metric_title(char out[METRIC_NAME_SIZE], struct metric_id);
/* Which quantile it is: 0.5 for a median, 0.99 for a p99; 0 for what is none. (metrics.c computes it.) */
double metric_fraction(struct metric_id);
const struct metric_shown *metric_shown(struct metric_id);
/* What the table says of its group: what a gate allows where the scenario says nothing else. */
struct tolerance metric_tolerance(struct metric_id);
/* Whether it counts what must not happen at all: lost deliveries, errors. There any is too much. */
bool metric_is_mishap(struct metric_id);
/* Whether it is counted and not timed: like runs agree to a percent, and a busy machine changes nothing. */
bool metric_is_count(struct metric_id);
/* The metric of this name; false when there is none. */
bool metric_find(const char *name, struct metric_id *);

#endif
