/* runner/figures/metrics and verdict: from reports to figures */
#include "figures/metric_kinds.h"
#include "figures/metrics.h"
#include "figures/verdict.h"

#include "base/clock.h"
#include "model/conversation.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void judge(struct result *result, const struct trial_facts *facts) {
    metrics_derive(result, facts);
    verdict_give(result, facts);
}

/* A client's report of 100 deliveries whose latencies are 1, 2, ..., 100 ms times `scale`. */
static json_t *client_report(double scale) {
    struct histogram *latency = histogram_new();
    for (int i = 1; i <= 100; i++) histogram_record(latency, (int64_t)(i * scale * NS_PER_MS));
    char *data = histogram_to_base64(latency);
    json_t *report = json_pack(
        "{s:f, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:f, s:i, s:f, s:i, s:i,"
        " s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i}, s:{s:i}, s:{s:{s:s, s:s}}}",
        "seconds", 2.0, "cpu_ns", 200000000, "deliveries", 100, "arrivals", 80, "duplicates", 1,
        "requests", 50, "payload_bytes", 1000, "carried_payload_bytes", 980, "age_integral", 4.0,
        "age_seconds", 8.0, "age_peak_sum", 3.0, "age_peaks", 6, "connect_seconds", 0.5 * scale,
        "resident_bytes_ready", 10000, "resident_bytes_connected", 14000, "wire", "bytes_up", 2000,
        "bytes_down", 8000, "data_up", 1000, "data_down", 7000, "data_headers", 1500, "segments_up",
        7, "segments_down", 13, "counters", "own", 21, "histograms", "delivery_latency", "unit",
        "ns", "data", data);
    histogram_free(latency);
    free(data);
    return report;
}

static json_t *server_report(int events) {
    return json_pack("{s:f, s:i, s:i, s:i, s:i, s:f, s:f}", "seconds", 2.0, "cpu_ns", 400000000,
                     "events", events, "resident_bytes_ready", 100000, "resident_bytes_connected",
                     120000, "least_age_integral", 0.1, "least_age_seconds", 2.0);
}

/* Two clients that share 4 subscribers of a server with 50 events: all 200 deliveries came. */
static void fill(struct result *result) {
    *result = (struct result){0};
    result_report(result, "server", 0, server_report(50));
    result_report(result, "client", 0, client_report(1));
    result_report(result, "client", 1, client_report(2));
}

static const struct trial_facts whole = {.subscribers = 4, .kernel_bytes = 40000};

static void assert_metric(const struct result *result, const char *name, double value) {
    if (fabs(result_value(result, name) - value) > 1e-9 * fabs(value))
        fail_msg("%s is %g, not %g", name, result_value(result, name), value);
}

static void counts_are_added_and_divided(void **state) {
    static const struct {
        const char *name;
        double value;
    } wanted[] = {
        {"events", 50},
        {"subscribers", 4},
        {"expected", 200},
        {"deliveries", 200},
        {"arrivals", 160},
        {"lost", 0},
        {"duplicates", 2},
        {"deliveries_per_second", 100},
        {"requests", 100},
        {"requests_per_delivery", 0.625},
        {"payload_bytes_per_delivery", 10},
        {"wire_bytes_up", 4000},
        {"wire_bytes_down", 16000},
        {"wire_bytes_per_delivery", 125},
        {"framing_bytes_per_delivery", 87.75},
        {"header_bytes_per_delivery", 18.75},
        {"acknowledgement_bytes_per_delivery", 6.25},
        {"overhead_bytes_per_delivery", 112.75},
        {"wire_bytes_per_subscriber_second", 2500},
        {"segments", 40},
        {"server_cpu_us_per_delivery", 2500},
        {"server_cpu_utilisation", 0.2},
        {"client_cpu_us_per_delivery", 2500},
        {"client_cpu_utilisation", 0.2},
        {"server_memory_bytes_per_connection", 5000},
        {"client_memory_bytes_per_connection", 2000},
        {"kernel_memory_bytes_per_connection", 10000},
        {"age_mean_us", 500000},
        {"age_peak_us", 500000},
        {"age_least_us", 50000},
        {"connect_seconds", 1},
        {"own", 42},
    };
    struct result result;
    (void)state;
    fill(&result);
    judge(&result, &whole);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        assert_metric(&result, wanted[i].name, wanted[i].value);
    assert_string_equal(result.status, "done");
    assert_string_equal(result.verdict, "valid");
    assert_null(result.reason);
    result_free(&result);
}

/* A link's report: what it was asked for, what it was found to be, what it passed on: of 1,000 frames 20 were so
 * late as `rare_ms`. */
static json_t *link_report(double rtt_ms, double late_ms, double rare_ms, bool off) {
    struct histogram *lateness = histogram_new();
    for (int i = 0; i < 1000; i++)
        histogram_record(lateness, (int64_t)((i < 20 ? rare_ms : late_ms) * NS_PER_MS));
    char *data = histogram_to_base64(lateness);
    json_t *report = json_pack(
        "{s:{s:f}, s:[{s:s, s:f, s:f, s:b, s:s}], s:i, s:i, s:i, s:i, s:i, s:i, s:f,"
        " s:{s:{s:s, s:s}}}",
        "asked", "rtt_ms", rtt_ms, "calibration", "name", "round_trip_us", "asked", 1e3 * rtt_ms,
        "got", 1e3 * rtt_ms + 100, "off", off, "sentence", "it takes its time", "link_frames", 1000,
        "link_bytes", 60000, "link_lost", 10, "link_overrun", 0, "retransmissions", 12,
        "radio_wakeups", 2, "radio_awake_seconds", 4.0, "histograms", "link_lateness", "unit", "ns",
        "data", data);
    histogram_free(lateness);
    free(data);
    return report;
}

static void fill_linked(struct result *result, double rtt_ms, double late_ms, bool off) {
    fill(result);
    result_report(result, "link", 0, link_report(rtt_ms, late_ms, late_ms, off));
    judge(result, &whole);
}

static void fill_lateness(struct result *result, double rtt_ms, double late_ms, double rare_ms) {
    fill(result);
    result_report(result, "link", 0, link_report(rtt_ms, late_ms, rare_ms, false));
    judge(result, &whole);
}

static void a_link_has_figures(void **state) {
    struct result result;
    (void)state;
    fill_linked(&result, 50, 0.1, false);
    assert_metric(&result, "link_round_trip_us", 50100);
    assert_metric(&result, "link_bytes_per_delivery", 375);
    assert_metric(&result, "link_lost", 10);
    assert_metric(&result, "retransmissions", 12);
    assert_metric(&result, "radio_wakeups_per_hour", 900); /* 2 of 4 users in 2 s */
    assert_metric(&result, "radio_awake", 0.5);
    assert_float_equal(result_value(&result, "link_lateness_p99_us"), 100, 1);
    assert_string_equal(result.verdict, "valid");
    result_free(&result);
    fill(&result);
    judge(&result, &whole);
    assert_true(isnan(result_value(&result, "link_frames"))); /* without a link there is none */
    result_free(&result);
}

static bool takes(const struct result *result, const char *group) {
    for (int i = 0; i < result->doubt_count; i++)
        if (strstr(result->doubts[i].takes, group) != NULL) return true;
    return false;
}

/* What is not what was asked for has no figures at all. */
static void a_link_that_is_off_is_not_believed(void **state) {
    struct result result;
    (void)state;
    fill_linked(&result, 50, 0.1, true);
    assert_string_equal(result.verdict, "link_off");
    assert_string_equal(result.reason, "the link is not what was asked for: it takes its time");
    assert_true(takes(&result, "bytes") && takes(&result, "latency") && takes(&result, "link"));
    result_free(&result);
}

/* 0.3 ms and 2 % of the way are the most that the relay may add on average; the same of the round trip, one
 * time of a hundred, else what is rare is not believed. */
static void a_late_relay_is_seen(void **state) {
    struct result result;
    (void)state;
    fill_linked(&result, 50, 0.75, false);
    assert_string_equal(result.verdict, "valid");
    result_free(&result);
    fill_linked(&result, 50, 0.85, false);
    assert_string_equal(result.verdict, "link_bound");
    assert_true(takes(&result, "latency") && !takes(&result, "bytes"));
    result_free(&result);
    fill_linked(&result, 0, 0.4, false);
    assert_string_equal(result.verdict, "link_bound");
    result_free(&result);
}

static void a_relay_that_is_late_now_and_then_too(void **state) {
    struct result result;
    (void)state;
    fill_lateness(&result, 50, 0.1, 1.2);
    assert_string_equal(result.verdict, "valid");
    result_free(&result);
    fill_lateness(&result, 50, 0.1, 1.4);
    assert_string_equal(result.verdict, "link_bound");
    assert_true(takes(&result, "tails") && !takes(&result, "latency"));
    result_free(&result);
}

/* What a client counts (model/conversation.h) and what is added up are the same. */
static void check_counts(const char *role, const char *const *counts, size_t count) {
    size_t sums = 0;
    for (const struct metric_kind *kind = metric_kinds; kind->name != NULL; kind++)
        sums += kind->sum_over != NULL && strcmp(kind->sum_over, role) == 0;
    assert_int_equal(sums, count);
    for (size_t i = 0; i < sums; i++) {
        struct metric_id id;
        assert_true(metric_find(counts[i], &id));
        assert_string_equal(id.kind->sum_over, role);
    }
}

static void every_count_is_a_metric(void **state) {
#define NAME(count) #count,
    static const char *const clients[] = {COUNTS_OF_THE_RECORDER(NAME) COUNTS_OF_THE_CLIENT(NAME)};
    static const char *const links[] = {COUNTS_OF_THE_LINK(NAME)};
#undef NAME
    (void)state;
    check_counts("client", clients, sizeof(clients) / sizeof(clients[0]));
    check_counts("link", links, sizeof(links) / sizeof(links[0]));
}

/* Merged: 200 values, of which 1 to 100 ms each once, and the even ones up to 200 once more. The
 * median is 67 ms; the mean of the clients' medians would be 75. */
static void percentiles_come_from_merged_counts(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    judge(&result, &whole);
    assert_int_equal(histogram_count(result_histogram(&result, "delivery_latency")), 200);
    assert_float_equal(result_value(&result, "delivery_latency_p50_us"), 67000, 700);
    assert_float_equal(result_value(&result, "delivery_latency_max_us"), 200000, 0);
    assert_float_equal(result_value(&result, "delivery_latency_mean_us"), 75750, 1);
    result_free(&result);
}

static const struct metric *find(const struct result *result, const char *name) {
    for (int i = 0; i < result->metric_count; i++)
        if (strcmp(result->metrics[i].name, name) == 0) return &result->metrics[i];
    fail_msg("there is no %s", name);
    return NULL;
}

/* 50 events are the samples, not 200 deliveries: enough for a median, not for a 99th percentile. */
static void intervals_need_events(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    judge(&result, &whole);
    const struct metric *median = find(&result, "delivery_latency_p50_us");
    assert_true(median->low < median->value && median->value < median->high);
    assert_true(isnan(find(&result, "delivery_latency_p99_us")->low));
    assert_true(isnan(find(&result, "delivery_latency_p999_us")->high));
    result_free(&result);
}

static void nothing_is_divided_by_nothing(void **state) {
    struct result result = {0};
    struct trial_facts facts = {.subscribers = 1, .kernel_bytes = NAN};
    (void)state;
    result_report(&result, "server", 0, json_object());
    result_report(&result, "client", 0, json_object());
    judge(&result, &facts);
    assert_true(isnan(result_value(&result, "wire_bytes_per_delivery")));
    assert_true(isnan(result_value(&result, "age_mean_us")));
    assert_true(isnan(result_value(&result, "deliveries_per_second")));
    assert_true(isnan(result_value(&result, "kernel_memory_bytes_per_connection")));
    assert_metric(&result, "deliveries", 0);
    for (int i = 0; i < result.metric_count; i++) assert_true(isfinite(result.metrics[i].value));
    result_free(&result);
}

/* As of a model, which has no memory and waits for no processor. */
static void what_nobody_tells_is_no_figure(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    json_object_del(result.reports[0].json, "resident_bytes_connected");
    judge(&result, &whole);
    assert_true(isnan(result_value(&result, "server_memory_bytes_per_connection")));
    assert_true(isnan(result_value(&result, "server_cpu_wait")));
    assert_metric(&result, "client_memory_bytes_per_connection", 2000);
    result_free(&result);
}

/* --- verdicts --------------------------------------------------------------------------------- */

static void assert_verdict(struct result *result, const struct trial_facts *facts,
                           const char *verdict, const char *reason) {
    judge(result, facts);
    assert_string_equal(result->verdict, verdict);
    if (strstr(result->reason, reason) == NULL) fail_msg("%s", result->reason);
    result_free(result);
}

static void set(struct result *result, int report, const char *field, double value) {
    json_object_set_new(result->reports[report].json, field, json_real(value));
}

static void trouble(struct result *result, int report, const char *name, int count) {
    json_object_set_new(result->reports[report].json, "troubles", json_pack("{s:i}", name, count));
}

/* What the trial's doubts take, each with a bar behind it: "latency|parts|". */
static void assert_takes(const struct result *result, const char *expected) {
    struct buffer taken = {0};
    buffer_printf(&taken, "%s", "");
    for (int i = 0; i < result->doubt_count; i++)
        if (*result->doubts[i].takes != '\0') buffer_printf(&taken, "%s|", result->doubts[i].takes);
    assert_string_equal(taken.data, expected);
    buffer_free(&taken);
}

/* Both clients' 24 slots, in which latency grows fivefold. */
static void a_latency_that_rises_is_not_stationary(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    for (int client = 1; client <= 2; client++) {
        json_t *slots = json_array();
        for (int k = 0; k < 24; k++)
            json_array_append_new(slots, json_pack("[i, f]", 10, 0.01 * (6 + k)));
        json_object_set_new(result.reports[client].json, "slots", slots);
    }
    assert_verdict(&result, &whole, "not_stationary", "latency rose by ");
}

static void a_failure_has_no_figures(void **state) {
    struct result result;
    struct trial_facts facts = whole;
    (void)state;
    fill(&result);
    facts.failure = "sse_client 0 exited with status 1";
    judge(&result, &facts);
    assert_string_equal(result.status, "failed");
    assert_string_equal(result.verdict, "failed");
    assert_string_equal(result.reason, facts.failure);
    assert_int_equal(result.metric_count, 0);
    assert_int_equal(result.report_count, 3);
    result_free(&result);
}

static void a_busy_client_measures_itself(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 2, "cpu_ns", 1.7e9);
    assert_verdict(&result, &whole, "generator_bound", "client 1 used 0.85 of a core");
}

/* A histogram of ten times `ns` into a report. */
static void ten_times(struct result *result, int report, const char *name, int64_t ns) {
    struct histogram *histogram = histogram_new();
    for (int i = 0; i < 10; i++) histogram_record(histogram, ns);
    char *data = histogram_to_base64(histogram);
    json_object_set_new(json_object_get(result->reports[report].json, "histograms"), name,
                        json_pack("{s:s}", "data", data));
    free(data);
    histogram_free(histogram);
}

static void a_late_client_too(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    ten_times(&result, 1, "loop_lag", 12 * NS_PER_MS);
    assert_verdict(&result, &whole, "generator_bound", "lagged by 12.0 ms");
}

/* The kernel has stamped what was pushed while the client was late. Where it must ask, it asked late. */
static void a_late_client_takes_latency_only_where_it_must_ask(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 2, "cpu_wait_ns", 0.5e9);
    ten_times(&result, 2, "client_queue", NS_PER_MS);
    set(&result, 1, "requests", 0);
    set(&result, 2, "requests", 0);
    judge(&result, &whole);
    assert_string_equal(result.verdict, "generator_bound");
    assert_takes(&result, "generator|client_cpu|");
    result_free(&result);

    fill(&result);
    set(&result, 2, "cpu_wait_ns", 0.5e9);
    ten_times(&result, 2, "client_queue", NS_PER_MS);
    set(&result, 2, "requests", 1);
    judge(&result, &whole);
    assert_takes(&result, "latency|parts|freshness|generator|client_cpu|");
    result_free(&result);

    fill(&result); /* without stamps latency ends when the client has the event */
    set(&result, 2, "cpu_wait_ns", 0.5e9);
    judge(&result, &whole);
    assert_takes(&result, "latency|parts|freshness|generator|client_cpu|");
    result_free(&result);
}

static void stamps_that_are_anothers_take_latency(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 1, "stamps_shared", 2);
    judge(&result, &whole);
    assert_string_equal(result.verdict, "valid"); /* one per cent */
    result_free(&result);
    fill(&result);
    set(&result, 1, "stamps_shared", 3);
    judge(&result, &whole);
    assert_takes(&result, "latency|parts|freshness|");
    assert_non_null(strstr(result.reason, "3 of 200 deliveries, above 1 %, were read together"));
    result_free(&result);
    fill(&result);
    set(&result, 1, "stamps_dropped", 3);
    assert_verdict(&result, &whole, "disturbed", "3 of 200 deliveries, above 1 %, have no stamp");
}

static void who_stands_still_is_found(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 2, "stood_still_ns", 1e9);
    assert_verdict(&result, &whole, "generator_bound",
                   "client 1 stood still for 50.0 % of the time");
    fill(&result);
    set(&result, 0, "stood_still_ns", 1e9);
    judge(&result, &whole);
    assert_string_equal(result.verdict, "disturbed");
    assert_takes(&result, "latency|parts|freshness|");
    result_free(&result);
    fill(&result); /* it was told to */
    set(&result, 0, "stood_still_ns", 1e9);
    json_object_set_new(result.reports[0].json, "faults", json_string("stall=1000:1000"));
    judge(&result, &whole);
    assert_string_equal(result.verdict, "valid");
    result_free(&result);
}

static void what_the_machine_loses_disturbs(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 0, "cpu_wait_ns", 0.5e9);
    assert_verdict(&result, &whole, "disturbed", "server 0 waited for a processor 25 %");
    fill(&result);
    set(&result, 1, "stolen_ns", 0.5e9);
    assert_verdict(&result, &whole, "disturbed", "host took 25.0 % of a processor");
    fill(&result);
    set(&result, 1, "suspended_ns", 30e9);
    judge(&result, &whole);
    assert_string_equal(result.reason, "the machine slept for 30.0 s");
    assert_takes(&result, "latency|parts|freshness|generator|server_cpu|client_cpu|connections|");
    result_free(&result);
}

/* All doubts are told, the gravest first; but a loss has one explanation. */
static void every_doubt_is_told(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 0, "cpu_ns", 1.95e9);
    set(&result, 2, "deliveries", 90);
    set(&result, 2, "cpu_ns", 1.9e9);
    judge(&result, &whole);
    assert_string_equal(result.verdict, "generator_bound");
    assert_string_equal(
        result.reason, "client 1 used 0.95 of a core, above 0.80: it measured itself; saturated: "
                       "10 of 200 deliveries had not come when the drain ended; server 0 used 0.97 "
                       "of a core, above 0.95");
    assert_int_equal(result.doubt_count, 3);
    result_free(&result);
    fill(&result);
    set(&result, 2, "deliveries", 90);
    trouble(&result, 2, "errors", 3);
    judge(&result, &whole);
    assert_string_equal(result.verdict, "faulty");
    assert_int_equal(result.doubt_count, 1);
    result_free(&result);
}

static void missing_deliveries_are_a_result(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 1, "deliveries", 90);
    assert_verdict(&result, &whole, "saturated", "10 of 200 deliveries had not come");
}

/* Losses that we can explain ourselves are no limit of a strategy, however busy the others are. */
static void losses_of_our_own_are_faulty(void **state) {
    static const struct {
        int report; /* 0 the server's, 2 the second client's */
        const char *name, *reason;
    } causes[] = {
        {2, "errors", "client 1 counted errors=3"},
        {0, "gave_up", "server 0 counted gave_up=3"},
        {2, "missed", "told that 3 events had fallen out of the feed"},
    };
    struct result result;
    (void)state;
    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        fill(&result);
        set(&result, 2, "deliveries", 90);
        trouble(&result, causes[i].report, causes[i].name, 3);
        assert_verdict(&result, &whole, "faulty", causes[i].reason);
    }
    fill(&result);
    json_object_set_new(result.reports[0].json, "faults", json_string("drop_every=10"));
    trouble(&result, 1, "errors", 2);
    json_object_set_new(result.reports[2].json, "deliveries", json_integer(90));
    assert_verdict(&result, &whole, "faulty",
                   "10 of 200 deliveries did not come, and not for want of speed: server 0 was told"
                   " drop_every=10; client 0 counted errors=2");
}

/* Nothing lost: errors that were made good, and faults that lose nothing, spoil no trial. */
static void faults_without_losses_are_none(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    json_object_set_new(result.reports[0].json, "faults", json_string("duplicate_every=10"));
    trouble(&result, 1, "errors", 2);
    judge(&result, &whole);
    assert_string_equal(result.verdict, "valid");
    result_free(&result);
}

static void a_busy_server_is_a_result(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 0, "cpu_ns", 1.95e9);
    assert_verdict(&result, &whole, "saturated", "server 0 used 0.97 of a core");
    /* It falls behind its feed for want of speed. */
    fill(&result);
    set(&result, 0, "cpu_ns", 1.95e9);
    set(&result, 2, "deliveries", 90);
    trouble(&result, 2, "missed", 3);
    assert_verdict(&result, &whole, "saturated", "10 of 200 deliveries had not come");
}

static void a_server_that_spins_is_busy_in_any_case(void **state) {
    struct result result;
    (void)state;
    fill(&result);
    set(&result, 0, "cpu_ns", 2e9);
    json_object_set_new(result.reports[0].json, "spins", json_true());
    judge(&result, &whole);
    assert_string_equal(result.verdict, "valid");
    result_free(&result);
}

static void few_events_are_few_samples(void **state) {
    static const struct {
        int events;
        const char *reason;
    } cases[] = {
        {39, "39 events in the window, fewer than 40: believe the mean and the median only"},
        {8, "8 events in the window, fewer than 40: believe the mean and the median only"},
        {7, "7 events in the window, fewer than 40: believe no latency, not even the mean"},
        {1, "1 event in the window, fewer than 40: believe no latency, not even the mean"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct result result;
        fill(&result);
        set(&result, 0, "events", cases[i].events);
        for (int client = 1; client <= 2; client++) /* all came */
            set(&result, client, "deliveries", cases[i].events * whole.subscribers / 2.0);
        assert_verdict(&result, &whole, "too_few_samples", cases[i].reason);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_added_and_divided),
        cmocka_unit_test(what_nobody_tells_is_no_figure),
        cmocka_unit_test(losses_of_our_own_are_faulty),
        cmocka_unit_test(a_late_client_takes_latency_only_where_it_must_ask),
        cmocka_unit_test(stamps_that_are_anothers_take_latency),
        cmocka_unit_test(who_stands_still_is_found),
        cmocka_unit_test(what_the_machine_loses_disturbs),
        cmocka_unit_test(every_doubt_is_told),
        cmocka_unit_test(a_server_that_spins_is_busy_in_any_case),
        cmocka_unit_test(faults_without_losses_are_none),
        cmocka_unit_test(every_count_is_a_metric),
        cmocka_unit_test(a_link_has_figures),
        cmocka_unit_test(a_link_that_is_off_is_not_believed),
        cmocka_unit_test(a_late_relay_is_seen),
        cmocka_unit_test(a_relay_that_is_late_now_and_then_too),
        cmocka_unit_test(percentiles_come_from_merged_counts),
        cmocka_unit_test(intervals_need_events),
        cmocka_unit_test(nothing_is_divided_by_nothing),
        cmocka_unit_test(a_latency_that_rises_is_not_stationary),
        cmocka_unit_test(a_failure_has_no_figures),
        cmocka_unit_test(a_busy_client_measures_itself),
        cmocka_unit_test(a_late_client_too),
        cmocka_unit_test(missing_deliveries_are_a_result),
        cmocka_unit_test(a_busy_server_is_a_result),
        cmocka_unit_test(few_events_are_few_samples),
    };
    return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
