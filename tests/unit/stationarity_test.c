/* The test for a steady state: it must see ramps, and rarely see one where there is none. The rates
 * of false alarm are measured here, on sequences that are steady by construction. */
#include "base/random.h"
#include "figures/stationarity.h"

#include "test.h"

#include <math.h>
#include <stdio.h>

#define SLOTS 24
#define SEQUENCES 20000

static double noise_exponential(struct random *random) { return random_exponential(random, 1); }

/* Means of 20 exponential values: what a slot is when an event comes every 10 ms. */
static double noise_of_means(struct random *random) {
    double sum = 0;
    for (int i = 0; i < 20; i++) sum += random_exponential(random, 1);
    return sum / 20;
}

/* Rare, large outliers: a neighbour that takes the core now and then. */
static double noise_with_outliers(struct random *random) {
    return noise_of_means(random) + (random_unit(random) < 0.1 ? 20 : 0);
}

/* Each slot remembers `memory` of the one before: a queue that empties slowly. */
static double alarm_rate(double (*noise)(struct random *), double memory, double *significant) {
    struct random random;
    struct trend trend;
    int alarms = 0, significants = 0;
    random_seed(&random, 7);
    for (int i = 0; i < SEQUENCES; i++) {
        double values[SLOTS], last = noise(&random);
        for (int k = 0; k < SLOTS; k++)
            values[k] = last = memory * last + (1 - memory) * noise(&random);
        assert_true(stationarity_trend(values, SLOTS, &trend));
        alarms += stationarity_broken(&trend);
        significants += fabs(trend.z) > STATIONARITY_Z;
    }
    *significant = (double)significants / SEQUENCES;
    return (double)alarms / SEQUENCES;
}

static void false_alarms_are_rare(void **state) {
    static const struct {
        const char *name;
        double (*noise)(struct random *);
        double memory, most;
    } cases[] = {
        {"exponential slots", noise_exponential, 0, 0.012},
        {"means of 20", noise_of_means, 0, 0.012},
        {"with outliers", noise_with_outliers, 0, 0.012},
        {"means of 20, memory 0.3", noise_of_means, 0.3, 0.012},
        {"means of 20, memory 0.6", noise_of_means, 0.6, 0.012},
        {"exponential, memory 0.3", noise_exponential, 0.3, 0.06},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double significant, rate = alarm_rate(cases[i].noise, cases[i].memory, &significant);
        printf("# %-26s false alarms %.2f %% (significant alone: %.2f %%)\n", cases[i].name,
               100 * rate, 100 * significant);
        assert_true(rate <= cases[i].most);
    }
}

static void a_ramp_is_seen(void **state) {
    struct random random;
    struct trend trend;
    int seen = 0;
    (void)state;
    random_seed(&random, 11);
    for (int i = 0; i < 1000; i++) {
        double values[SLOTS];
        for (int k = 0; k < SLOTS; k++) values[k] = (1 + 2.0 * k / SLOTS) * noise_of_means(&random);
        stationarity_trend(values, SLOTS, &trend);
        seen += stationarity_broken(&trend);
        assert_true(trend.z > 0 || trend.drift < 1);
    }
    printf("# a latency that trebles over the window is seen in %.1f %% of sequences\n",
           seen / 10.0);
    assert_true(seen >= 950);
}

/* A server that falls behind more and more: the rests of a straight line resemble each other. */
static void a_queue_that_grows_is_seen(void **state) {
    struct random random;
    struct trend trend;
    (void)state;
    random_seed(&random, 13);
    for (int i = 0; i < 1000; i++) {
        double values[SLOTS];
        for (int k = 0; k < SLOTS; k++)
            values[k] = (k < SLOTS / 2 ? 1 : 1 + (k - SLOTS / 2) * (k - SLOTS / 2)) *
                        noise_of_means(&random);
        stationarity_trend(values, SLOTS, &trend);
        assert_true(stationarity_broken(&trend));
    }
}

static void a_tiny_drift_does_not_matter(void **state) {
    double values[SLOTS];
    struct trend trend;
    (void)state;
    for (int k = 0; k < SLOTS; k++) values[k] = 1 + 0.001 * k;
    assert_true(stationarity_trend(values, SLOTS, &trend));
    assert_true(trend.z > STATIONARITY_Z);
    assert_true(fabs(trend.drift - 0.001 * (SLOTS - 1) / (1 + 0.001 * (SLOTS - 1) / 2)) < 1e-9);
    assert_false(stationarity_broken(&trend));
}

static void too_few_slots_say_nothing(void **state) {
    double values[SLOTS] = {0};
    struct trend trend;
    (void)state;
    assert_false(stationarity_trend(values, STATIONARITY_SLOTS_MIN - 1, &trend));
    assert_false(stationarity_trend(values, STATIONARITY_SLOTS_MAX + 1, &trend));
    assert_true(stationarity_trend(values, SLOTS, &trend));
    assert_false(stationarity_broken(&trend));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(false_alarms_are_rare),
        cmocka_unit_test(a_ramp_is_seen),
        cmocka_unit_test(a_queue_that_grows_is_seen),
        cmocka_unit_test(a_tiny_drift_does_not_matter),
        cmocka_unit_test(too_few_slots_say_nothing),
    };
    return cmocka_run_group_tests_name("stationarity", tests, NULL, NULL);
}
