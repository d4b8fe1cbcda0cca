/* simulator/simulation: servers that stand still on purpose, against the triangle that this makes of the latencies. */
#include "virtual_trial.h"

/* What is due while all servers stand still is published when they go on, and is late by the rest of it. */
static void a_stall_is_in_the_latencies(void **state) {
    (void)state;
    for (int i = 0; strategies[i] != NULL; i++) {
        if (strcmp(strategies[i], "polling") == 0) continue;
        struct trial trial = trial_of(strategies[i], 3, 5);
        set(&trial, "events_per_second", "200");
        set(&trial, "stall", "2000:1000");
        run(&trial);
        assert_all_came(&trial);
        double most_ms = (double)histogram_max(trial.latency) / NS_PER_MS;
        print_message("# %s: a mean of %.1f ms, at most %.1f ms\n", strategies[i], mean_ms(&trial),
                      most_ms);
        assert_near(most_ms, 1000, 6);            /* the first one that was due */
        assert_close(mean_ms(&trial), 100, 0.02); /* half a second, for a fifth of them */
        assert_int_equal(histogram_quantile(trial.latency, 0.5), 0);
        finish(&trial);
    }
}

/* A closed loop does not ask while it waits for an answer: of 1,000 polls it sends 801, and one takes a second. */
static void a_closed_loop_misses_the_stall(void **state) {
    struct trial trial = trial_of("polling", 1, 5);
    (void)state;
    set(&trial, "events_per_second", "200");
    set(&trial, "interval_ms", "5");
    set(&trial, "stall", "2000:1000");
    run(&trial);
    assert_all_came(&trial);
    assert_near(told(&trial, "requests"), 801, 2);
    const json_t *client = json_array_get(trial.reports.clients, 0);
    const json_t *trips = json_object_get(json_object_get(client, FIELD_HISTOGRAMS), "round_trip");
    struct histogram *round_trip = histogram_new();
    assert_int_equal(histogram_from_base64(round_trip, json_string_value(json_object_get(
                                                           trips, FIELD_HISTOGRAM_DATA))),
                     0);
    assert_near((double)histogram_max(round_trip) / NS_PER_MS, 1000, 6);
    assert_int_equal(histogram_quantile(round_trip, 0.99), 0);
    histogram_free(round_trip);
    finish(&trial);
}

/* Before the window and behind it the servers are as ever; without a stall there is none. */
static void a_stall_is_over_when_it_is_over(void **state) {
    struct trial trial = trial_of("sse", 3, 5);
    (void)state;
    set(&trial, "events_per_second", "200");
    set(&trial, "stall", "0:10");
    run(&trial);
    assert_all_came(&trial);
    assert_near((double)histogram_max(trial.latency) / NS_PER_MS, 10, 6);
    assert_int_equal(histogram_quantile(trial.latency, 0.99), 0);
    finish(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stall_is_in_the_latencies),
        cmocka_unit_test(a_closed_loop_misses_the_stall),
        cmocka_unit_test(a_stall_is_over_when_it_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
