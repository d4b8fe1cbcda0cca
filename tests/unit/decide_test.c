/* runner/compare/decide and gated: what is worse, what asks for more, and what a scenario allows */
#include "compare/decide.h"
#include "compare/gated.h"

#include "base/memory.h"
#include "base/random.h"
#include "capture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PAIRS 30
#define LIMIT 60

static const struct decide_rules rules = {PAIRS, LIMIT};
static struct random lot;

static double normal(void) {
    double u = ((double)random_below(&lot, 1 << 30) + 1) / ((1 << 30) + 1.0);
    double v = (double)random_below(&lot, 1 << 30) / (1 << 30);
    return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static int seed(void **state) {
    (void)state;
    random_seed(&lot, 1);
    return 0;
}

/* What an item measures: a shift and how it scatters, in either batch. */
struct nature {
    double shift[GATE_BATCHES], deviation;
    bool count, mishap;
};

static void draw(struct decide_item *item, const struct nature *nature, int batch, int pairs) {
    struct decide_batch *own = &item->batches[batch];
    for (int i = 0; i < pairs; i++) {
        own->differences = xgrow(own->differences, (size_t)own->count, sizeof(double));
        own->differences[own->count++] =
            nature->shift[batch] + (nature->deviation > 0 ? nature->deviation * normal() : 0);
        own->run++;
    }
}

static void init(struct decide_item *item, const struct nature *nature) {
    *item = (struct decide_item){
        .mishap = nature->mishap, .count = nature->count, .tolerance = nature->count ? 0.01 : 0.05};
    for (int b = 0; b < GATE_BATCHES; b++) item->batches[b].base_has_none = true;
    draw(item, nature, 0, GATE_COUNT_PAIRS);
}

static void drop(struct decide_item *items, int count) {
    for (int i = 0; i < count; i++)
        for (int b = 0; b < GATE_BATCHES; b++) free(items[i].batches[b].differences);
}

/* Gives what is asked for until nothing is. Returns how many rounds that took. */
static int play(struct decide_item *items, const struct nature *natures, int count) {
    int rounds = 0;
    for (bool asked = true; asked; rounds++) {
        asked = false;
        decide(items, count, &rules);
        for (int i = 0; i < count; i++) {
            if (items[i].more_pairs == 0) continue;
            draw(&items[i], &natures[i], items[i].more_batch - 1, items[i].more_pairs);
            asked = true;
        }
        assert_true(rounds < 20);
    }
    return rounds;
}

static void what_is_the_same_is_the_same(void **state) {
    struct nature natures[4] = {
        {.deviation = 0.1}, {.count = true}, {.count = true, .mishap = true}, {.deviation = 0.3}};
    struct decide_item items[4];
    (void)state;
    for (int i = 0; i < 4; i++) init(&items[i], &natures[i]);
    play(items, natures, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(items[i].decision, SAME);
        assert_true(items[i].batches[0].count >= PAIRS);
        assert_int_equal(items[i].batches[1].count, 0);
    }
    drop(items, 4);
}

static void slower_is_suspected_and_confirmed(void **state) {
    struct nature natures[2] = {{.shift = {0.2, 0.2}, .deviation = 0.1}, {.deviation = 0.1}};
    struct decide_item items[2];
    (void)state;
    for (int i = 0; i < 2; i++) init(&items[i], &natures[i]);
    play(items, natures, 2);
    assert_int_equal(items[0].decision, WORSE);
    assert_true(items[0].batches[1].count >= PAIRS);
    assert_int_equal(items[1].decision, SAME);
    assert_int_equal(items[1].batches[1].count, 0); /* nobody suspected it */
    drop(items, 2);
}

static void faster_is_no_regression(void **state) {
    struct nature nature = {.shift = {-0.3, -0.3}, .deviation = 0.1};
    struct decide_item item;
    (void)state;
    init(&item, &nature);
    play(&item, &nature, 1);
    assert_int_equal(item.decision, BETTER);
    drop(&item, 1);
}

/* Significant, and within what is allowed. */
static void within_the_tolerance(void **state) {
    struct nature natures[] = {{.shift = {0.03, 0.03}, .deviation = 0.01},
                               {.shift = {-0.03, -0.03}, .deviation = 0.01}};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct decide_item item;
        init(&item, &natures[i]);
        play(&item, &natures[i], 1);
        assert_int_equal(item.decision, SAME);
        assert_true(item.batches[0].significant);
        drop(&item, 1);
    }
}

static void what_chance_showed_is_not_confirmed(void **state) {
    struct nature nature = {.shift = {0.3, 0}, .deviation = 0.05};
    struct decide_item item;
    (void)state;
    init(&item, &nature);
    play(&item, &nature, 1);
    assert_int_equal(item.decision, NOT_CONFIRMED);
    drop(&item, 1);
}

/* Bytes that are more in each pair need few pairs, and what is timed is then not waited for. */
static void counts_come_first(void **state) {
    struct nature natures[2] = {{.shift = {0.05, 0.05}, .count = true}, {.deviation = 0.1}};
    struct decide_item items[2];
    (void)state;
    for (int i = 0; i < 2; i++) init(&items[i], &natures[i]);
    play(items, natures, 2);
    assert_int_equal(items[0].decision, WORSE);
    assert_int_equal(items[0].batches[0].count, GATE_COUNT_PAIRS);
    assert_int_equal(items[0].batches[1].count, GATE_COUNT_PAIRS);
    assert_int_equal(items[1].decision, UNSURE);
    drop(items, 2);
}

/* Puts a loss into each n-th pair, of either side. */
static void lose(struct decide_item *item, int batch, int every, int losses) {
    struct decide_batch *own = &item->batches[batch];
    for (int i = 0; i < own->count; i += every) own->differences[i] = losses;
    if (losses < 0) own->base_has_none = false;
}

static void losses_that_come_again(void **state) {
    struct nature nature = {.count = true, .mishap = true};
    struct decide_item item;
    (void)state;
    init(&item, &nature);
    lose(&item, 0, 3, 1); /* 5 of 14 */
    decide(&item, 1, &rules);
    assert_int_equal(item.decision, SUSPECT);
    assert_int_equal(item.more_batch, 2);
    draw(&item, &nature, 1, item.more_pairs);
    lose(&item, 1, 3, 2);
    decide(&item, 1, &rules);
    assert_int_equal(item.decision, WORSE); /* ten against none: 1 in 1,024 */
    drop(&item, 1);
}

/* One and one again are too few to be sure; more pairs tell. */
static void losses_that_are_rare(void **state) {
    struct nature nature = {.count = true, .mishap = true};
    struct decide_item item;
    int rounds = 0;
    (void)state;
    init(&item, &nature);
    lose(&item, 0, 14, 1);
    for (decide(&item, 1, &rules); item.more_pairs > 0 && rounds < 20; rounds++) {
        draw(&item, &nature, item.more_batch - 1, item.more_pairs);
        lose(&item, 0, 14, 1);
        lose(&item, 1, 14, 1);
        decide(&item, 1, &rules);
    }
    assert_true(rounds < 20);
    assert_int_equal(item.decision, UNSURE);
    assert_int_equal(item.batches[1].run, LIMIT);
    drop(&item, 1);
}

/* ... but once is chance. */
static void one_loss_alone(void **state) {
    struct nature nature = {.count = true, .mishap = true};
    struct decide_item item;
    (void)state;
    init(&item, &nature);
    lose(&item, 0, 14, 1);
    play(&item, &nature, 1);
    assert_int_equal(item.decision, NOT_CONFIRMED);
    assert_int_equal(item.batches[1].count, item.batches[0].count);
    drop(&item, 1);
}

/* A base that loses as well makes it a matter of how often. */
static void both_lose(void **state) {
    struct nature nature = {.count = true, .mishap = true};
    struct decide_item items[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        init(&items[i], &nature);
        items[i].batches[0].base_has_none = items[i].batches[1].base_has_none = false;
        draw(&items[i], &nature, 0, PAIRS - GATE_COUNT_PAIRS);
    }
    lose(&items[0], 0, 6, 3);
    lose(&items[0], 0, 5, -1);
    play(&items[0], &nature, 1);
    assert_int_equal(items[0].decision, SAME);
    lose(&items[1], 0, 2, 1);                /* 15 of 30 against */
    items[1].batches[0].differences[1] = -1; /* one in favour */
    decide(&items[1], 1, &rules);
    assert_int_equal(items[1].decision, SUSPECT);
    draw(&items[1], &nature, 1, items[1].more_pairs);
    lose(&items[1], 1, 2, 1);
    decide(&items[1], 1, &rules);
    assert_int_equal(items[1].decision, WORSE);
    drop(items, 2);
}

/* Between noise and a regression it wants more, gets it up to the limit, and says so. */
static void what_is_unsure_asks_for_more(void **state) {
    int unsure = 0, at_limit = 0;
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct nature nature = {.shift = {0.1, 0.1}, .deviation = 0.25};
        struct decide_item item;
        init(&item, &nature);
        play(&item, &nature, 1);
        for (int b = 0; b < GATE_BATCHES; b++) assert_true(item.batches[b].run <= LIMIT);
        unsure += item.decision == UNSURE;
        at_limit += item.batches[0].run == LIMIT;
        drop(&item, 1);
    }
    assert_true(unsure > 10);
    assert_true(at_limit > 10);
}

/* A cell whose trials fail has no figures; it does not ask for ever. */
static void figures_that_never_come(void **state) {
    struct nature natures[2] = {{.deviation = 0.1},
                                {.shift = {1, 1}, .count = true, .mishap = true}};
    struct decide_item items[2];
    (void)state;
    for (int i = 0; i < 2; i++) init(&items[i], &natures[i]);
    for (int round = 0; round < 10; round++) {
        items[0].batches[0].count = items[0].batches[1].count = 0;
        decide(items, 2, &rules);
        for (int i = 0; i < 2; i++)
            if (items[i].more_pairs > 0)
                draw(&items[i], &natures[i], items[i].more_batch - 1, items[i].more_pairs);
    }
    assert_int_equal(items[1].decision, WORSE); /* the failures themselves */
    assert_int_equal(items[0].more_pairs + items[1].more_pairs, 0);
    drop(items, 2);
}

/* Of 30 figures without a difference, none is called worse; and hardly a gate wants more than it must. */
static void no_wolf(void **state) {
    enum { ITEMS = 30, GATES = 60 };
    int worse = 0;
    (void)state;
    for (int gate = 0; gate < GATES; gate++) {
        struct nature natures[ITEMS];
        struct decide_item items[ITEMS];
        for (int i = 0; i < ITEMS; i++) {
            natures[i] = (struct nature){.deviation = 0.02 + 0.01 * i};
            init(&items[i], &natures[i]);
        }
        play(items, natures, ITEMS);
        for (int i = 0; i < ITEMS; i++) worse += items[i].decision == WORSE;
        drop(items, ITEMS);
    }
    assert_int_equal(worse, 0);
}

static void what_would_be_found(void **state) {
    struct nature quiet = {.deviation = 0.05}, noisy = {.deviation = 0.2};
    struct decide_item items[2];
    (void)state;
    init(&items[0], &quiet);
    init(&items[1], &noisy);
    double little = decide_finds(&items[0], 30, PAIRS), much = decide_finds(&items[1], 30, PAIRS);
    assert_true(little > 0.05 && little < 0.1);
    assert_true(much > 2 * little);
    assert_true(decide_finds(&items[1], 30, 4 * PAIRS) < much);
    double power = decide_power(&items[1], 30, PAIRS, much);
    assert_true(fabs(power - GATE_POWER) < 0.001);
    assert_true(isinf(decide_finds(&items[0], 30, 5))); /* five of one sign are no proof */
    drop(items, 2);
}

/* --- [gate] ----------------------------------------------------------------------------------- */

static void what_a_scenario_allows(void **state) {
    struct gated gated;
    char name[METRIC_NAME_SIZE];
    (void)state;
    const char *text = "[gate]\ndelivery_latency_p50_us = 8 % and 25.5 us\nlost = default\n"
                       "wire_bytes_per_delivery=2%\n";
    assert_int_equal(gated_read(&gated, text, "here"), 0);
    assert_int_equal(gated.count, 3);
    assert_string_equal(metric_name(name, gated.metrics[0].id), "delivery_latency_p50_us");
    assert_true(fabs(gated.metrics[0].tolerance.share - 0.08) < 1e-12);
    assert_true(gated.metrics[0].tolerance.least == 25.5);
    assert_true(gated.metrics[1].tolerance.share == 0);
    assert_true(metric_is_mishap(gated.metrics[1].id));
    assert_true(fabs(gated.metrics[2].tolerance.share - 0.02) < 1e-12);
    assert_true(gated.metrics[2].tolerance.least == 0);
    gated_free(&gated);
}

static void without_a_gate_the_tables_choice(void **state) {
    struct gated gated;
    bool latency = false, lost = false;
    (void)state;
    assert_int_equal(gated_read(&gated, "[vary]\nstrategy = sse\n", "here"), 0);
    for (int i = 0; i < gated.count; i++) {
        char name[METRIC_NAME_SIZE];
        metric_name(name, gated.metrics[i].id);
        latency |= strcmp(name, "delivery_latency_p50_us") == 0 &&
                   gated.metrics[i].tolerance.share == 0.05 &&
                   gated.metrics[i].tolerance.least == 10;
        lost |= strcmp(name, "lost") == 0;
    }
    assert_true(latency && lost);
    gated_free(&gated);
}

static void read_bad(void *text) {
    struct gated gated;
    int status = gated_read(&gated, text, "here.ini");
    gated_free(&gated);
    exit(status);
}

static void mistakes_in_a_gate(void **state) {
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"delivery_latency_p55_us = 5 %", "here.ini:2: [gate] delivery_latency_p55_us is no "
                                          "metric: did you mean delivery_latency_p50_us?"},
        {"delivery_latency_p50_us = 5", "must be how much worse it may be"},
        {"delivery_latency_p50_us = -5 %", "must be how much worse it may be"},
        {"delivery_latency_p50_us = 5 % and 10 ms", "`5 % and 10 us`"},
        {"delivery_latency_p50_us = 5 % and 10 us or so", "must be how much worse it may be"},
        {"delivery_latency_p50_us = 5 % and inf us", "must be how much worse it may be"},
        {"lost = 5 %", "counts what must not happen, of which any is too much: write `default`"},
        {"payload_bytes_per_delivery = 5 %", "can be neither better nor worse"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct captured captured;
        char text[256];
        snprintf(text, sizeof(text), "[gate]\n%s\n", cases[i].line);
        capture(&captured, read_bad, text);
        assert_int_equal(captured.status, 2);
        if (strstr(captured.err, cases[i].says) == NULL)
            fail_msg("%s: %s", cases[i].line, captured.err);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_the_same_is_the_same, seed),
        cmocka_unit_test_setup(slower_is_suspected_and_confirmed, seed),
        cmocka_unit_test_setup(faster_is_no_regression, seed),
        cmocka_unit_test_setup(within_the_tolerance, seed),
        cmocka_unit_test_setup(what_chance_showed_is_not_confirmed, seed),
        cmocka_unit_test_setup(counts_come_first, seed),
        cmocka_unit_test_setup(losses_that_come_again, seed),
        cmocka_unit_test_setup(losses_that_are_rare, seed),
        cmocka_unit_test_setup(both_lose, seed),
        cmocka_unit_test_setup(one_loss_alone, seed),
        cmocka_unit_test_setup(what_is_unsure_asks_for_more, seed),
        cmocka_unit_test_setup(figures_that_never_come, seed),
        cmocka_unit_test_setup(no_wolf, seed),
        cmocka_unit_test_setup(what_would_be_found, seed),
        cmocka_unit_test(what_a_scenario_allows),
        cmocka_unit_test(without_a_gate_the_tables_choice),
        cmocka_unit_test(mistakes_in_a_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
