/* A trial in virtual time, for the tests of the models: where nothing else is said a machine takes no time for
 * anything. */
#ifndef PUSHPULL_VIRTUAL_TRIAL_H
#define PUSHPULL_VIRTUAL_TRIAL_H

#include "simulator/simulation.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/conversation.h"
#include "model/event.h"
#include "model/histogram.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN_NS (3600 * NS_PER_SECOND)
#define assert_near(got, wanted, margin) assert_true(fabs((double)(got) - (wanted)) <= (margin))
#define assert_close(got, wanted, share) assert_near((got) / (wanted), 1, share)

static const char *const strategies[] = {"tcp",          "sse",     "websocket", "polling",
                                         "long_polling", "webhook", NULL};

/* --- a trial ---------------------------------------------------------------------------------- */

struct choice {
    const char *key, *value;
};

#define CHOICES_MAX 8
struct trial {
    struct conditions conditions;
    struct link_settings link;
    struct choice choices[CHOICES_MAX + 1]; /* ends with NULL */
    int choice_count;
    struct simulation_reports reports;
    struct histogram *latency; /* of all clients */
};

/* As the programs have them. */
static const struct choice defaults[] = {
    {"events_per_second", "1"},
    {"arrivals", "constant"},
    {"payload_bytes", "100"},
    {"ramp_to", "0"},
    {"stall", ""},
    {"feed_events", "1024"},
    {"interval_ms", "1000"},
    {"keep_alive", "on"},
    {"hold_seconds", "30"},
    {"in_flight", "64"},
    {"in_flight_per_receiver", "1"},
    {"heartbeat_seconds", "15"},
    {"ping_seconds", "25"},
    {NULL},
};

static inline const char *value_of(const struct choice *choices, const char *key) {
    for (; choices->key != NULL; choices++)
        if (strcmp(choices->key, key) == 0) return choices->value;
    return NULL;
}

static inline const char *option(const void *data, const char *key) {
    const struct trial *trial = data;
    const char *value = value_of(trial->choices, key);
    return value != NULL ? value : value_of(defaults, key);
}

/* On loopback, one process on each side. Everybody is connected a second before the first event; the window begins
 * ten seconds after that. */
static inline struct trial trial_of(const char *strategy, uint32_t users, int64_t window_seconds) {
    struct trial trial = {0};
    int64_t start_ns = BEGIN_NS + 11 * NS_PER_SECOND;
    trial.conditions = (struct conditions){
        .strategy = strategy,
        .subscribers = users,
        .servers = 1,
        .clients = 1,
        .seed = 1,
        .option = option,
        .connected_ns = BEGIN_NS,
        .publish_ns = BEGIN_NS + NS_PER_SECOND,
        .window = {start_ns, start_ns + window_seconds * NS_PER_SECOND},
        .drain_ns = 20 * NS_PER_SECOND,
    };
    return trial;
}

static inline void set(struct trial *trial, const char *key, const char *value) {
    assert_true(trial->choice_count < CHOICES_MAX);
    assert_true(simulation_knows(trial->conditions.strategy, key));
    trial->choices[trial->choice_count++] = (struct choice){key, value};
}

static inline void set_poisson(struct trial *trial, const char *events_per_second) {
    set(trial, "events_per_second", events_per_second);
    set(trial, "arrivals", "poisson");
}

static inline void set_link(struct trial *trial, double rtt_ms) {
    trial->link =
        (struct link_settings){.rtt_ms = rtt_ms, .queue_ms = 100, .burst_text = "", .mtu = 1500};
}

static inline void run(struct trial *trial) {
    size_t i;
    json_t *client;
    trial->conditions.data = trial;
    if (trial->link.mtu > 0) trial->conditions.link = &trial->link;
    simulation_run(&trial->conditions, &trial->reports);
    trial->latency = histogram_new();
    json_array_foreach(trial->reports.clients, i, client) {
        json_t *histograms = json_object_get(client, FIELD_HISTOGRAMS);
        json_t *latency = json_object_get(histograms, HISTOGRAM_DELIVERY_LATENCY);
        const char *data = json_string_value(json_object_get(latency, FIELD_HISTOGRAM_DATA));
        if (data != NULL) assert_int_equal(histogram_from_base64(trial->latency, data), 0);
    }
}

static inline void finish(struct trial *trial) {
    simulation_reports_free(&trial->reports);
    histogram_free(trial->latency);
}

/* --- what came of it -------------------------------------------------------------------------- */

static inline double sum_over(const json_t *reports, const char *key) {
    double sum = 0;
    size_t i;
    json_t *report;
    json_array_foreach(reports, i, report) {
        assert_true(json_is_number(json_object_get(report, key)));
        sum += json_number_value(json_object_get(report, key));
    }
    return sum;
}

/* Of all clients. */
static inline double told(const struct trial *trial, const char *key) {
    return sum_over(trial->reports.clients, key);
}

static inline double wire(const struct trial *trial, const char *key) {
    double sum = 0;
    size_t i;
    json_t *client;
    json_array_foreach(trial->reports.clients, i, client) {
        json_t *value = json_object_get(json_object_get(client, FIELD_WIRE), key);
        assert_true(json_is_number(value));
        sum += json_number_value(value);
    }
    return sum;
}

static inline double mean_ms(const struct trial *trial) {
    return histogram_mean(trial->latency) / (double)NS_PER_MS;
}

static inline double age_ms(const struct trial *trial) {
    return told(trial, FIELD_AGE_INTEGRAL) / told(trial, FIELD_AGE_SECONDS) * 1000;
}

/* Deliveries that there should be: every event that was due in the window, to everybody. */
static inline double expected(const struct trial *trial) {
    const json_t *server = json_array_get(trial->reports.servers, 0);
    double events = json_number_value(json_object_get(server, FIELD_EVENTS));
    return events * trial->conditions.subscribers;
}

static inline void assert_all_came(const struct trial *trial) {
    assert_true(expected(trial) > 0);
    assert_true(told(trial, "deliveries") == expected(trial));
    assert_true((double)histogram_count(trial->latency) == expected(trial));
    assert_true(told(trial, "duplicates") + told(trial, "reordered") == 0);
    assert_true(told(trial, "stamps_dropped") + told(trial, "missed") == 0);
}

/* What a figure is, and what it should be: for whoever reads the tests' output. */
static inline void assert_law(const char *what, double got, double wanted, double share) {
    print_message("# %s: %.4f, predicted %.4f (%+.2f %%)\n", what, got, wanted,
                  (got / wanted - 1) * 100);
    assert_close(got, wanted, share);
}

#endif
