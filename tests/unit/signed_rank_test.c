/* runner/figures/signed_rank: the test, the estimate and its interval, and how much is found */
#include "figures/signed_rank.h"

#include "base/random.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>

#define NEAR(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

/* Every way of giving signs to the ranks of |d|, counted one by one. */
static double p_by_counting(const double *differences, int count) {
    double some[16], ranks[16], up = 0, all = 0;
    int kept = 0, at_most = 0, at_least = 0;
    for (int i = 0; i < count; i++)
        if (differences[i] != 0) some[kept++] = differences[i];
    for (int i = 0; i < kept; i++) {
        double less = 0, same = 0;
        for (int k = 0; k < kept; k++) {
            less += fabs(some[k]) < fabs(some[i]);
            same += fabs(some[k]) == fabs(some[i]);
        }
        ranks[i] = less + (same + 1) / 2;
        if (some[i] > 0) up += ranks[i];
    }
    for (int signs = 0; signs < 1 << kept; signs++) {
        double sum = 0;
        for (int i = 0; i < kept; i++) sum += signs >> i & 1 ? ranks[i] : 0;
        all++;
        at_most += sum <= up;
        at_least += sum >= up;
    }
    double one = (at_most < at_least ? at_most : at_least) / all;
    return 2 * one < 1 ? 2 * one : 1;
}

static double normal(struct random *random) {
    double u = ((double)random_below(random, 1 << 30) + 1) / ((1 << 30) + 1.0);
    double v = (double)random_below(random, 1 << 30) / (1 << 30);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static void known_values(void **state) {
    double rising[12];
    (void)state;
    for (int i = 0; i < 12; i++) rising[i] = i + 1;
    NEAR(signed_rank_p(rising, 6), 2.0 / 64, 1e-12);
    NEAR(signed_rank_p(rising, 12), 2.0 / 4096, 1e-12);
    /* The table of critical values: of ten, a sum of 8 has 4.9 %, two-sided. */
    double ten[] = {-8, 1, 2, 3, 4, 5, 6, 7, 9, 10};
    NEAR(signed_rank_p(ten, 10), 0.048828125, 1e-12);
    double none[] = {0, 0, 0};
    NEAR(signed_rank_p(none, 3), 1, 0);
    NEAR(signed_rank_p(none, 0), 1, 0);
    double with_zeros[] = {0, 1, 0, 2, 3, 0, 4, 5, 6};
    NEAR(signed_rank_p(with_zeros, 9), 2.0 / 64, 1e-12);
}

static void exact_also_with_ties(void **state) {
    struct random random;
    (void)state;
    random_seed(&random, 3);
    for (int round = 0; round < 300; round++) {
        double differences[10];
        int count = 1 + (int)random_below(&random, 10);
        for (int i = 0; i < count; i++) differences[i] = (double)random_below(&random, 7) - 2;
        NEAR(signed_rank_p(differences, count), p_by_counting(differences, count), 1e-12);
    }
}

/* Turning all signs turns the estimate and leaves the chance. */
static void symmetric(void **state) {
    double one[] = {-0.1, 0.3, 0.2, 0.05, 0.7, -0.02, 0.4}, other[7];
    (void)state;
    for (int i = 0; i < 7; i++) other[i] = -one[i];
    NEAR(signed_rank_p(one, 7), signed_rank_p(other, 7), 1e-15);
    struct shift a = signed_rank_shift(one, 7, 0.95), b = signed_rank_shift(other, 7, 0.95);
    NEAR(a.value, -b.value, 1e-15);
    NEAR(a.low, -b.high, 1e-15);
    NEAR(a.high, -b.low, 1e-15);
}

static void the_estimate(void **state) {
    double odd[] = {1, 2, 6};
    /* means of pairs: 1 1.5 2 3.5 4 6; their median lies between 2 and 3.5 */
    struct shift shift = signed_rank_shift(odd, 3, 0.95);
    (void)state;
    NEAR(shift.value, 2.75, 1e-12);
    assert_true(isinf(shift.low) && shift.low < 0);
    assert_true(isinf(shift.high) && shift.high > 0);
    /* Of ten, the interval of 95 % is that of the ninth mean from either end. */
    double ten[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    double means[55];
    int count = 0;
    for (int twice = 0; twice <= 18; twice++)
        for (int i = 0; i < 10; i++)
            for (int k = 0; k <= i; k++)
                if (i + k == twice) means[count++] = twice / 2.0;
    shift = signed_rank_shift(ten, 10, 0.95);
    NEAR(shift.value, 4.5, 1e-12);
    NEAR(shift.low, means[8], 1e-12);
    NEAR(shift.high, means[55 - 9], 1e-12);
}

/* The interval holds what it says: over many samples of a skewless distribution. */
static void the_interval_keeps_its_word(void **state) {
    struct random random;
    int held = 0;
    enum { ROUNDS = 2000, PAIRS = 14 };
    (void)state;
    random_seed(&random, 11);
    for (int round = 0; round < ROUNDS; round++) {
        double differences[PAIRS];
        for (int i = 0; i < PAIRS; i++) differences[i] = 0.3 + normal(&random);
        struct shift shift = signed_rank_shift(differences, PAIRS, 0.95);
        held += shift.low <= 0.3 && 0.3 <= shift.high;
    }
    assert_in_range(held, (int)(0.935 * ROUNDS), (int)(0.975 * ROUNDS));
}

/* What it is promised to find, it finds. */
static void power_as_promised(void **state) {
    struct random random;
    (void)state;
    random_seed(&random, 17);
    static const struct {
        double shift, alpha, least;
        int pairs;
    } cases[] = {{0.10, 0.01, 0.05, 30},
                 {0.08, 0.001, 0, 30},
                 {0.12, 0.0003, 0.05, 20},
                 {0.06, 0.01, 0.05, 40}};
    for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
        enum { ROUNDS = 1500 };
        int found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double differences[64];
            for (int i = 0; i < cases[c].pairs; i++)
                differences[i] = cases[c].shift + 0.1 * normal(&random);
            found += signed_rank_p(differences, cases[c].pairs) <= cases[c].alpha &&
                     signed_rank_shift(differences, cases[c].pairs, 0.95).value > cases[c].least;
        }
        double promised =
            signed_rank_power(cases[c].shift, 0.1, cases[c].pairs, cases[c].alpha, cases[c].least);
        NEAR((double)found / ROUNDS, promised, 0.07);
    }
    /* Too few pairs find nothing, however large it is. */
    NEAR(signed_rank_power(9, 0.1, 7, 0.01, 0), 0, 0);
    assert_true(signed_rank_power(9, 0.1, 8, 0.01, 0) > 0.99);
    NEAR(signed_rank_power(0.1, 0, 30, 0.01, 0.05), 1, 0);
    NEAR(signed_rank_power(0.04, 0, 30, 0.01, 0.05), 0, 0);
}

static void wild_ones_do_not_scatter(void **state) {
    double tame[101], wild[101];
    struct random random;
    (void)state;
    random_seed(&random, 23);
    for (int i = 0; i < 101; i++) {
        tame[i] = 0.1 * normal(&random);
        wild[i] = i % 10 == 0 ? 5 : tame[i];
    }
    NEAR(scatter(tame, 101), 0.1, 0.03);
    NEAR(scatter(wild, 101), 0.1, 0.05);
    NEAR(scatter(tame, 0), 0, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(exact_also_with_ties),
        cmocka_unit_test(symmetric),
        cmocka_unit_test(the_estimate),
        cmocka_unit_test(the_interval_keeps_its_word),
        cmocka_unit_test(power_as_promised),
        cmocka_unit_test(wild_ones_do_not_scatter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
