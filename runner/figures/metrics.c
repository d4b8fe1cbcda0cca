/* The metrics, from the reports. In order: adding up, histograms, the figures by group. The
 * verdict is in verdict.c. */
#include "figures/metrics.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ============================== adding up ============================== */

static double number(const json_t *object, const char *field) {
    return json_number_value(json_object_get(object, field));
}

/* The sum of a field over all processes of a role. */
static double total(const struct result *result, const char *role, const char *field) {
    double sum = 0;
    for (int i = 0; i < result->report_count; i++)
        if (strcmp(result->reports[i].role, role) == 0)
            sum += number(result->reports[i].json, field);
    return sum;
}

static double total_wire(const struct result *result, const char *field) {
    double sum = 0;
    for (int i = 0; i < result->report_count; i++)
        sum += number(json_object_get(result->reports[i].json, "wire"), field);
    return sum;
}

static double greatest(const struct result *result, const char *role, const char *field) {
    double most = 0;
    for (int i = 0; i < result->report_count; i++)
        if (strcmp(result->reports[i].role, role) == 0)
            most = fmax(most, number(result->reports[i].json, field));
    return most;
}

/* A quotient without a denominator is no metric. */
static void ratio(struct result *result, const char *name, const char *unit, double numerator,
                  double denominator) {
    if (denominator > 0) result_metric(result, name, unit, numerator / denominator);
}

/* ============================== histograms ============================== */

static void merge_histograms(struct result *result) {
    for (int i = 0; i < result->report_count; i++) {
        const char *name;
        json_t *histogram;
        json_object_foreach(json_object_get(result->reports[i].json, "histograms"), name,
                            histogram) {
            const char *data = json_string_value(json_object_get(histogram, "data"));
            if (data == NULL ||
                histogram_from_base64(result_histogram_add(result, name), data) != 0)
                log_warn("the histogram %s of %s %d is malformed", name, result->reports[i].role,
                         result->reports[i].process);
        }
    }
}

int metrics_quantile_interval(double n, double p, double *low, double *high) {
    double half = 1.96 * sqrt(n * p * (1 - p));
    double low_rank = floor(n * p - half), high_rank = ceil(n * p + half);
    if (low_rank < 1 || high_rank >= n) return -1;
    *low = low_rank / n;
    *high = high_rank / n;
    return 0;
}

static double quantile_us(const struct histogram *histogram, double quantile) {
    return (double)histogram_quantile(histogram, quantile) / NS_PER_US;
}

/* What one sample is, for the intervals: where every subscriber gets the same event at about the
 * same time, the event, not the delivery. */
static double sample_count(const struct named_histogram *named, double events) {
    static const char *const by_event[] = {"delivery_latency", "service_latency", "ask_wait",
                                           "client_queue", "server_work"};
    for (size_t i = 0; i < sizeof by_event / sizeof by_event[0]; i++)
        if (strcmp(named->name, by_event[i]) == 0) return events;
    return (double)histogram_count(named->histogram);
}

static void add_quantile(struct result *result, const struct named_histogram *named,
                         const char *suffix, double quantile, double samples) {
    double low, high, low_us = NAN, high_us = NAN;
    char *name = xasprintf("%s_%s_us", named->name, suffix);
    if (metrics_quantile_interval(samples, quantile, &low, &high) == 0) {
        low_us = quantile_us(named->histogram, low);
        high_us = quantile_us(named->histogram, high);
    }
    result_metric_interval(result, name, "us", quantile_us(named->histogram, quantile), low_us,
                           high_us);
    free(name);
}

static void add_value(struct result *result, const struct named_histogram *named,
                      const char *suffix, double ns) {
    char *name = xasprintf("%s_%s_us", named->name, suffix);
    result_metric(result, name, "us", ns / NS_PER_US);
    free(name);
}

static void histogram_metrics(struct result *result, double events) {
    for (int i = 0; i < result->histogram_count; i++) {
        const struct named_histogram *named = &result->histograms[i];
        double samples = sample_count(named, events);
        if (histogram_count(named->histogram) == 0) continue;
        add_value(result, named, "mean", histogram_mean(named->histogram));
        add_value(result, named, "max", (double)histogram_max(named->histogram));
        add_quantile(result, named, "p50", 0.5, samples);
        add_quantile(result, named, "p90", 0.9, samples);
        add_quantile(result, named, "p99", 0.99, samples);
        add_quantile(result, named, "p999", 0.999, samples);
    }
}

/* ============================== the figures ============================== */

/* The strategies' own counters come first: should one bear the name of a metric, the metric wins. */
static void counter_metrics(struct result *result) {
    for (int i = 0; i < result->report_count; i++) {
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(result->reports[i].json, "counters"), name, value) {
            double before = result_value(result, name);
            result_metric(result, name, "count",
                          json_number_value(value) + (isnan(before) ? 0 : before));
        }
    }
}

/* What the clients counted, added over them. */
static void count_metrics(struct result *result) {
    static const char *const names[] = {"deliveries",      "duplicates", "reordered",  "malformed",
                                        "empty_responses", "requests",   "reconnects", "errors",
                                        "stamps_dropped",  "refusals",   "missed",     "resets"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        result_metric(result, names[i], "count", total(result, "client", names[i]));
}

static void ledger_metrics(struct result *result, const struct trial_facts *facts, double seconds) {
    double events = greatest(result, "server", "events"); /* all servers publish the same */
    double deliveries = result_value(result, "deliveries");
    double expected = events * facts->subscribers;
    result_metric(result, "events", "count", events);
    result_metric(result, "subscribers", "count", facts->subscribers);
    result_metric(result, "expected", "count", expected);
    result_metric(result, "lost", "count", expected - deliveries);
    ratio(result, "deliveries_per_second", "1/s", deliveries, seconds);
    ratio(result, "requests_per_delivery", "ratio", result_value(result, "requests"), deliveries);
    ratio(result, "payload_bytes_per_delivery", "bytes", total(result, "client", "payload_bytes"),
          deliveries);
}

static void age_metrics(struct result *result) {
    ratio(result, "age_mean_us", "us", 1e6 * total(result, "client", "age_integral"),
          total(result, "client", "age_seconds"));
    ratio(result, "age_peak_us", "us", 1e6 * total(result, "client", "age_peak_sum"),
          total(result, "client", "age_peaks"));
}

static void wire_metrics(struct result *result, const struct trial_facts *facts, double seconds) {
    double up = total_wire(result, "bytes_up"), down = total_wire(result, "bytes_down");
    result_metric(result, "wire_bytes_up", "bytes", up);
    result_metric(result, "wire_bytes_down", "bytes", down);
    result_metric(result, "segments", "count",
                  total_wire(result, "segments_up") + total_wire(result, "segments_down"));
    ratio(result, "wire_bytes_per_delivery", "bytes", up + down,
          result_value(result, "deliveries"));
    ratio(result, "wire_bytes_per_subscriber_second", "bytes", up + down,
          facts->subscribers * seconds);
}

/* The mean latency taken apart: what the schedule, the waiting for a question, the server and the
 * client's own queue do not account for is the way between them. */
static void transit_metric(struct result *result) {
    static const char *const parts[] = {"schedule_lag_mean_us", "ask_wait_mean_us",
                                        "server_work_mean_us", "client_queue_mean_us"};
    double rest = result_value(result, "delivery_latency_mean_us");
    if (isnan(result_value(result, "server_work_mean_us"))) return;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        double part = result_value(result, parts[i]);
        if (!isnan(part)) rest -= part;
    }
    if (!isnan(rest)) result_metric(result, "transit_mean_us", "us", rest);
}

static void put(struct result *result, const char *role, const char *suffix, const char *unit,
                double numerator, double denominator) {
    char *name = xasprintf("%s_%s", role, suffix);
    ratio(result, name, unit, numerator, denominator);
    free(name);
}

/* Memory that did not grow measurably is 0: a process may give pages back meanwhile. */
static double grown(const struct result *result, const char *role) {
    return fmax(0, total(result, role, "resident_bytes_connected") -
                       total(result, role, "resident_bytes_ready"));
}

static void cost_metrics(struct result *result, const char *role, const struct trial_facts *facts,
                         double seconds) {
    double cpu_ns = total(result, role, "cpu_ns");
    put(result, role, "cpu_us_per_delivery", "us", cpu_ns / NS_PER_US,
        result_value(result, "deliveries"));
    put(result, role, "cpu_utilisation", "cores", cpu_ns / NS_PER_SECOND, seconds);
    put(result, role, "cpu_wait", "cores", total(result, role, "cpu_wait_ns") / NS_PER_SECOND,
        seconds);
    put(result, role, "memory_bytes_per_connection", "bytes", grown(result, role),
        facts->subscribers);
}

static void derive(struct result *result, const struct trial_facts *facts) {
    double seconds = greatest(result, "client", "seconds");
    merge_histograms(result);
    counter_metrics(result);
    count_metrics(result);
    ledger_metrics(result, facts, seconds);
    histogram_metrics(result, result_value(result, "events"));
    transit_metric(result);
    age_metrics(result);
    wire_metrics(result, facts, seconds);
    cost_metrics(result, "server", facts, seconds);
    cost_metrics(result, "client", facts, seconds);
    if (!isnan(facts->kernel_bytes))
        ratio(result, "kernel_memory_bytes_per_connection", "bytes", fmax(0, facts->kernel_bytes),
              facts->subscribers);
    result_metric(result, "connect_seconds", "s", greatest(result, "client", "connect_seconds"));
}

void metrics_derive(struct result *result, const struct trial_facts *facts) {
    if (facts->failure == NULL) derive(result, facts);
}
