/* The metrics, from the reports. In order: adding up, histograms, the figures by group. The
 * verdict is in verdict.c. */
#include "figures/metrics.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "figures/metric_kinds.h"
#include "figures/statistics.h"
#include "model/conversation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- adding up -------------------------------------------------------------------------------- */

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
        sum += number(json_object_get(result->reports[i].json, FIELD_WIRE), field);
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
static void ratio(struct result *result, const char *name, double numerator, double denominator) {
    if (denominator > 0) result_metric(result, name, numerator / denominator);
}

/* --- histograms ------------------------------------------------------------------------------- */

static void merge_histograms(struct result *result) {
    for (int i = 0; i < result->report_count; i++) {
        const char *name;
        json_t *histogram;
        json_object_foreach(json_object_get(result->reports[i].json, FIELD_HISTOGRAMS), name,
                            histogram) {
            const char *data = json_string_value(json_object_get(histogram, FIELD_HISTOGRAM_DATA));
            if (data == NULL ||
                histogram_from_base64(result_histogram_add(result, name), data) != 0)
                log_warn("the histogram %s of %s %d is malformed", name, result->reports[i].role,
                         result->reports[i].process);
        }
    }
}

static double in_us(double ns) { return ns / NS_PER_US; }

static double quantile_us(const struct histogram *histogram, double quantile) {
    return in_us((double)histogram_quantile(histogram, quantile));
}

static void quantile_metric(struct result *result, const char *name,
                            const struct histogram *histogram, double quantile, double samples) {
    double low, high, low_us = NAN, high_us = NAN;
    if (quantile_interval(samples, quantile, &low, &high) == 0) {
        low_us = quantile_us(histogram, low);
        high_us = quantile_us(histogram, high);
    }
    result_metric_interval(result, name, quantile_us(histogram, quantile), low_us, high_us);
}

/* A histogram that is empty has no figures, and one that is not in the table none either: a strategy's
 * own stays a histogram. */
static void histogram_metrics(struct result *result, double events) {
    struct metric_id id = {0};
    char name[METRIC_NAME_SIZE];
    while (metric_next(&id)) {
        const struct histogram *h = result_histogram(result, id.kind->name);
        if (id.kind->samples == SINGLE || h == NULL || histogram_count(h) == 0) continue;
        double samples = id.kind->samples == PER_EVENT ? events : (double)histogram_count(h);
        metric_name(name, id);
        if (id.statistic == MEAN)
            result_metric(result, name, in_us(histogram_mean(h)));
        else if (id.statistic == MAX)
            result_metric(result, name, in_us((double)histogram_max(h)));
        else
            quantile_metric(result, name, h, metric_fraction(id), samples);
    }
}

/* --- the figures ------------------------------------------------------------------------------ */

/* The strategies' own counters come first: should one bear the name of a metric, the metric wins. */
static void counter_metrics(struct result *result) {
    for (int i = 0; i < result->report_count; i++) {
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(result->reports[i].json, FIELD_COUNTERS), name, value) {
            double before = result_value(result, name);
            result_metric(result, name, json_number_value(value) + (isnan(before) ? 0 : before));
        }
    }
}

/* What the programs counted, added over them. Without a link there is nothing of it to count. */
static void sum_metrics(struct result *result) {
    for (const struct metric_kind *kind = metric_kinds; kind->name != NULL; kind++)
        if (kind->sum_over != NULL && result_report_of(result, kind->sum_over) != NULL)
            result_metric(result, kind->name, total(result, kind->sum_over, kind->name));
}

/* The base of a comparison may be an older build, whose clients do not tell. */
static void arrivals_told(struct result *result) {
    const json_t *client = result_report_of(result, "client");
    if (json_object_get(client, "arrivals") == NULL)
        result_metric(result, "arrivals", result_value(result, "deliveries"));
}

static void ledger_metrics(struct result *result, const struct trial_facts *facts, double seconds) {
    double events = greatest(result, "server", FIELD_EVENTS); /* all servers publish the same */
    double deliveries = result_value(result, "deliveries");
    double expected = events * facts->subscribers;
    arrivals_told(result);
    result_metric(result, "events", events);
    result_metric(result, "subscribers", facts->subscribers);
    result_metric(result, "expected", expected);
    result_metric(result, "lost", expected - deliveries);
    ratio(result, "deliveries_per_second", deliveries, seconds);
    ratio(result, "requests_per_delivery", result_value(result, "requests"),
          result_value(result, "arrivals"));
}

static void age_metrics(struct result *result) {
    ratio(result, "age_mean_us", 1e6 * total(result, "client", FIELD_AGE_INTEGRAL),
          total(result, "client", FIELD_AGE_SECONDS));
    ratio(result, "age_peak_us", 1e6 * total(result, "client", FIELD_AGE_PEAK_SUM),
          total(result, "client", FIELD_AGE_PEAKS));
    ratio(result, "age_least_us", 1e6 * total(result, "server", FIELD_LEAST_AGE_INTEGRAL),
          total(result, "server", FIELD_LEAST_AGE_SECONDS));
}

/* The bytes per delivery, whole and taken apart. What the sockets carried between two readings of their figures
 * is not what was due in the window: it is divided by what arrived between them, as all that they cost is, and
 * the payload is subtracted that arrived. */
static void add_byte_parts(struct result *result, double bytes) {
    double arrivals = result_value(result, "arrivals");
    double carried = total(result, "client", FIELD_CARRIED_PAYLOAD_BYTES);
    double headers = total_wire(result, FIELD_WIRE_DATA_HEADERS);
    double data = total_wire(result, FIELD_WIRE_DATA_UP) + total_wire(result, FIELD_WIRE_DATA_DOWN);
    ratio(result, "wire_bytes_per_delivery", bytes, arrivals);
    ratio(result, "payload_bytes_per_delivery", total(result, "client", FIELD_PAYLOAD_BYTES),
          result_value(result, "deliveries"));
    ratio(result, "overhead_bytes_per_delivery", bytes - carried, arrivals);
    ratio(result, "framing_bytes_per_delivery", data - carried, arrivals);
    ratio(result, "header_bytes_per_delivery", headers, arrivals);
    ratio(result, "acknowledgement_bytes_per_delivery", bytes - data - headers, arrivals);
}

static void wire_metrics(struct result *result, const struct trial_facts *facts, double seconds) {
    double up = total_wire(result, FIELD_WIRE_BYTES_UP),
           down = total_wire(result, FIELD_WIRE_BYTES_DOWN);
    result_metric(result, "wire_bytes_up", up);
    result_metric(result, "wire_bytes_down", down);
    result_metric(result, "segments",
                  total_wire(result, FIELD_WIRE_SEGMENTS_UP) +
                      total_wire(result, FIELD_WIRE_SEGMENTS_DOWN));
    add_byte_parts(result, up + down);
    ratio(result, "wire_bytes_per_subscriber_second", up + down, facts->subscribers * seconds);
}

/* The mean latency taken apart: what the schedule, the waiting for a question and the server do not account
 * for is the way between them. */
static void transit_metric(struct result *result) {
    static const char *const parts[] = {
        "schedule_lag_mean_us",
        "ask_wait_mean_us",
        "server_work_mean_us",
    };
    double rest = result_value(result, "delivery_latency_mean_us");
    if (isnan(result_value(result, "server_work_mean_us"))) return;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        double part = result_value(result, parts[i]);
        if (!isnan(part)) rest -= part;
    }
    if (!isnan(rest)) result_metric(result, "transit_mean_us", rest);
}

static void put(struct result *result, const char *role, const char *suffix, double numerator,
                double denominator) {
    char *name = xasprintf("%s_%s", role, suffix);
    ratio(result, name, numerator, denominator);
    free(name);
}

/* Memory that did not grow measurably is 0: a process may give pages back meanwhile. */
static double grown(const struct result *result, const char *role) {
    return fmax(0, total(result, role, FIELD_RESIDENT_BYTES_CONNECTED) -
                       total(result, role, FIELD_RESIDENT_BYTES_READY));
}

/* Whether the programs say this of themselves: models have no memory, and wait for no processor. */
static bool is_told(const struct result *result, const char *role, const char *field) {
    return json_object_get(result_report_of(result, role), field) != NULL;
}

static void cost_metrics(struct result *result, const char *role, const struct trial_facts *facts,
                         double seconds) {
    double cpu_ns = total(result, role, FIELD_CPU_NS);
    put(result, role, "cpu_us_per_delivery", cpu_ns / NS_PER_US, result_value(result, "arrivals"));
    put(result, role, "cpu_utilisation", cpu_ns / NS_PER_SECOND, seconds);
    if (is_told(result, role, FIELD_CPU_WAIT_NS))
        put(result, role, "cpu_wait", total(result, role, FIELD_CPU_WAIT_NS) / NS_PER_SECOND,
            seconds);
    if (is_told(result, role, FIELD_RESIDENT_BYTES_CONNECTED))
        put(result, role, "memory_bytes_per_connection", grown(result, role), facts->subscribers);
}

/* What the link was before the servers started: "round_trip_us" is link_round_trip_us. */
static void calibration_metrics(struct result *result, const json_t *report) {
    const json_t *entry;
    size_t i;
    json_array_foreach(json_object_get(report, FIELD_CALIBRATION), i, entry) {
        const json_t *got = json_object_get(entry, FIELD_GOT);
        char *name = xasprintf("link_%s", json_string_value(json_object_get(entry, FIELD_NAME)));
        struct metric_id id;
        if (json_is_number(got) && metric_find(name, &id))
            result_metric(result, name, json_number_value(got));
        free(name);
    }
}

static void link_metrics(struct result *result, const struct trial_facts *facts, double seconds) {
    static const char *const role = "link";
    const json_t *report = result_report_of(result, role);
    if (report == NULL) return;
    calibration_metrics(result, report);
    double user_seconds = facts->subscribers * seconds;
    ratio(result, "link_bytes_per_delivery", result_value(result, "link_bytes"),
          result_value(result, "arrivals"));
    /* A connection stands for its user's radio; where users have several, nobody knows whose woke up. */
    if (total(result, role, FIELD_RADIO_USERS) > facts->subscribers) return;
    ratio(result, "radio_wakeups_per_hour", 3600 * result_value(result, "radio_wakeups"),
          user_seconds);
    /* The window of the link ends some microseconds after that of the clients. */
    ratio(result, "radio_awake", fmin(total(result, role, FIELD_RADIO_AWAKE_SECONDS), user_seconds),
          user_seconds);
}

static void derive(struct result *result, const struct trial_facts *facts) {
    double seconds = greatest(result, "client", FIELD_SECONDS);
    merge_histograms(result);
    counter_metrics(result);
    sum_metrics(result);
    ledger_metrics(result, facts, seconds);
    histogram_metrics(result, result_value(result, "events"));
    transit_metric(result);
    age_metrics(result);
    wire_metrics(result, facts, seconds);
    link_metrics(result, facts, seconds);
    cost_metrics(result, "server", facts, seconds);
    cost_metrics(result, "client", facts, seconds);
    if (!isnan(facts->kernel_bytes))
        ratio(result, "kernel_memory_bytes_per_connection", fmax(0, facts->kernel_bytes),
              facts->subscribers);
    result_metric(result, "connect_seconds", greatest(result, "client", FIELD_CONNECT_SECONDS));
}

void metrics_derive(struct result *result, const struct trial_facts *facts) {
    if (facts->failure == NULL) derive(result, facts);
}
