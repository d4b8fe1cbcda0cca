/* core/base/random */
#include "base/random.h"

#include "test.h"

#include <math.h>
#include <string.h>

#define DRAWS 1000000

/* The reference implementation's first numbers from seed 1234567. */
static void it_is_splitmix64(void **state) {
    (void)state;
    static const uint64_t expected[] = {
        UINT64_C(6457827717110365317),  UINT64_C(3203168211198807973),
        UINT64_C(9817491932198370423),  UINT64_C(4593380528125082431),
        UINT64_C(16408922859458223821),
    };
    struct random random;
    random_seed(&random, 1234567);
    for (int i = 0; i < 5; i++) assert_true(random_next(&random) == expected[i]);
}

static void a_seed_can_be_used_again(void **state) {
    (void)state;
    struct random a, b;
    random_seed(&a, 42);
    random_seed(&b, 42);
    for (int i = 0; i < 1000; i++) assert_true(random_next(&a) == random_next(&b));
}

static void unit_is_uniform_below_one(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 1);
    double sum = 0, squares = 0;
    for (int i = 0; i < DRAWS; i++) {
        double unit = random_unit(&random);
        assert_true(unit >= 0 && unit < 1);
        sum += unit;
        squares += unit * unit;
    }
    assert_true(fabs(sum / DRAWS - 0.5) < 0.002);
    assert_true(fabs(squares / DRAWS - 1.0 / 3) < 0.002);
}

/* Chi-squared of ten classes: beyond 33.7 once in ten thousand seeds, and this one is fixed. */
static void below_is_uniform(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 2);
    double counts[10] = {0}, chi_squared = 0;
    for (int i = 0; i < DRAWS; i++) counts[random_below(&random, 10)]++;
    for (int i = 0; i < 10; i++) {
        double off = counts[i] - DRAWS / 10.0;
        chi_squared += off * off / (DRAWS / 10.0);
    }
    assert_true(chi_squared < 33.7);
}

static void below_takes_every_bound(void **state) {
    (void)state;
    static const uint64_t bounds[] = {
        1, 2, 3, UINT64_C(1) << 63, (UINT64_C(1) << 63) + 1, UINT64_MAX,
    };
    struct random random;
    random_seed(&random, 3);
    for (size_t b = 0; b < sizeof(bounds) / sizeof(*bounds); b++) {
        for (int i = 0; i < 1000; i++) assert_true(random_below(&random, bounds[b]) < bounds[b]);
    }
}

/* Its mean is the mean, and so is its standard deviation; half of it lies below mean ln 2. */
static void exponential_has_its_moments(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 4);
    double sum = 0, squares = 0, below_median = 0;
    for (int i = 0; i < DRAWS; i++) {
        double value = random_exponential(&random, 250);
        assert_true(value > 0 && isfinite(value));
        sum += value;
        squares += value * value;
        below_median += value < 250 * log(2);
    }
    double mean = sum / DRAWS;
    assert_true(fabs(mean - 250) < 1);
    assert_true(fabs(sqrt(squares / DRAWS - mean * mean) - 250) < 2);
    assert_true(fabs(below_median / DRAWS - 0.5) < 0.002);
}

static void derived_seeds_differ(void **state) {
    (void)state;
    uint64_t seeds[32 * 32];
    for (uint64_t seed = 0; seed < 32; seed++) {
        for (uint64_t index = 0; index < 32; index++) {
            seeds[seed * 32 + index] = random_derive(seed, index);
        }
    }
    for (int i = 0; i < 32 * 32; i++) {
        for (int j = 0; j < i; j++) assert_true(seeds[i] != seeds[j]);
    }
    assert_true(random_derive(7, 3) == random_derive(7, 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_splitmix64),          cmocka_unit_test(a_seed_can_be_used_again),
        cmocka_unit_test(unit_is_uniform_below_one), cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(below_takes_every_bound),   cmocka_unit_test(exponential_has_its_moments),
        cmocka_unit_test(derived_seeds_differ),
    };
    return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
