/* What a trial leaves behind, in growing arrays: a trial has some ninety metrics, so finding one by
 * walking them is good enough. */
#include "figures/result.h"

#include "base/memory.h"
#include "figures/metric_kinds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void result_free(struct result *result) {
    for (int i = 0; i < result->metric_count; i++) free(result->metrics[i].name);
    for (int i = 0; i < result->histogram_count; i++) {
        free(result->histograms[i].name);
        histogram_free(result->histograms[i].histogram);
    }
    for (int i = 0; i < result->point_count; i++) free(result->points[i].name);
    for (int i = 0; i < result->report_count; i++) json_decref(result->reports[i].json);
    free(result->metrics);
    free(result->histograms);
    free(result->points);
    free(result->reports);
    for (int i = 0; i < result->doubt_count; i++) free(result->doubts[i].reason);
    free(result->doubts);
    free(result->reason);
    *result = (struct result){0};
}

static struct metric *find_metric(const struct result *result, const char *name) {
    for (int i = 0; i < result->metric_count; i++)
        if (strcmp(result->metrics[i].name, name) == 0) return &result->metrics[i];
    return NULL;
}

static const char *unit_of(const char *name) {
    struct metric_id id;
    return metric_find(name, &id) ? id.kind->unit : "count";
}

void result_metric_interval(struct result *result, const char *name, double value, double low,
                            double high) {
    struct metric *metric = find_metric(result, name);
    if (metric == NULL) {
        result->metrics =
            xgrow(result->metrics, (size_t)result->metric_count, sizeof(*result->metrics));
        metric = &result->metrics[result->metric_count++];
        *metric = (struct metric){.name = xstrdup(name), .unit = unit_of(name)};
    }
    metric->value = value;
    metric->low = low;
    metric->high = high;
}

void result_metric(struct result *result, const char *name, double value) {
    result_metric_interval(result, name, value, NAN, NAN);
}

double result_value(const struct result *result, const char *name) {
    const struct metric *metric = find_metric(result, name);
    return metric == NULL ? NAN : metric->value;
}

struct histogram *result_histogram(const struct result *result, const char *name) {
    for (int i = 0; i < result->histogram_count; i++)
        if (strcmp(result->histograms[i].name, name) == 0) return result->histograms[i].histogram;
    return NULL;
}

struct histogram *result_histogram_add(struct result *result, const char *name) {
    struct histogram *histogram = result_histogram(result, name);
    if (histogram != NULL) return histogram;
    result->histograms =
        xgrow(result->histograms, (size_t)result->histogram_count, sizeof(*result->histograms));
    struct named_histogram *added = &result->histograms[result->histogram_count++];
    added->name = xstrdup(name);
    added->histogram = histogram_new();
    return added->histogram;
}

void result_point(struct result *result, int64_t t_ms, const char *role, int process,
                  const char *name, double value) {
    result->points = xgrow(result->points, (size_t)result->point_count, sizeof(*result->points));
    result->points[result->point_count++] =
        (struct point){t_ms, role, process, xstrdup(name), value};
}

void result_report(struct result *result, const char *role, int process, json_t *json) {
    result->reports =
        xgrow(result->reports, (size_t)result->report_count, sizeof(*result->reports));
    result->reports[result->report_count++] = (struct process_report){role, process, json};
}

int64_t result_told_ns(const struct result *result, enum role role, int process,
                       const char *field) {
    for (int i = 0; result != NULL && i < result->report_count; i++) {
        const struct process_report *report = &result->reports[i];
        if (strcmp(report->role, role_names[role]) == 0 && report->process == process)
            return json_integer_value(json_object_get(report->json, field));
    }
    return 0;
}

const json_t *result_report_of(const struct result *result, const char *role) {
    for (int i = 0; i < result->report_count; i++)
        if (strcmp(result->reports[i].role, role) == 0) return result->reports[i].json;
    return NULL;
}
