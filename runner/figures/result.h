/* What a trial leaves behind: the runner fills it in, the store keeps it. */
#ifndef PUSHPULL_RESULT_H
#define PUSHPULL_RESULT_H

#include "figures/role.h"
#include "model/histogram.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* One named figure. low and high are NAN where there is no interval. */
struct metric {
    char *name;
    const char *unit; /* static text, from the table of metrics */
    double value, low, high;
};

/* A histogram over all processes of the trial. */
struct named_histogram {
    char *name;
    struct histogram *histogram; /* ns */
};

/* One point of a time series: what a program said of itself in one of its seconds. */
struct point {
    int64_t t_ms;     /* since the window opened; negative in the warm-up */
    const char *role; /* static text */
    int process;
    char *name;
    double value;
};

/* Why figures of a trial may not be believed, and which. */
struct doubt {
    const char *verdict; /* static text, see schema.sql */
    const char
        *takes;   /* "latency|parts": groups of metrics; "" none, it is a remark; static text */
    char *reason; /* in words and numbers */
};

/* One program's own report. */
struct process_report {
    const char *role; /* "server", "client"; static text */
    int process;
    json_t *json;
};

/* Zeroed is empty. */
struct result {
    const char *status;   /* "done" or "failed"; static text */
    const char *verdict;  /* that of the first doubt, or "valid"; static text */
    char *reason;         /* of all doubts; NULL when valid */
    double seconds;       /* how long the whole trial took */
    struct doubt *doubts; /* the gravest first */
    int doubt_count;
    struct metric *metrics;
    int metric_count;
    struct named_histogram *histograms;
    int histogram_count;
    struct point *points;
    int point_count;
    struct process_report *reports;
    int report_count;
};

/* What the runner knows of a trial besides the reports. */
struct trial_facts {
    int subscribers;
    double kernel_bytes; /* growth of kernel memory while connecting; NAN unknown */
    /* "client 1": who ended before the time, as the scenario allows. Or NULL. */
    const char *ended_early;
    bool visited;        /* another run measured on this machine at the same time */
    const char *failure; /* why the trial failed, or NULL */
};

void result_free(struct result *);

/* Adds a metric; one of that name that exists already is replaced. `name` is copied. Its unit is the
 * table's (metric_kinds.h); what is not there is a count. */
void result_metric(struct result *, const char *name, double value);
void result_metric_interval(struct result *, const char *name, double value, double low,
                            double high);
/* The value of a metric, or NAN. */
double result_value(const struct result *, const char *name);
/* The histogram of this name, or NULL. */
struct histogram *result_histogram(const struct result *, const char *name);
/* The same; a new, empty one when there is none. */
struct histogram *result_histogram_add(struct result *, const char *name);
/* `name` is copied. */
void result_point(struct result *, int64_t t_ms, const char *role, int process, const char *name,
                  double value);
/* Takes over `json`. */
void result_report(struct result *, const char *role, int process, json_t *json);
/* The report of the first program of a role, or NULL: none took part. */
const json_t *result_report_of(const struct result *, const char *role);
/* A time in ns from the report of a program; 0 where there is none (no result, NULL, among that). */
int64_t result_told_ns(const struct result *, enum role, int process, const char *field);

#endif
