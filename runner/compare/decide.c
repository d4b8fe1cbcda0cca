/* The decision. See decide.h. */
#include "compare/decide.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* --- one batch -------------------------------------------------------------------------------- */

static double total(const struct decide_batch *batch) {
    double sum = 0;
    for (int i = 0; i < batch->count; i++) sum += batch->differences[i];
    return sum;
}

static void look(const struct decide_item *item, struct decide_batch *batch) {
    batch->p = 1;
    batch->shift = (struct shift){0, -INFINITY, INFINITY};
    batch->significant = batch->beyond = false;
    if (batch->count == 0) return;
    batch->p = signed_rank_p(batch->differences, batch->count);
    batch->shift = signed_rank_shift(batch->differences, batch->count, 0.95);
    batch->beyond = item->mishap ? total(batch) > 0 : batch->shift.value > item->tolerance;
}

/* Orders (p, place) by p. */
struct place {
    double p;
    int at;
};

static int compare_places(const void *a, const void *b) {
    double x = ((const struct place *)a)->p, y = ((const struct place *)b)->p;
    return (x > y) - (x < y);
}

/* Holm: the least p is held against alpha / m, the next against alpha / (m - 1), until one is above. */
static void test_together(struct decide_item *items, const bool *tested, int count, int number) {
    struct place *places = xcalloc((size_t)count + 1, sizeof(*places));
    int tests = 0;
    for (int i = 0; i < count; i++)
        if (tested[i]) places[tests++] = (struct place){items[i].batches[number].p, i};
    qsort(places, (size_t)tests, sizeof(*places), compare_places);
    for (int i = 0; i < tests && places[i].p <= GATE_ALPHA / (tests - i); i++)
        items[places[i].at].batches[number].significant = true;
    for (int i = 0; i < tests; i++) {
        const struct decide_item *item = &items[places[i].at];
        struct decide_batch *batch = &items[places[i].at].batches[number];
        if (item->mishap && batch->base_has_none && batch->beyond) batch->significant = true;
    }
    free(places);
}

/* --- how much is found ------------------------------------------------------------------------ */

double decide_power(const struct decide_item *item, int tests, int pairs, double change) {
    const struct decide_batch *first = &item->batches[0];
    double deviation = scatter(first->differences, first->count);
    return signed_rank_power(change, deviation, pairs, GATE_ALPHA / tests, item->tolerance) *
           signed_rank_power(change, deviation, pairs, GATE_ALPHA, item->tolerance);
}

double decide_finds(const struct decide_item *item, int tests, int pairs) {
    double low = item->tolerance, high = 1;
    if (decide_power(item, tests, pairs, 10) < GATE_POWER) return INFINITY;
    while (decide_power(item, tests, pairs, high) < GATE_POWER) high *= 2;
    for (int i = 0; i < 50; i++) {
        double middle = (low + high) / 2;
        *(decide_power(item, tests, pairs, middle) < GATE_POWER ? &low : &high) = middle;
    }
    return high;
}

/* How many more pairs let the batch find what it seems to see: a third more at least. */
static int pairs_for(const struct decide_batch *batch, double alpha, double tolerance, int limit) {
    double deviation = scatter(batch->differences, batch->count);
    int needed = batch->run + (batch->run + 2) / 3;
    while (needed < limit && signed_rank_power(batch->shift.value, deviation, needed, alpha,
                                               tolerance) < GATE_POWER)
        needed++;
    return (needed < limit ? needed : limit) - batch->run;
}

/* --- the stages ------------------------------------------------------------------------------- */

static void ask(struct decide_item *item, int batch, int pairs) {
    item->more_batch = batch;
    item->more_pairs = pairs > 0 ? pairs : 0;
}

/* Looks worse, and is not shown to be: more pairs, if there may be more. */
static bool is_maybe(const struct decide_item *item, const struct decide_batch *batch) {
    return !item->mishap && batch->beyond && !batch->significant && batch->p <= GATE_MAYBE;
}

static void decide_first(struct decide_item *item, int tests, const struct decide_rules *rules) {
    const struct decide_batch *first = &item->batches[0];
    bool worse = first->significant && first->beyond;
    if (first->count < GATE_PAIRS_MIN && !(item->mishap && worse))
        item->decision = CANNOT_SAY;
    else if (worse)
        item->decision = SUSPECT;
    else if (is_maybe(item, first))
        item->decision = UNSURE;
    else
        item->decision = first->significant && first->shift.value < 0 ? BETTER : SAME;
    if (item->decision == UNSURE)
        ask(item, 1, pairs_for(first, GATE_ALPHA / tests, item->tolerance, rules->limit));
}

/* A suspect, by as many pairs as have made it one. */
static void decide_second(struct decide_item *item, int suspects, const struct decide_rules *rules) {
    const struct decide_batch *second = &item->batches[1];
    int missing = item->batches[0].run - second->run;
    if (second->significant && second->beyond && (item->mishap || second->count >= GATE_PAIRS_MIN))
        item->decision = WORSE;
    else if (missing > 0)
        ask(item, 2, missing);
    else if (is_maybe(item, second)) {
        item->decision = UNSURE;
        ask(item, 2, pairs_for(second, GATE_ALPHA / suspects, item->tolerance, rules->limit));
    } else
        item->decision = NOT_CONFIRMED;
}

/* What is counted comes first: the other items wait until it is decided. */
static bool counts_decide(const struct decide_item *items, int count) {
    for (int i = 0; i < count; i++)
        if (items[i].count && items[i].decision == WORSE) return true;
    return false;
}

static bool anybody_asks(const struct decide_item *items, int count) {
    for (int i = 0; i < count; i++)
        if (items[i].more_pairs > 0) return true;
    return false;
}

/* With few pairs, what is timed is not looked at yet. */
static void wait_for_counts(struct decide_item *items, int count, const struct decide_rules *rules) {
    for (int i = 0; i < count; i++)
        if (!items[i].count && items[i].batches[0].run < rules->pairs) {
            items[i].decision = UNSURE;
            ask(&items[i], 1, 0);
        }
    if (anybody_asks(items, count) || counts_decide(items, count)) return;
    for (int i = 0; i < count; i++)
        if (items[i].batches[0].run < rules->pairs && items[i].decision != WORSE)
            ask(&items[i], 1, rules->pairs - items[i].batches[0].run);
}

void decide(struct decide_item *items, int count, const struct decide_rules *rules) {
    bool *tested = xcalloc((size_t)count + 1, sizeof(*tested));
    int tests = 0, suspects = 0;
    for (int i = 0; i < count; i++) {
        for (int b = 0; b < GATE_BATCHES; b++) look(&items[i], &items[i].batches[b]);
        ask(&items[i], 1, 0);
        tested[i] = true;
        tests++;
    }
    test_together(items, tested, count, 0);
    for (int i = 0; i < count; i++) {
        decide_first(&items[i], tests, rules);
        tested[i] = items[i].decision == SUSPECT;
        suspects += tested[i];
    }
    test_together(items, tested, count, 1);
    for (int i = 0; i < count; i++)
        if (tested[i]) decide_second(&items[i], suspects, rules);
    wait_for_counts(items, count, rules);
    free(tested);
}
