/* core/base/median */
#include "base/median.h"

#include "test.h"

#include <math.h>

static void values_rise(void **state) {
    double values[] = {4, -1, 9, -1};
    const double sorted[] = {-1, -1, 4, 9};
    (void)state;
    sort_values(values, 4);
    for (int i = 0; i < 4; i++) assert_float_equal(values[i], sorted[i], 0);
}

static void the_median_is_in_the_middle(void **state) {
    const double odd[] = {9, -1, 4}, even[] = {4, 1, 3, 2};
    (void)state;
    assert_float_equal(median(odd, 3), 4, 0);
    assert_float_equal(median(even, 4), 2.5, 0);
    assert_float_equal(median(odd, 1), 9, 0);
    assert_true(isnan(median(odd, 0)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_rise),
        cmocka_unit_test(the_median_is_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
