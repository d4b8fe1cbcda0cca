/* core/model/schedule */
#include "model/schedule.h"

#include "base/clock.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>

static void constant_gaps_are_constant(void **state) {
    (void)state;
    struct schedule schedule;
    schedule_init(&schedule, 10, false, 1, 5000);
    for (int64_t k = 0; k < 1000; k++) {
        assert_int_equal(schedule.index, k);
        assert_int_equal(schedule.due_ns, 5000 + k * (NS_PER_SECOND / 10));
        schedule_advance(&schedule);
    }
}

/* 3 a second has no whole gap; after a day the error is still below a nanosecond. */
static void constant_times_do_not_drift(void **state) {
    (void)state;
    struct schedule schedule;
    schedule_init(&schedule, 3, false, 1, 0);
    for (int k = 0; k < 3 * 86400; k++) schedule_advance(&schedule);
    assert_true(llabs(schedule.due_ns - INT64_C(86400) * NS_PER_SECOND) <= 1);

    schedule_init(&schedule, 1e6, false, 1, 0);
    schedule.index = UINT64_C(86400) * 1000000 - 1;
    schedule_advance(&schedule);
    assert_true(llabs(schedule.due_ns - INT64_C(86400) * NS_PER_SECOND) <= 1);
}

static void the_seed_does_not_move_constant_times(void **state) {
    (void)state;
    struct schedule a, b;
    schedule_init(&a, 7, false, 1, 0);
    schedule_init(&b, 7, false, 2, 0);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(a.due_ns, b.due_ns);
        schedule_advance(&a);
        schedule_advance(&b);
    }
}

/* Gaps of a Poisson process: mean and deviation are equal, and e^-1 of them exceed the mean. */
static void poisson_gaps_are_exponential(void **state) {
    (void)state;
    enum { EVENTS = 500000 };
    struct schedule schedule;
    schedule_init(&schedule, 1000, true, 3, 1000000);
    int64_t previous = 1000000;
    double sum = 0, squares = 0, beyond = 0;
    for (int i = 0; i < EVENTS; i++) {
        double gap = (double)(schedule.due_ns - previous);
        assert_true(gap >= 0);
        sum += gap;
        squares += gap * gap;
        beyond += gap > 1e6;
        previous = schedule.due_ns;
        schedule_advance(&schedule);
    }
    double mean = sum / EVENTS;
    assert_true(fabs(mean / 1e6 - 1) < 0.01);
    assert_true(fabs(sqrt(squares / EVENTS - mean * mean) / 1e6 - 1) < 0.01);
    assert_true(fabs(beyond / EVENTS - exp(-1)) < 0.005);
}

static void poisson_times_follow_the_seed(void **state) {
    (void)state;
    struct schedule a, b, other;
    schedule_init(&a, 100, true, 5, 0);
    schedule_init(&b, 100, true, 5, 77);
    schedule_init(&other, 100, true, 6, 0);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(a.due_ns + 77, b.due_ns);
        same += a.due_ns == other.due_ns;
        schedule_advance(&a);
        schedule_advance(&b);
        schedule_advance(&other);
    }
    assert_true(same < 5);
}

static void a_rate_of_nothing_is_never_due(void **state) {
    (void)state;
    static const double rates[] = {0, -1, 1e-300};
    for (int i = 0; i < 3; i++) {
        for (int poisson = 0; poisson <= 1; poisson++) {
            struct schedule schedule;
            schedule_init(&schedule, rates[i], poisson, 1, 1000);
            if (rates[i] <= 0) assert_true(schedule.due_ns == INT64_MAX);
            schedule_advance(&schedule);
            schedule_advance(&schedule);
            assert_true(schedule.due_ns == INT64_MAX);
        }
    }
}

/* From 10 to 30 events/s in 2 s: 40 events in the ramp; half of the time brings 15 of them; then one
 * every 1/30 s. */
static void a_ramp_changes_the_rate_evenly(void **state) {
    (void)state;
    struct schedule schedule;
    schedule_init(&schedule, 10, false, 1, 0);
    schedule_ramp(&schedule, 30, 2);
    assert_int_equal(schedule.due_ns, 0);
    for (int i = 0; i < 15; i++) schedule_advance(&schedule);
    assert_int_equal(schedule.due_ns, NS_PER_SECOND);
    for (int i = 0; i < 25; i++) schedule_advance(&schedule);
    assert_int_equal(schedule.due_ns, 2 * NS_PER_SECOND);
    for (int i = 0; i < 30; i++) schedule_advance(&schedule);
    assert_int_equal(schedule.due_ns, 3 * NS_PER_SECOND);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ramp_changes_the_rate_evenly),
        cmocka_unit_test(constant_gaps_are_constant),
        cmocka_unit_test(constant_times_do_not_drift),
        cmocka_unit_test(the_seed_does_not_move_constant_times),
        cmocka_unit_test(poisson_gaps_are_exponential),
        cmocka_unit_test(poisson_times_follow_the_seed),
        cmocka_unit_test(a_rate_of_nothing_is_never_due),
    };
    return cmocka_run_group_tests_name("publisher", tests, NULL, NULL);
}
