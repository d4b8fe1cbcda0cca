/* runner/figures/change_points: Student's t, and cuts where there are changes and nowhere else */
#include "figures/change_points.h"

#include "base/random.h"
#include "test.h"

#include <math.h>

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

static double normal(struct random *random) {
    double u = ((double)random_below(random, 1 << 30) + 1) / ((1 << 30) + 1.0);
    double v = (double)random_below(random, 1 << 30) / (1 << 30);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* The tables of the distribution. */
static void student(void **state) {
    (void)state;
    NEAR(student_p(1, 1), 0.5, 1e-9);
    NEAR(student_p(12.706, 1), 0.05, 1e-5);
    NEAR(student_p(2.228, 10), 0.05, 1e-4);
    NEAR(student_p(-2.228, 10), 0.05, 1e-4);
    NEAR(student_p(3.646, 30), 0.001, 1e-5);
    NEAR(student_p(1.96, 1e6), 0.05, 1e-4);
    NEAR(student_p(0, 5), 1, 1e-12);
    assert_true(student_p(50, 20) < 1e-15);
}

static void a_step_is_found(void **state) {
    double values[30];
    struct change_point points[30];
    struct random random;
    (void)state;
    random_seed(&random, 5);
    for (int i = 0; i < 30; i++) values[i] = (i < 12 ? 100 : 110) + 2 * normal(&random);
    assert_int_equal(change_points(values, 30, points), 1);
    assert_int_equal(points[0].at, 12);
    NEAR(points[0].before, 100, 2);
    NEAR(points[0].after, 110, 2);
    assert_true(points[0].p < CHANGE_P);
}

static void several_in_order(void **state) {
    double values[40];
    struct change_point points[40];
    struct random random;
    (void)state;
    random_seed(&random, 6);
    for (int i = 0; i < 40; i++)
        values[i] = (i < 10 ? 100 : i < 25 ? 130 : 90) + 2 * normal(&random);
    assert_int_equal(change_points(values, 40, points), 2);
    assert_int_equal(points[0].at, 10);
    assert_int_equal(points[1].at, 25);
    assert_true(points[0].after > points[0].before);
    assert_true(points[1].after < points[1].before);
}

static void noise_is_no_change(void **state) {
    struct random random;
    int found = 0;
    (void)state;
    random_seed(&random, 7);
    for (int round = 0; round < 200; round++) {
        double values[40];
        struct change_point points[40];
        for (int i = 0; i < 40; i++) values[i] = 100 + 5 * normal(&random);
        found += change_points(values, 40, points);
    }
    assert_in_range(found, 0, 8);
}

static void short_or_constant_series(void **state) {
    double same[20], few[] = {1, 1, 9, 9}, steps[] = {100, 100, 100, 200, 200, 200};
    struct change_point points[20];
    (void)state;
    for (int i = 0; i < 20; i++) same[i] = 42;
    assert_int_equal(change_points(same, 20, points), 0);
    assert_int_equal(change_points(same, 0, points), 0);
    assert_int_equal(change_points(few, 4, points), 0); /* two are no side */
    assert_int_equal(change_points(steps, 6, points), 1);
    assert_int_equal(points[0].at, 3);
}

/* Significant, and too small to matter. */
static void a_thousandth_is_no_change(void **state) {
    double values[20];
    struct change_point points[20];
    (void)state;
    for (int i = 0; i < 20; i++) values[i] = i < 10 ? 1000 + i % 2 : 1005 + i % 2;
    assert_int_equal(change_points(values, 20, points), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(student),
        cmocka_unit_test(a_step_is_found),
        cmocka_unit_test(several_in_order),
        cmocka_unit_test(noise_is_no_change),
        cmocka_unit_test(short_or_constant_series),
        cmocka_unit_test(a_thousandth_is_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
