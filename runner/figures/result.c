/* What a trial leaves behind, in growing arrays: a trial has some sixty metrics, so finding one by
 * walking them is good enough. */
#include "figures/result.h"

#include "base/memory.h"

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
    free(result->reason);
    *result = (struct result){0};
}

/* Makes room for one more of something: doubles when the count reaches a power of two. */
static void *grown(void *array, int count, size_t size) {
    if ((count & (count - 1)) != 0) return array;
    size_t room = count == 0 ? 1 : 2 * (size_t)count;
    return xrealloc(array, room * size);
}

static struct metric *find_metric(const struct result *result, const char *name) {
    for (int i = 0; i < result->metric_count; i++)
        if (strcmp(result->metrics[i].name, name) == 0) return &result->metrics[i];
    return NULL;
}

void result_metric_interval(struct result *result, const char *name, const char *unit, double value,
                            double low, double high) {
    struct metric *metric = find_metric(result, name);
    if (metric == NULL) {
        result->metrics = grown(result->metrics, result->metric_count, sizeof *result->metrics);
        metric = &result->metrics[result->metric_count++];
        metric->name = xstrdup(name);
    }
    metric->unit = unit;
    metric->value = value;
    metric->low = low;
    metric->high = high;
}

void result_metric(struct result *result, const char *name, const char *unit, double value) {
    result_metric_interval(result, name, unit, value, NAN, NAN);
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
        grown(result->histograms, result->histogram_count, sizeof *result->histograms);
    struct named_histogram *added = &result->histograms[result->histogram_count++];
    added->name = xstrdup(name);
    added->histogram = histogram_new();
    return added->histogram;
}

void result_point(struct result *result, int64_t t_ms, char *name, double value) {
    result->points = grown(result->points, result->point_count, sizeof *result->points);
    result->points[result->point_count++] = (struct point){t_ms, name, value};
}

void result_report(struct result *result, const char *role, int process, json_t *json) {
    result->reports = grown(result->reports, result->report_count, sizeof *result->reports);
    result->reports[result->report_count++] = (struct process_report){role, process, json};
}
