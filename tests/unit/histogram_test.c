/* core/model/histogram */
#include "model/histogram.h"

#include "base/base64.h"
#include "base/random.h"
#include "test.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define VALUES 20000
#define ERROR 0.001 /* what the header promises */

/* --- values of many shapes -------------------------------------------------------------------- */

static int64_t uniform(struct random *random) { return (int64_t)random_below(random, 5000000); }
static int64_t small(struct random *random) { return (int64_t)random_below(random, 3000); }
static int64_t exponential(struct random *random) {
    return (int64_t)random_exponential(random, 200000);
}
static int64_t log_uniform(struct random *random) {
    return (int64_t)exp(random_unit(random) * log((double)HISTOGRAM_MAXIMUM));
}
static int64_t two_peaks(struct random *random) {
    return (random_below(random, 100) == 0 ? 900000000 : 30000) +
           (int64_t)random_below(random, 999);
}
static int64_t constant(struct random *random) {
    (void)random;
    return 123456789;
}
static int64_t (*const shapes[])(struct random *) = {
    uniform, small, exponential, log_uniform, two_peaks, constant,
};
#define SHAPES (sizeof(shapes) / sizeof(*shapes))

static int64_t *draw(size_t shape, uint64_t seed) {
    struct random random;
    random_seed(&random, seed);
    int64_t *values = malloc(VALUES * sizeof(*values));
    for (int i = 0; i < VALUES; i++) values[i] = shapes[shape](&random);
    return values;
}

static struct histogram *filled(const int64_t *values, int count) {
    struct histogram *histogram = histogram_new();
    for (int i = 0; i < count; i++) histogram_record(histogram, values[i]);
    return histogram;
}

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool is_near(int64_t value, int64_t exact) {
    return fabs((double)(value - exact)) <= ERROR * (double)exact;
}

static struct buffer serialised(const struct histogram *histogram) {
    struct buffer bytes = {0};
    histogram_serialise(histogram, &bytes);
    return bytes;
}

/* As the runner does it. */
static void merge(struct histogram *into, const struct histogram *from) {
    struct buffer bytes = serialised(from);
    assert_int_equal(histogram_deserialise(into, bytes.data, bytes.length), 0);
    buffer_free(&bytes);
}

/* Whether two histograms hold the same, told by their compact form; sums may differ by rounding. */
static void assert_same(const struct histogram *a, const struct histogram *b) {
    uint32_t at_a = 0, at_b = 0;
    int64_t value_a = 0, value_b = 0;
    uint64_t count_a = 0, count_b = 0;
    int more;
    do {
        more = histogram_next(a, &at_a, &value_a, &count_a);
        assert_int_equal(more, histogram_next(b, &at_b, &value_b, &count_b));
        assert_true(value_a == value_b && count_a == count_b);
    } while (more);
    assert_true(histogram_count(a) == histogram_count(b));
    assert_true(histogram_min(a) == histogram_min(b) && histogram_max(a) == histogram_max(b));
    assert_true(fabs(histogram_mean(a) - histogram_mean(b)) <= 1e-12 * histogram_mean(a));
}

/* --- recording and asking --------------------------------------------------------------------- */

static void an_empty_one_answers_nothing(void **state) {
    (void)state;
    struct histogram *histogram = histogram_new();
    uint32_t cursor = 0;
    int64_t midpoint;
    uint64_t count;
    assert_int_equal(histogram_count(histogram), 0);
    assert_int_equal(histogram_min(histogram), 0);
    assert_int_equal(histogram_max(histogram), 0);
    assert_true(histogram_mean(histogram) == 0);
    assert_int_equal(histogram_quantile(histogram, 0.5), 0);
    assert_int_equal(histogram_next(histogram, &cursor, &midpoint, &count), 0);
    assert_int_equal(histogram_next(histogram, &cursor, &midpoint, &count), 0);
    histogram_free(histogram);
}

static void quantiles_are_those_of_the_sorted_values(void **state) {
    (void)state;
    static const double quantiles[] = {
        0, 0.001, 0.01, 0.07, 0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999, 1,
    };
    for (size_t shape = 0; shape < SHAPES; shape++) {
        int64_t *values = draw(shape, shape);
        struct histogram *histogram = filled(values, VALUES);
        qsort(values, VALUES, sizeof(*values), by_value);
        for (size_t q = 0; q < sizeof(quantiles) / sizeof(*quantiles); q++) {
            int rank = (int)ceil(quantiles[q] * VALUES - 1e-6);
            int64_t exact = values[rank > 0 ? rank - 1 : 0];
            int64_t value = histogram_quantile(histogram, quantiles[q]);
            if (!is_near(value, exact)) fail_msg("shape %zu, quantile %g", shape, quantiles[q]);
        }
        assert_true(histogram_quantile(histogram, 1) == values[VALUES - 1]);
        histogram_free(histogram);
        free(values);
    }
}

static void count_minimum_maximum_and_mean_are_exact(void **state) {
    (void)state;
    for (size_t shape = 0; shape < SHAPES; shape++) {
        int64_t *values = draw(shape, 10 + shape);
        struct histogram *histogram = filled(values, VALUES);
        long double sum = 0;
        for (int i = 0; i < VALUES; i++) sum += (long double)values[i];
        qsort(values, VALUES, sizeof(*values), by_value);
        assert_int_equal(histogram_count(histogram), VALUES);
        assert_true(histogram_min(histogram) == values[0]);
        assert_true(histogram_max(histogram) == values[VALUES - 1]);
        double mean = (double)(sum / VALUES);
        assert_true(fabs(histogram_mean(histogram) - mean) <= 1e-12 * mean);
        histogram_free(histogram);
        free(values);
    }
}

/* Ranks are not one too high because 0.07 * 100 is a little more than 7 in binary. */
static void ranks_are_not_off_by_rounding(void **state) {
    (void)state;
    struct histogram *histogram = histogram_new();
    for (int64_t value = 1; value <= 100; value++) histogram_record(histogram, value);
    for (int percent = 1; percent <= 100; percent++) {
        assert_int_equal(histogram_quantile(histogram, percent / 100.0), percent);
        assert_int_equal(histogram_quantile(histogram, percent * 0.01), percent);
    }
    assert_int_equal(histogram_quantile(histogram, 0.501), 51);
    assert_int_equal(histogram_quantile(histogram, -1), 1);
    assert_int_equal(histogram_quantile(histogram, 2), 100);
    assert_int_equal(histogram_quantile(histogram, NAN), 1);
    histogram_free(histogram);
}

/* At every power of two and around it, a single value is found again. */
static void buckets_meet_without_gap_or_overlap(void **state) {
    (void)state;
    for (int bit = 0; bit < 42; bit++) {
        for (int64_t off = -2; off <= 2; off++) {
            int64_t value = (INT64_C(1) << bit) + off;
            if (value < 0 || value > HISTOGRAM_MAXIMUM) continue;
            struct histogram *histogram = histogram_new();
            uint32_t cursor = 0;
            int64_t midpoint;
            uint64_t count;
            histogram_record(histogram, value);
            assert_int_equal(histogram_next(histogram, &cursor, &midpoint, &count), 1);
            assert_true(fabs((double)(midpoint - value)) <= 0.0005 * (double)value);
            if (value < 2048) assert_int_equal(midpoint, value);
            assert_true(histogram_quantile(histogram, 0.5) == value); /* clamped to min and max */
            histogram_free(histogram);
        }
    }
}

static void values_out_of_range_are_brought_in(void **state) {
    (void)state;
    struct histogram *histogram = histogram_new();
    histogram_record(histogram, -5);
    histogram_record(histogram, INT64_MIN);
    histogram_record(histogram, HISTOGRAM_MAXIMUM + 1);
    histogram_record(histogram, INT64_MAX);
    assert_int_equal(histogram_count(histogram), 4);
    assert_int_equal(histogram_min(histogram), 0);
    assert_true(histogram_max(histogram) == HISTOGRAM_MAXIMUM);
    assert_true(histogram_mean(histogram) == (double)HISTOGRAM_MAXIMUM / 2);
    assert_int_equal(histogram_quantile(histogram, 0.5), 0);
    histogram_free(histogram);
}

/* `count` times each value from `from` to `from + 99`, times `factor`. */
static struct histogram *spread(int64_t from, double factor, int count) {
    struct histogram *histogram = histogram_new();
    for (int64_t value = from; value < from + 100; value++)
        for (int i = 0; i < count; i++)
            histogram_record(histogram, (int64_t)((double)value * factor));
    return histogram;
}

static void assert_apart(const struct histogram *a, const struct histogram *b, double tolerance,
                         double expected) {
    assert_float_equal(histogram_distance(a, b, tolerance), expected, 1e-9);
    assert_float_equal(histogram_distance(b, a, tolerance), expected, 1e-9);
}

static void the_distance_is_that_of_the_shares(void **state) {
    (void)state;
    struct histogram *a = spread(1000, 1, 1), *same = spread(1000, 1, 7);
    struct histogram *later = spread(1030, 1, 1), *elsewhere = spread(5000, 1, 1);
    struct histogram *empty = histogram_new();
    assert_apart(a, same, 0, 0);    /* the counts do not matter */
    assert_apart(a, later, 0, 0.3); /* 1000 .. 1029 are not above 1029 */
    assert_apart(a, elsewhere, 0, 1);
    assert_true(isnan(histogram_distance(a, empty, 0)));
    assert_true(isnan(histogram_distance(empty, a, 0.5)));
    histogram_free(a);
    histogram_free(same);
    histogram_free(later);
    histogram_free(elsewhere);
    histogram_free(empty);
}

static void a_tolerance_forgives_a_shift_and_nothing_else(void **state) {
    (void)state;
    struct histogram *a = spread(100000, 1, 7), *later = spread(100000, 1.04, 7);
    struct histogram *much_later = spread(100000, 1.06, 7);
    assert_apart(a, later, 0, 1);
    assert_apart(a, later, 0.05, 0);
    assert_apart(a, much_later, 0.05, 1);
    /* Three of ten twice as late, as after a loss. */
    for (int64_t value = 100000; value < 100100; value++)
        for (int i = 0; i < 3; i++) histogram_record(later, 2 * value);
    assert_apart(a, later, 0.05, 0.3);
    /* Values up to the largest that there is. */
    struct histogram *most = histogram_new();
    histogram_record(most, HISTOGRAM_MAXIMUM);
    assert_apart(most, most, 0.5, 0);
    assert_apart(a, most, 0.5, 1);
    histogram_free(a);
    histogram_free(later);
    histogram_free(much_later);
    histogram_free(most);
}

static void merging_is_recording_all(void **state) {
    (void)state;
    struct histogram *merged = histogram_new(), *all = histogram_new(), *empty = histogram_new();
    merge(merged, empty);
    for (size_t shape = 0; shape < SHAPES; shape++) {
        int64_t *values = draw(shape, 20 + shape);
        struct histogram *part = filled(values, VALUES);
        for (int i = 0; i < VALUES; i++) histogram_record(all, values[i]);
        merge(merged, part);
        histogram_free(part);
        free(values);
    }
    merge(merged, empty);
    assert_same(merged, all);
    histogram_reset(all);
    assert_same(all, empty);
    histogram_free(merged);
    histogram_free(all);
    histogram_free(empty);
}

/* --- the compact form ------------------------------------------------------------------------- */

static void the_form_is_as_documented(void **state) {
    (void)state;
    static const unsigned char expected[] = {
        1,                                     /* version */
        3,                                     /* count */
        2,                                     /* minimum */
        0x80, 0x10,                            /* maximum: 2048 */
        0,    0,    0, 0, 0, 0x0C, 0xA0, 0x40, /* sum: 2054.0 */
        2,    1,                               /* bucket 2, after 2 empty ones, holds 1 */
        1,    1,                               /* bucket 4, after 1 */
        0xFB, 0x0F, 1,                         /* bucket 2048, after 2043 */
    };
    struct histogram *histogram = filled((int64_t[]){2, 4, 2048}, 3);
    struct buffer bytes = serialised(histogram);
    assert_int_equal(bytes.length, sizeof(expected));
    assert_memory_equal(bytes.data, expected, sizeof(expected));
    buffer_free(&bytes);
    histogram_free(histogram);
}

static void what_was_serialised_comes_back(void **state) {
    (void)state;
    for (size_t shape = 0; shape < SHAPES; shape++) {
        int64_t *values = draw(shape, 30 + shape);
        struct histogram *histogram = filled(values, VALUES);
        struct histogram *back = histogram_new(), *twice = histogram_new();
        struct buffer bytes = serialised(histogram);
        assert_int_equal(histogram_deserialise(back, bytes.data, bytes.length), 0);
        assert_same(histogram, back);

        char *text = histogram_to_base64(histogram);
        merge(twice, histogram);
        merge(twice, histogram);
        assert_int_equal(histogram_from_base64(back, text), 0); /* adds to what is there */
        assert_same(twice, back);
        free(text);
        buffer_free(&bytes);
        histogram_free(histogram);
        histogram_free(back);
        histogram_free(twice);
        free(values);
    }
}

static void an_empty_one_comes_back(void **state) {
    (void)state;
    struct histogram *empty = histogram_new(), *into = filled((int64_t[]){7}, 1);
    struct histogram *same = filled((int64_t[]){7}, 1);
    char *text = histogram_to_base64(empty);
    assert_int_equal(histogram_from_base64(into, text), 0);
    assert_same(into, same);
    assert_int_equal(histogram_from_base64(empty, text), 0);
    assert_int_equal(histogram_count(empty), 0);
    free(text);
    histogram_free(empty);
    histogram_free(into);
    histogram_free(same);
}

/* Deserialises an exact copy; a refusal must leave no trace. Returns whether it was taken. */
static bool offer(const char *bytes, size_t length) {
    struct histogram *into = filled((int64_t[]){1, 1000, 1000000}, 3);
    struct buffer before = serialised(into);
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, bytes, length);
    int error = histogram_deserialise(into, copy, length);
    free(copy);
    struct buffer after = serialised(into);
    assert_true(error == 0 || error == UV_EINVAL);
    if (error != 0) {
        assert_int_equal(before.length, after.length);
        assert_memory_equal(before.data, after.data, before.length);
    } else {
        uint64_t total = 0, count;
        uint32_t cursor = 0;
        int64_t midpoint;
        while (histogram_next(into, &cursor, &midpoint, &count)) total += count;
        assert_true(total == histogram_count(into));
        assert_true(isfinite(histogram_mean(into)));
        assert_true(histogram_quantile(into, 0.999) <= histogram_max(into));
    }
    buffer_free(&before);
    buffer_free(&after);
    histogram_free(into);
    return error == 0;
}

static void malformed_bytes_are_refused(void **state) {
    (void)state;
#define SUM_10 "\0\0\0\0\0\0\x24\x40"
#define LONGEST "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
    static const struct {
        const char *bytes;
        size_t length;
        bool good;
    } cases[] = {
#define CASE(good, bytes) {bytes, sizeof(bytes) - 1, good}
        CASE(true, "\1\1\xa\xa" SUM_10 "\xa\1"),
        CASE(false, ""),
        CASE(false, "\1"),
        CASE(false, "\2\1\xa\xa" SUM_10 "\xa\1"),           /* version */
        CASE(false, "\1\2\xa\xa" SUM_10 "\xa\1"),           /* count */
        CASE(false, "\1\0\xa\xa" SUM_10 "\xa\1"),           /* count */
        CASE(false, "\1\0\xa\xa" SUM_10),                   /* empty, but a minimum */
        CASE(false, "\1\1\x9\xa" SUM_10 "\xa\1"),           /* minimum */
        CASE(false, "\1\1\xa\xb" SUM_10 "\xa\1"),           /* maximum */
        CASE(false, "\1\1\xb\xa" SUM_10 "\xa\1"),           /* minimum > maximum */
        CASE(false, "\1\1\xa\xa\0\0\0\0\0\0\x34\x40\xa\1"), /* sum */
        CASE(false, "\1\1\xa\xa\0\0\0\0\0\0\xf8\x7f\xa\1"), /* sum is not a number */
        CASE(false, "\1\1\xa\xa\0\0\0\0\0\0\xf0\x7f\xa\1"), /* sum is infinite */
        CASE(false, "\1\1\xa\xa" SUM_10 "\xa\0"),           /* nothing in a bucket */
        CASE(false, "\1\1\xa\xa" SUM_10 "\xa"),             /* half a pair */
        CASE(false, "\1\1\xa\xa" SUM_10 "\xa\x81"),         /* half a number */
        CASE(false, "\1\1\xa\xa" SUM_10 LONGEST "\1"),      /* bucket far away */
        CASE(false, "\1\1\xa\xa" SUM_10 "\x8d\x85\2\1"),    /* bucket just outside */
        CASE(false, "\1\1\xa\xa" SUM_10 "\xa\1\0" LONGEST), /* counts overflow */
        CASE(false, "\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\xa\xa" SUM_10 "\xa\1"), /* 2^65 */
        CASE(false, "\1\x81\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\xa\xa" SUM_10 "\xa\1"),
        CASE(false, "\1" LONGEST "\0\0\0\0\0\0\0\0\0\0\0" LONGEST), /* more than `into` can add */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (offer(cases[i].bytes, cases[i].length) != cases[i].good) fail_msg("case %zu", i);
    }
}

static void hostile_bytes_do_no_harm(void **state) {
    (void)state;
    struct random random;
    random_seed(&random, 5);
    int64_t *values = draw(2, 40);
    struct histogram *histogram = filled(values, 200);
    struct buffer good = serialised(histogram);
    for (size_t length = 0; length < good.length; length++) {
        assert_false(offer(good.data, length));
    }
    for (int round = 0; round < 2000; round++) {
        struct buffer bad = serialised(histogram);
        for (uint64_t changes = 1 + random_below(&random, 3); changes > 0; changes--) {
            bad.data[random_below(&random, bad.length)] = (char)random_next(&random);
        }
        offer(bad.data, bad.length);
        for (size_t i = 0; i < bad.length; i++) bad.data[i] = (char)random_next(&random);
        bad.data[0] = 1;
        assert_false(offer(bad.data, bad.length));
        buffer_free(&bad);
    }
    buffer_free(&good);
    histogram_free(histogram);
    free(values);
}

static void other_texts_are_refused(void **state) {
    (void)state;
    struct histogram *histogram = histogram_new();
    assert_int_equal(histogram_from_base64(histogram, ""), UV_EINVAL);
    assert_int_equal(histogram_from_base64(histogram, "!"), UV_EINVAL);
    assert_int_equal(histogram_from_base64(histogram, "AAAA"), UV_EINVAL);
    assert_int_equal(histogram_count(histogram), 0);
    histogram_free(histogram);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_one_answers_nothing),
        cmocka_unit_test(quantiles_are_those_of_the_sorted_values),
        cmocka_unit_test(count_minimum_maximum_and_mean_are_exact),
        cmocka_unit_test(ranks_are_not_off_by_rounding),
        cmocka_unit_test(buckets_meet_without_gap_or_overlap),
        cmocka_unit_test(values_out_of_range_are_brought_in),
        cmocka_unit_test(the_distance_is_that_of_the_shares),
        cmocka_unit_test(a_tolerance_forgives_a_shift_and_nothing_else),
        cmocka_unit_test(merging_is_recording_all),
        cmocka_unit_test(the_form_is_as_documented),
        cmocka_unit_test(what_was_serialised_comes_back),
        cmocka_unit_test(an_empty_one_comes_back),
        cmocka_unit_test(malformed_bytes_are_refused),
        cmocka_unit_test(hostile_bytes_do_no_harm),
        cmocka_unit_test(other_texts_are_refused),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}
