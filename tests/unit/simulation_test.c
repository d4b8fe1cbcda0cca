/* simulator/simulation: what the models do in virtual time, against laws that are known without them. */
#include "virtual_trial.h"

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
