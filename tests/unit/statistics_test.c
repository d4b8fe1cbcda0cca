/* runner/figures/statistics: intervals against what they promise */
#include "figures/statistics.h"

#include "test.h"

#include <math.h>

static void quantiles_have_ranks_around_them(void **state) {
    double low, high;
    (void)state;
    assert_int_equal(quantile_interval(100, 0.5, &low, &high), 0);
    assert_float_equal(low, 0.40, 1e-9); /* ranks 40 and 60 */
    assert_float_equal(high, 0.60, 1e-9);
    assert_int_equal(quantile_interval(570, 0.99, &low, &high), 0);
    assert_int_equal(quantile_interval(300, 0.99, &low, &high), -1);
    assert_int_equal(quantile_interval(5700, 0.999, &low, &high), 0);
    assert_int_equal(quantile_interval(3000, 0.999, &low, &high), -1);
    assert_int_equal(quantile_interval(4, 0.5, &low, &high), -1);
    assert_int_equal(quantile_interval(0, 0.5, &low, &high), -1);
}

/* P(Binomial(n, 1/2) < k), by plain addition. */
static double below(int n, int k) {
    double term = 1, sum = 0;
    for (int i = 0; i < n; i++) term /= 2;
    for (int i = 0; i < k; i++) {
        sum += term;
        term *= (double)(n - i) / (i + 1);
    }
    return sum;
}

static void the_ranks_of_a_median_cover_95_percent(void **state) {
    (void)state;
    for (int n = 6; n <= 1000; n++) {
        int k = median_interval_rank(n);
        assert_true(below(n, k) <= 0.025);
        assert_true(below(n, k + 1) > 0.025);
    }
}

/* Ranks from the tables of the sign test (two-sided, 5 %). */
static void the_ranks_are_those_of_the_sign_test(void **state) {
    static const int cases[][2] = {
        {1, 1}, {5, 1}, {6, 1}, {8, 1}, {9, 2}, {12, 3}, {15, 4}, {20, 6}, {25, 8}, {100, 40},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(median_interval_rank(cases[i][0]), cases[i][1]);
}

static void intervals_overlap_when_they_share_a_value(void **state) {
    (void)state;
    assert_true(intervals_overlap(1, 3, 2, 4));
    assert_true(intervals_overlap(1, 3, 3, 4));
    assert_true(intervals_overlap(2, 3, 1, 4));
    assert_false(intervals_overlap(1, 2, 3, 4));
    assert_false(intervals_overlap(3, 4, 1, 2));
    assert_false(intervals_overlap(NAN, NAN, 1, 2));
    assert_false(intervals_overlap(1, 2, NAN, NAN));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_have_ranks_around_them),
        cmocka_unit_test(the_ranks_of_a_median_cover_95_percent),
        cmocka_unit_test(the_ranks_are_those_of_the_sign_test),
        cmocka_unit_test(intervals_overlap_when_they_share_a_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
