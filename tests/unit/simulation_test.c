/* simulator/simulation: what the models do in virtual time, against laws that are known without them. Where nothing
 * else is said a machine takes no time for anything. */
#include "simulator/simulation.h"

#include "base/clock.h"
#include "base/memory.h"
#include "model/conversation.h"
#include "model/event.h"
#include "model/histogram.h"
#include "net/event_stream.h"
#include "net/ws_frame.h"
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

static const char *value_of(const struct choice *choices, const char *key) {
    for (; choices->key != NULL; choices++)
        if (strcmp(choices->key, key) == 0) return choices->value;
    return NULL;
}

static const char *option(const void *data, const char *key) {
    const struct trial *trial = data;
    const char *value = value_of(trial->choices, key);
    return value != NULL ? value : value_of(defaults, key);
}

/* On loopback, one process on each side. Everybody is connected a second before the first event; the window begins
 * ten seconds after that. */
static struct trial trial_of(const char *strategy, uint32_t users, int64_t window_seconds) {
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

static void set(struct trial *trial, const char *key, const char *value) {
    assert_true(trial->choice_count < CHOICES_MAX);
    assert_true(simulation_knows(trial->conditions.strategy, key));
    trial->choices[trial->choice_count++] = (struct choice){key, value};
}

static void set_poisson(struct trial *trial, const char *events_per_second) {
    set(trial, "events_per_second", events_per_second);
    set(trial, "arrivals", "poisson");
}

static void set_link(struct trial *trial, double rtt_ms) {
    trial->link =
        (struct link_settings){.rtt_ms = rtt_ms, .queue_ms = 100, .burst_text = "", .mtu = 1500};
}

static void run(struct trial *trial) {
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

static void finish(struct trial *trial) {
    simulation_reports_free(&trial->reports);
    histogram_free(trial->latency);
}

/* --- what came of it -------------------------------------------------------------------------- */

static double sum_over(const json_t *reports, const char *key) {
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
static double told(const struct trial *trial, const char *key) {
    return sum_over(trial->reports.clients, key);
}

static double wire(const struct trial *trial, const char *key) {
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

static double mean_ms(const struct trial *trial) {
    return histogram_mean(trial->latency) / (double)NS_PER_MS;
}

static double age_ms(const struct trial *trial) {
    return told(trial, FIELD_AGE_INTEGRAL) / told(trial, FIELD_AGE_SECONDS) * 1000;
}

/* Deliveries that there should be: every event that was due in the window, to everybody. */
static double expected(const struct trial *trial) {
    const json_t *server = json_array_get(trial->reports.servers, 0);
    double events = json_number_value(json_object_get(server, FIELD_EVENTS));
    return events * trial->conditions.subscribers;
}

static void assert_all_came(const struct trial *trial) {
    assert_true(expected(trial) > 0);
    assert_true(told(trial, "deliveries") == expected(trial));
    assert_true((double)histogram_count(trial->latency) == expected(trial));
    assert_true(told(trial, "duplicates") + told(trial, "reordered") == 0);
    assert_true(told(trial, "stamps_dropped") + told(trial, "missed") == 0);
}

/* What a figure is, and what it should be: for whoever reads the tests' output. */
static void assert_law(const char *what, double got, double wanted, double share) {
    print_message("# %s: %.4f, predicted %.4f (%+.2f %%)\n", what, got, wanted,
                  (got / wanted - 1) * 100);
    assert_close(got, wanted, share);
}

/* --- pushing ---------------------------------------------------------------------------------- */

/* One way, whatever the strategy and whenever the events come. */
static void a_push_takes_one_way(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        for (int poisson = 0; poisson < 2; poisson++) {
            struct trial trial = trial_of(strategies[i], 5, 20);
            set(&trial, "events_per_second", "10");
            set(&trial, "arrivals", poisson ? "poisson" : "constant");
            set_link(&trial, 50);
            run(&trial);
            assert_all_came(&trial);
            assert_int_equal(histogram_min(trial.latency), 25 * NS_PER_MS);
            assert_int_equal(histogram_max(trial.latency), 25 * NS_PER_MS);
            finish(&trial);
        }
}

static void on_loopback_it_takes_nothing(void **state) {
    (void)state;
    struct trial trial = trial_of("sse", 5, 20);
    run(&trial);
    assert_all_came(&trial);
    assert_int_equal(histogram_max(trial.latency), 0);
    assert_null(trial.reports.link);
    finish(&trial);
}

/* Between two events that come at equal distances the age rises evenly from d to d + 1 / lambda. Of a Poisson process
 * the gap in which one happens to look is longer than others, and the last event 1 / lambda ago on average. */
static double least_age_ms(const struct trial *trial) {
    return sum_over(trial->reports.servers, FIELD_LEAST_AGE_INTEGRAL) /
           sum_over(trial->reports.servers, FIELD_LEAST_AGE_SECONDS) * 1000;
}

static void the_age_of_a_push_keeps_its_law(void **state) {
    (void)state;
    struct trial constant = trial_of("sse", 3, 20), poisson = trial_of("sse", 1, 20000);
    set(&constant, "events_per_second", "5");
    set_link(&constant, 50);
    run(&constant);
    assert_law("age of a push, constant", age_ms(&constant), 25 + 1000 / 5.0 / 2, 1e-9);
    assert_close(least_age_ms(&constant), 1000 / 5.0 / 2, 1e-9); /* of one who is at no distance */
    assert_close(sum_over(constant.reports.servers, FIELD_LEAST_AGE_SECONDS), 20, 1e-9);
    assert_close(told(&constant, FIELD_AGE_SECONDS), 3 * 20, 1e-9);
    finish(&constant);
    set_poisson(&poisson, "10");
    set_link(&poisson, 50);
    run(&poisson);
    assert_law("age of a push, Poisson", age_ms(&poisson), 25 + 1000 / 10.0, 0.01);
    finish(&poisson);
}

/* The last of a hundred waits for the writes to ninety-nine others. */
static void a_fan_out_takes_a_write_each(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct trial trial = trial_of(strategies[i], 100, 20);
        trial.conditions.machine = (struct machine){.wake_ns = 60000, .write_ns = 10000};
        run(&trial);
        assert_all_came(&trial);
        int64_t value, k = 0;
        uint64_t count;
        for (uint32_t at = 0; histogram_next(trial.latency, &at, &value, &count);) {
            k++;
            assert_in_range(value, 59000 + 10000 * k, 61000 + 10000 * k);
            assert_int_equal(count, 20);
        }
        assert_int_equal(k, 100);
        assert_int_equal(histogram_min(trial.latency), 60000 + 10000);
        assert_int_equal(histogram_max(trial.latency), 60000 + 100 * 10000);
        assert_near(histogram_mean(trial.latency), 60000 + 50.5 * 10000, 0.01);
        finish(&trial);
    }
}

/* However many subscribers there are, an event is one firing. */
static void a_fan_out_is_one_firing(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct trial one = trial_of(strategies[i], 1, 20), many = trial_of(strategies[i], 1000, 20);
        run(&one);
        run(&many);
        assert_int_equal(one.reports.fired, many.reports.fired);
        assert_all_came(&many);
        finish(&one);
        finish(&many);
    }
}

/* --- polling ---------------------------------------------------------------------------------- */

/* d + T / 2: an event waits for the next question, which brings it on one way. */
static void polling_keeps_its_law(void **state) {
    (void)state;
    struct trial trial = trial_of("polling", 100, 200);
    set_poisson(&trial, "10");
    set_link(&trial, 50);
    run(&trial);
    assert_all_came(&trial);
    assert_law("polling", mean_ms(&trial), 25 + 500, 0.01);
    double p99_ms = (double)histogram_quantile(trial.latency, 0.99) / NS_PER_MS;
    assert_law("p99 of polling", p99_ms, 25 + 990, 0.005);
    assert_true(histogram_min(trial.latency) >= 25 * NS_PER_MS);
    assert_true(histogram_max(trial.latency) <= 1025 * NS_PER_MS);
    assert_true(told(&trial, "requests") == 100 * 200);
    finish(&trial);
}

/* e^(-lambda T) of the questions are answered with nothing. */
static void polls_in_vain_keep_their_law(void **state) {
    (void)state;
    const struct {
        const char *events_per_second;
        double rate;
    } cells[] = {{"0.2", 0.2}, {"1", 1}, {"2", 2}};
    for (size_t i = 0; i < 3; i++) {
        struct trial trial = trial_of("polling", 4, 40000);
        set_poisson(&trial, cells[i].events_per_second);
        set_link(&trial, 50);
        run(&trial);
        double share = told(&trial, "empty_responses") / told(&trial, "requests");
        assert_law("polls in vain", share, exp(-cells[i].rate), 0.02);
        finish(&trial);
    }
}

/* 1 / lambda + d + T / 2: so old is what the last answer brought, when somebody looks. */
static void the_age_of_polling_keeps_its_law(void **state) {
    (void)state;
    struct trial trial = trial_of("polling", 2, 40000);
    set_poisson(&trial, "1");
    set_link(&trial, 50);
    run(&trial);
    assert_law("age of polling", age_ms(&trial), 1000 + 25 + 500, 0.02);
    finish(&trial);
}

/* The handshake goes before the question, and shifts all questions alike: an event waits no longer. */
static void polling_with_a_connection_each(void **state) {
    (void)state;
    struct trial trial = trial_of("polling", 100, 100);
    set_poisson(&trial, "10");
    set(&trial, "keep_alive", "off");
    set_link(&trial, 50);
    run(&trial);
    assert_all_came(&trial);
    assert_law("polling without keep-alive", mean_ms(&trial), 25 + 500, 0.01);
    assert_true(told(&trial, "requests") == 10000);
    assert_true(wire(&trial, "connections_opened") == 10000);
    assert_true(wire(&trial, "connections_closed") == 10000);
    finish(&trial);
}

/* --- long polling ----------------------------------------------------------------------------- */

/* An event finds the request parked, and takes d. While answer and question are under way, R, those that come wait for
 * what is left of it: lambda R of them per cycle, R / 2 on average, beside the one that finds it parked, if none came.
 * So of the lambda R + e^(-lambda R) per cycle and request. At most it takes 3d: one to three transits (RFC 6202). */
static void long_polling_keeps_its_law(void **state) {
    (void)state;
    const struct {
        const char *events_per_second;
        double rate;
        int64_t seconds;
    } cells[] = {{"2", 2, 20000}, {"10", 10, 5000}, {"50", 50, 1000}, {"200", 200, 300}};
    double round = 0.1;
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        struct trial trial = trial_of("long_polling", 1, cells[i].seconds);
        double in_a_round = cells[i].rate * round, in_a_cycle = in_a_round + exp(-in_a_round);
        double wait_ms = in_a_round * round / 2 / in_a_cycle * 1000;
        set_poisson(&trial, cells[i].events_per_second);
        set_link(&trial, round * 1000);
        run(&trial);
        assert_all_came(&trial);
        double requests = told(&trial, "requests") / told(&trial, "deliveries");
        assert_law("long polling", mean_ms(&trial), 50 + wait_ms, 0.01);
        assert_law("requests per delivery", requests, 1 / in_a_cycle, 0.01);
        assert_true(histogram_max(trial.latency) <= 150 * NS_PER_MS);
        assert_true(histogram_max(trial.latency) > 149 * NS_PER_MS);
        /* With 200 events a second hardly one finds it parked: the shortest is what nearly missed its answer. */
        assert_true(histogram_min(trial.latency) >= 50 * NS_PER_MS);
        assert_true(histogram_min(trial.latency) < 50 * NS_PER_MS + NS_PER_MS / 2);
        finish(&trial);
    }
}

/* It is answered with nothing when it was held for as long as it may: then it asks again. */
static void a_request_is_not_held_for_ever(void **state) {
    (void)state;
    struct trial trial = trial_of("long_polling", 3, 1000);
    set(&trial, "events_per_second", "0");
    set(&trial, "hold_seconds", "9");
    set_link(&trial, 1000);
    run(&trial);
    assert_true(told(&trial, "requests") == 3 * 100);
    assert_true(told(&trial, "empty_responses") == 3 * 100);
    finish(&trial);
}

/* --- webhook ---------------------------------------------------------------------------------- */

/* One POST at a time and receiver: a queue whose service is a round trip. M/D/1, rho = lambda R: an event waits for
 * rho R / (2 (1 - rho)) on average, and is then one way from there. */
static void webhook_keeps_its_law(void **state) {
    (void)state;
    const struct {
        const char *events_per_second;
        double rate;
    } cells[] = {{"2", 2}, {"5", 5}, {"8", 8}};
    double round = 0.1;
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        struct trial trial = trial_of("webhook", 1, 50000);
        double load = cells[i].rate * round, wait_ms = load * round / (2 * (1 - load)) * 1000;
        set_poisson(&trial, cells[i].events_per_second);
        set(&trial, "feed_events", "65536");
        set_link(&trial, round * 1000);
        run(&trial);
        assert_all_came(&trial);
        assert_law("webhook, waiting", mean_ms(&trial) - 50, wait_ms, 0.03);
        assert_int_equal(histogram_min(trial.latency), 50 * NS_PER_MS);
        finish(&trial);
    }
}

/* Two places for ten receivers: an event goes out in five rounds. */
static void whoever_has_no_place_waits(void **state) {
    (void)state;
    struct trial trial = trial_of("webhook", 10, 20);
    set(&trial, "in_flight", "2");
    set_link(&trial, 100);
    run(&trial);
    assert_all_came(&trial);
    assert_int_equal(histogram_min(trial.latency), 50 * NS_PER_MS);
    assert_int_equal(histogram_max(trial.latency), (50 + 4 * 100) * NS_PER_MS);
    assert_near(mean_ms(&trial), 50 + 2 * 100, 1e-6);
    finish(&trial);
}

/* With room for two at a time a receiver never waits for one event a round trip. */
static void a_receiver_may_have_two_at_a_time(void **state) {
    (void)state;
    struct trial one = trial_of("webhook", 3, 20), two = trial_of("webhook", 3, 20);
    set(&one, "events_per_second", "16");
    set(&two, "events_per_second", "16");
    set(&two, "in_flight_per_receiver", "2");
    set_link(&one, 100);
    set_link(&two, 100);
    run(&one);
    run(&two);
    assert_int_equal(histogram_max(two.latency), 50 * NS_PER_MS);
    assert_true(histogram_max(one.latency) > 5 * NS_PER_SECOND); /* ten a second are all it takes */
    finish(&one);
    finish(&two);
}

/* --- loss ------------------------------------------------------------------------------------- */

/* A lost event comes g + R late, when the one behind it has told of it, and that one R late: so by g + 2R more for each
 * that is lost. What is lost in a row weighs little. */
static void a_loss_costs_two_events(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct trial trial = trial_of(strategies[i], 100, 1000);
        set(&trial, "events_per_second", "10");
        set_link(&trial, 50);
        trial.link.loss_percent = 1;
        run(&trial);
        assert_all_came(&trial);
        assert_law("push with a loss of 1 %", mean_ms(&trial), 25 + 0.01 * (100 + 2 * 50), 0.01);
        assert_close(mean_ms(&trial), 27.3, 0.03);
        double lost = json_number_value(json_object_get(trial.reports.link, "link_lost"));
        double frames = json_number_value(json_object_get(trial.reports.link, "link_frames"));
        assert_close(lost / frames, 0.01, 0.05);
        finish(&trial);
    }
}

/* --- nothing is lost -------------------------------------------------------------------------- */

/* A link with everything that a link can do, and a machine that takes its time. */
static void make_hard(struct trial *trial) {
    set_poisson(trial, "5");
    set_link(trial, 40);
    trial->link.loss_percent = 3;
    trial->link.jitter_ms = 5;
    trial->link.reorder_percent = 2;
    trial->link.down_mbit = trial->link.up_mbit = 50;
#define TAKE(name, usual, what) trial->conditions.machine.name = (usual);
    MACHINE_FIGURES(TAKE)
#undef TAKE
}

static void everything_comes_once_and_in_order(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++) {
        struct trial near = trial_of(strategies[i], 30, 50), hard = trial_of(strategies[i], 30, 50);
        set(&near, "events_per_second", "20");
        run(&near);
        assert_all_came(&near);
        assert_true(expected(&near) == 30 * 20 * 50);
        finish(&near);
        make_hard(&hard);
        run(&hard);
        assert_all_came(&hard);
        assert_true(told(&hard, FIELD_PAYLOAD_BYTES) == 100 * expected(&hard));
        finish(&hard);
    }
}

/* Of what falls out of a feed of four events before a user asks. The window has all there is. */
static void what_is_not_delivered_was_missed(void **state) {
    (void)state;
    struct trial trial = trial_of("polling", 20, 100);
    set(&trial, "events_per_second", "10");
    set(&trial, "feed_events", "4");
    trial.conditions.window.start_ns = BEGIN_NS;
    trial.conditions.drain_ns = 0;
    run(&trial);
    double newest = sum_over(trial.reports.servers, FIELD_LAST);
    double missed = told(&trial, "missed"), deliveries = told(&trial, "deliveries");
    assert_true(newest * 20 == expected(&trial));
    assert_close(deliveries / expected(&trial), 0.4, 0.02);
    assert_true(missed > 0);
    /* each poll brings four, and misses the six before them: but for the last, which brings what is after the window */
    assert_near(deliveries + missed, expected(&trial), 20 * 10);
    json_t *server = json_array_get(trial.reports.servers, 0);
    json_t *troubles = json_object_get(server, FIELD_TROUBLES);
    assert_true(json_number_value(json_object_get(troubles, TROUBLE_MISSED)) == missed);
    finish(&trial);
}

/* The first event is due when the schedule begins, the second after the window. */
static void a_window_without_an_event_is_empty(void **state) {
    (void)state;
    struct trial trial = trial_of("sse", 3, 50);
    set(&trial, "events_per_second", "0.01");
    run(&trial);
    assert_true(expected(&trial) == 0);
    assert_true(told(&trial, "deliveries") == 0);
    assert_true(sum_over(trial.reports.servers, FIELD_FIRST) == 2);
    assert_true(sum_over(trial.reports.servers, FIELD_LAST) == 1);
    assert_near(age_ms(&trial), 10000 + 50000 / 2.0, 0.001); /* of the one that there is */
    finish(&trial);
}

/* Each process has a share of the users; together they do the same. */
static void several_processes_deliver_the_same(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++) {
        struct trial one = trial_of(strategies[i], 31, 30), many = trial_of(strategies[i], 31, 30);
        set_poisson(&one, "5");
        set_poisson(&many, "5");
        set_link(&one, 50);
        set_link(&many, 50);
        many.conditions.servers = 3;
        many.conditions.clients = 4;
        run(&one);
        run(&many);
        assert_all_came(&one);
        assert_all_came(&many);
        assert_int_equal(json_array_size(many.reports.servers), 3);
        assert_int_equal(json_array_size(many.reports.clients), 4);
        assert_true(told(&many, "subscribers") == 31);
        assert_true(told(&many, "deliveries") == told(&one, "deliveries"));
        assert_true(sum_over(many.reports.servers, FIELD_LAST) ==
                    3 * sum_over(one.reports.servers, FIELD_LAST));
        if (strcmp(strategies[i], "polling") != 0) /* there each process has phases of its own */
            assert_near(mean_ms(&many), mean_ms(&one), 1e-6);
        finish(&one);
        finish(&many);
    }
}

/* --- chance ----------------------------------------------------------------------------------- */

/* All that is reported, as one text. */
static char *text_of(const struct trial *trial) {
    json_t *all = json_pack("[O, O, O?]", trial->reports.servers, trial->reports.clients,
                            trial->reports.link);
    char *text = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    return text;
}

static char *report_with_seed(const char *strategy, void (*make)(struct trial *), uint64_t seed) {
    struct trial trial = trial_of(strategy, 20, 30);
    make(&trial);
    trial.conditions.seed = seed;
    trial.conditions.servers = trial.conditions.clients = 2;
    run(&trial);
    char *text = text_of(&trial);
    finish(&trial);
    return text;
}

static void assert_the_seed_decides(const char *strategy, void (*make)(struct trial *)) {
    char *once = report_with_seed(strategy, make, 7), *again = report_with_seed(strategy, make, 7);
    char *other = report_with_seed(strategy, make, 8);
    assert_string_equal(once, again);
    assert_string_not_equal(once, other);
    free(once);
    free(again);
    free(other);
}

static void make_arrivals(struct trial *trial) { set_poisson(trial, "5"); }

static void make_losses(struct trial *trial) {
    set_link(trial, 40);
    trial->link.loss_percent = 10;
}

static void make_phases(struct trial *trial) { set(trial, "interval_ms", "700"); }

static void a_seed_gives_the_same_reports(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++)
        assert_the_seed_decides(strategies[i], make_hard);
    assert_the_seed_decides("sse", make_arrivals);
    assert_the_seed_decides("sse", make_losses);
    assert_the_seed_decides("polling", make_phases);
}

static void every_strategy_has_a_model(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++) {
        assert_true(simulation_has(strategies[i]));
        assert_true(simulation_knows(strategies[i], "events_per_second"));
        assert_false(simulation_knows(strategies[i], "fault"));
    }
    assert_false(simulation_has("carrier_pigeon"));
    assert_true(simulation_knows("polling", "interval_ms"));
    assert_false(simulation_knows("sse", "interval_ms"));
}

/* --- bytes on the wire ------------------------------------------------------------------------ */

#define SEGMENT 65483 /* bytes, on loopback */
#define HEADERS 52

/* The bytes of the events that arrive in the window, by the code that the servers send them with. */
struct scales {
    const struct window *window;
    size_t (*frame)(uint64_t number, const struct buffer *text);
    const char *payload;
    size_t payload_bytes;
    double events, bytes, segments;
};

static size_t line_frame(uint64_t number, const struct buffer *text) {
    (void)number;
    return text->length + 1;
}

/* Of a body in chunks (RFC 9112, section 7.1): its length in hexadecimal before it, a line's end behind it. */
static size_t chunk_bytes(const struct buffer *content) {
    struct buffer chunk = {0};
    buffer_printf(&chunk, "%zx\r\n%s\r\n", content->length, content->data);
    size_t bytes = chunk.length;
    buffer_free(&chunk);
    return bytes;
}

static size_t stream_frame(uint64_t number, const struct buffer *text) {
    char id[CURSOR_SIZE];
    struct buffer content = {0};
    cursor_print(id, (struct cursor){0x5c1f09aa, number});
    event_stream_encode(&content, NULL, id, text->data, text->length);
    size_t bytes = chunk_bytes(&content);
    buffer_free(&content);
    return bytes;
}

static size_t socket_frame(uint64_t number, const struct buffer *text) {
    (void)number;
    struct buffer frame = {0};
    ws_encode(&frame, WS_TEXT, true, NULL, text->data, text->length);
    size_t bytes = frame.length;
    buffer_free(&frame);
    return bytes;
}

static void weigh(void *data, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct scales *scales = data;
    struct buffer text = {0};
    if (!window_has(scales->window, at_ns)) return;
    event_encode(&text, number, due_ns, at_ns - due_ns, scales->payload, scales->payload_bytes);
    size_t bytes = scales->frame(number, &text);
    scales->events++;
    scales->bytes += (double)bytes;
    scales->segments += (double)((bytes + SEGMENT - 1) / SEGMENT);
    buffer_free(&text);
}

static void assert_weight(const char *strategy, size_t (*frame)(uint64_t, const struct buffer *),
                          size_t payload_bytes) {
    struct trial trial = trial_of(strategy, 3, 10);
    char *payload = xcalloc(payload_bytes + 1, 1), *bytes = xasprintf("%zu", payload_bytes);
    memset(payload, 'x', payload_bytes);
    struct scales scales = {&trial.conditions.window, frame, payload, payload_bytes, 0, 0};
    set(&trial, "events_per_second", "80"); /* numbers 801 to 1600: of three digits and of four */
    set(&trial, "payload_bytes", bytes);
    trial.conditions.machine.wake_ns = 60000; /* of which the text tells */
    trial.conditions.published = weigh;
    trial.conditions.watcher = &scales;
    run(&trial);
    double headers = scales.segments * HEADERS;
    assert_true(scales.events == 800);
    assert_true(wire(&trial, FIELD_WIRE_DATA_DOWN) == 3 * scales.bytes);
    assert_true(wire(&trial, FIELD_WIRE_SEGMENTS_DOWN) == 3 * scales.segments);
    assert_true(wire(&trial, FIELD_WIRE_BYTES_DOWN) == 3 * (scales.bytes + headers));
    assert_true(wire(&trial, FIELD_WIRE_DATA_HEADERS) == 3 * headers);
    assert_true(wire(&trial, FIELD_WIRE_DATA_UP) == 0);
    if (strcmp(strategy, "websocket") != 0) /* acknowledgements: for WebSocket see below */
        assert_true(wire(&trial, FIELD_WIRE_BYTES_UP) == 3 * 800 * HEADERS);
    assert_true(told(&trial, FIELD_CARRIED_PAYLOAD_BYTES) == 3.0 * 800 * (double)payload_bytes);
    finish(&trial);
    free(payload);
    free(bytes);
}

static void an_event_weighs_what_the_servers_send(void **state) {
    (void)state;
    const size_t payloads[] = {1, 40, 100, 170, 3900, 65400, 70000};
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        assert_weight("tcp", line_frame, payloads[i]);
        assert_weight("sse", stream_frame, payloads[i]);
        assert_weight("websocket", socket_frame, payloads[i]);
    }
    assert_weight("websocket", socket_frame, 63);    /* texts of 125 and 126 bytes */
    assert_weight("websocket", socket_frame, 65473); /* of 65,535 and 65,536 */
}

/* A comment after so much silence; a ping and its pong. */
static void silence_is_broken(void **state) {
    (void)state;
    struct trial tcp = trial_of("tcp", 3, 100), sse = trial_of("sse", 3, 100);
    struct trial websocket = trial_of("websocket", 3, 100);
    struct buffer comment = {0}, ping = {0}, pong = {0};
    event_stream_comment(&comment, "still here");
    ws_encode(&ping, WS_PING, true, NULL, "?", 1);
    ws_encode(&pong, WS_PONG, true, (const uint8_t[]){1, 2, 3, 4}, "?", 1);
    set(&tcp, "events_per_second", "0");
    set(&sse, "events_per_second", "0");
    set(&sse, "heartbeat_seconds", "10");
    set(&websocket, "events_per_second", "0");
    set(&websocket, "ping_seconds", "20");
    run(&tcp);
    run(&sse);
    run(&websocket);
    assert_true(wire(&tcp, FIELD_WIRE_BYTES_DOWN) == 0);
    assert_true(wire(&sse, FIELD_WIRE_DATA_DOWN) == 3 * 10 * (double)chunk_bytes(&comment));
    assert_true(wire(&sse, FIELD_WIRE_SEGMENTS_DOWN) == 3 * 10);
    assert_true(wire(&sse, FIELD_WIRE_SEGMENTS_UP) == 3 * 10);
    assert_true(wire(&websocket, FIELD_WIRE_DATA_DOWN) == 3 * 5 * (double)ping.length);
    assert_true(wire(&websocket, FIELD_WIRE_DATA_UP) == 3 * 5 * (double)pong.length);
    finish(&tcp);
    finish(&sse);
    finish(&websocket);
    buffer_free(&comment);
    buffer_free(&ping);
    buffer_free(&pong);
}

/* --- what HTTP says --------------------------------------------------------------------------- */

#define EPOCH "5c1f09aa"
#define HOST "Host: 127.0.0.1:40001\r\n"
#define DATE "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
#define NDJSON "Content-Type: application/x-ndjson\r\n"

/* The bytes of both ways that belong to the events in the window. */
struct dialogue {
    const struct window *window;
    void (*speak)(uint64_t number, const struct buffer *text, struct buffer *up,
                  struct buffer *down);
    double up, down;
};

static void listen(void *data, uint64_t number, int64_t due_ns, int64_t at_ns) {
    struct dialogue *dialogue = data;
    struct buffer text = {0}, up = {0}, down = {0};
    if (!window_has(dialogue->window, at_ns)) return;
    event_encode(&text, number, due_ns, at_ns - due_ns, "abc", 3);
    dialogue->speak(number, &text, &up, &down);
    dialogue->up += (double)up.length;
    dialogue->down += (double)down.length;
    buffer_free(&text);
    buffer_free(&up);
    buffer_free(&down);
}

/* The answer, and the next question. */
static void speak_long_polling(uint64_t number, const struct buffer *text, struct buffer *up,
                               struct buffer *down) {
    unsigned long long cursor = number;
    buffer_printf(down,
                  "HTTP/1.1 200 OK\r\n" DATE NDJSON "Cache-Control: no-store\r\n"
                  "ETag: \"" EPOCH "-%llu\"\r\nContent-Length: %zu\r\n\r\n%s\n",
                  cursor, text->length + 1, text->data);
    buffer_printf(up, "GET /events?after=" EPOCH "-%llu HTTP/1.1\r\n" HOST "\r\n", cursor);
}

static void speak_webhook(uint64_t number, const struct buffer *text, struct buffer *up,
                          struct buffer *down) {
    unsigned long long cursor = number;
    buffer_printf(down,
                  "POST /hooks/0 HTTP/1.1\r\n" HOST "User-Agent: pushpull\r\nAccept: */*\r\n"
                  "content-type: application/json\r\n"
                  "webhook-id: msg_0-2a0a618509d72771_" EPOCH "-%llu\r\n"
                  "webhook-timestamp: 1767225600\r\n"
                  "webhook-signature: v1,PJs0HNsDR/aCC9mRuix7kuvPaUrjUaWN1QJ//E18WWo=\r\n"
                  "Content-Length: %zu\r\n\r\n%s",
                  cursor, text->length, text->data);
    buffer_printf(up, "HTTP/1.1 204 No Content\r\n" DATE "\r\n");
}

/* A poll a second, and so an event per poll. The question is that of the poll before. */
static void speak_polling(uint64_t number, const struct buffer *text, struct buffer *up,
                          struct buffer *down) {
    unsigned long long cursor = number, before = number - 1;
    buffer_printf(up,
                  "GET /events?after=" EPOCH "-%llu HTTP/1.1\r\n" HOST "If-None-Match: \"" EPOCH
                  "-%llu\"\r\n\r\n",
                  before, before);
    buffer_printf(down,
                  "HTTP/1.1 200 OK\r\n" DATE NDJSON "Cache-Control: no-cache\r\n"
                  "ETag: \"" EPOCH "-%llu\"\r\nContent-Length: %zu\r\n\r\n%s\n",
                  cursor, text->length + 1, text->data);
}

static void assert_dialogue(const char *strategy, void (*speak)(uint64_t, const struct buffer *,
                                                                struct buffer *, struct buffer *)) {
    struct trial trial = trial_of(strategy, 1, 200);
    struct dialogue dialogue = {&trial.conditions.window, speak, 0, 0};
    set(&trial, "payload_bytes", "3");
    trial.conditions.published = listen;
    trial.conditions.watcher = &dialogue;
    run(&trial);
    assert_all_came(&trial);
    assert_true(told(&trial, "requests") == 200);
    assert_true(wire(&trial, FIELD_WIRE_DATA_UP) == dialogue.up);
    assert_true(wire(&trial, FIELD_WIRE_DATA_DOWN) == dialogue.down);
    finish(&trial);
}

static void questions_and_answers_have_their_length(void **state) {
    (void)state;
    assert_dialogue("polling", speak_polling);
    assert_dialogue("long_polling", speak_long_polling);
    assert_dialogue("webhook", speak_webhook);
}

static void answers_with_nothing_have_their_length(void **state) {
    (void)state;
    static const char unchanged[] = "HTTP/1.1 304 Not Modified\r\n" DATE NDJSON
                                    "Cache-Control: no-cache\r\nETag: \"" EPOCH "-0\"\r\n\r\n";
    static const char nothing[] = "HTTP/1.1 204 No Content\r\n" DATE
                                  "Cache-Control: no-store\r\nETag: \"" EPOCH "-0\"\r\n\r\n";
    struct trial polling = trial_of("polling", 2, 100), held = trial_of("long_polling", 2, 100);
    set(&polling, "events_per_second", "0");
    set(&held, "events_per_second", "0");
    set(&held, "hold_seconds", "10");
    run(&polling);
    run(&held);
    assert_true(wire(&polling, FIELD_WIRE_DATA_DOWN) == 2 * 100.0 * (sizeof(unchanged) - 1));
    assert_true(wire(&held, FIELD_WIRE_DATA_DOWN) == 2 * 10.0 * (sizeof(nothing) - 1));
    finish(&polling);
    finish(&held);
}

/* What one message waits for holds up nobody else's. */
static double mean_with_jitter(const char *strategy, double jitter_ms) {
    struct trial trial = trial_of(strategy, 50, 200);
    set_poisson(&trial, "1");
    set_link(&trial, 40);
    trial.link.loss_percent = 3;
    trial.link.jitter_ms = jitter_ms;
    run(&trial);
    assert_all_came(&trial);
    double mean = mean_ms(&trial);
    finish(&trial);
    return mean;
}

static void a_jitter_of_a_microsecond_changes_nothing(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++)
        assert_law(strategies[i], mean_with_jitter(strategies[i], 0.001),
                   mean_with_jitter(strategies[i], 0), 0.02);
}

/* Whoever hears of a second event within 40 ms acknowledges both; who does not stops waiting. */
static void a_websocket_client_waits_with_acknowledgements(void **state) {
    (void)state;
    const struct {
        const char *rate;
        double share;
    } cases[] = {{"80", 0.5}, {"20", 1}};
    for (size_t i = 0; i < 2; i++) {
        struct trial trial = trial_of("websocket", 3, 10);
        set(&trial, "events_per_second", cases[i].rate);
        run(&trial);
        double events = wire(&trial, FIELD_WIRE_SEGMENTS_DOWN);
        assert_law("acknowledgements per event", wire(&trial, FIELD_WIRE_SEGMENTS_UP) / events,
                   cases[i].share, 0.001);
        finish(&trial);
    }
}

static void a_link_through_which_nothing_comes_has_an_end(void **state) {
    (void)state;
    for (size_t i = 0; strategies[i] != NULL; i++) {
        struct trial trial = trial_of(strategies[i], 3, 20);
        set_link(&trial, 40);
        trial.link.loss_percent = 100;
        run(&trial);
        assert_true(told(&trial, "deliveries") == 0);
        finish(&trial);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_push_takes_one_way),
        cmocka_unit_test(on_loopback_it_takes_nothing),
        cmocka_unit_test(the_age_of_a_push_keeps_its_law),
        cmocka_unit_test(a_fan_out_takes_a_write_each),
        cmocka_unit_test(a_fan_out_is_one_firing),
        cmocka_unit_test(polling_keeps_its_law),
        cmocka_unit_test(polls_in_vain_keep_their_law),
        cmocka_unit_test(the_age_of_polling_keeps_its_law),
        cmocka_unit_test(polling_with_a_connection_each),
        cmocka_unit_test(long_polling_keeps_its_law),
        cmocka_unit_test(a_request_is_not_held_for_ever),
        cmocka_unit_test(webhook_keeps_its_law),
        cmocka_unit_test(whoever_has_no_place_waits),
        cmocka_unit_test(a_receiver_may_have_two_at_a_time),
        cmocka_unit_test(a_loss_costs_two_events),
        cmocka_unit_test(everything_comes_once_and_in_order),
        cmocka_unit_test(what_is_not_delivered_was_missed),
        cmocka_unit_test(a_window_without_an_event_is_empty),
        cmocka_unit_test(several_processes_deliver_the_same),
        cmocka_unit_test(a_seed_gives_the_same_reports),
        cmocka_unit_test(every_strategy_has_a_model),
        cmocka_unit_test(an_event_weighs_what_the_servers_send),
        cmocka_unit_test(silence_is_broken),
        cmocka_unit_test(questions_and_answers_have_their_length),
        cmocka_unit_test(answers_with_nothing_have_their_length),
        cmocka_unit_test(a_jitter_of_a_microsecond_changes_nothing),
        cmocka_unit_test(a_websocket_client_waits_with_acknowledgements),
        cmocka_unit_test(a_link_through_which_nothing_comes_has_an_end),
    };
    return cmocka_run_group_tests_name("simulation", tests, NULL, NULL);
}
