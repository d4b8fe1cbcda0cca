/* The decision. See decide.h. */
#include "compare/decide.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* --- one batch -------------------------------------------------------------------------------- */

static void look(const struct decide_item *item, struct decide_batch *batch) {
    batch->p = 1;
    batch->shift = (struct shift){0, -INFINITY, INFINITY};
    batch->significant = batch->beyond = false;
    if (batch->count == 0 || item->mishap) return;
    batch->p = signed_rank_p(batch->differences, batch->count);
    batch->shift = signed_rank_shift(batch->differences, batch->count, 0.95);
    batch->beyond = batch->shift.value > item->tolerance;
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
    free(places);
}

/* --- mishaps ---------------------------------------------------------------------------------- */

/* Pairs that vote: in which the candidate has more of it, and in which the base has. */
struct votes {
    int against, in_favour;
};

static struct votes count_votes(const struct decide_batch *batch) {
    struct votes votes = {0, 0};
    for (int i = 0; i < batch->count; i++) {
        votes.against += batch->differences[i] > 0;
        votes.in_favour += batch->differences[i] < 0;
    }
    return votes;
}

/* The chance that of so many votes as many are against the candidate, or more, where both are alike. */
static double sign_test(struct votes votes) {
    int all = votes.against + votes.in_favour;
    double term = ldexp(1, -all), chance = 0; /* of none, of one, ... in favour */
    for (int k = 0; k <= votes.in_favour; k++) {
        chance += term;
        term *= (double)(all - k) / (k + 1);
    }
    return chance;
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
    while (needed < limit &&
           signed_rank_power(batch->shift.value, deviation, needed, alpha, tolerance) < GATE_POWER)
        needed++;
    return (needed < limit ? needed : limit) - batch->run;
}

/* --- the stages ------------------------------------------------------------------------------- */

static void ask(struct decide_item *item, int batch, int pairs) {
    item->more_batch = batch;
    item->more_pairs = pairs > 0 ? pairs : 0;
}

/* Looks worse, and is not shown to be: more pairs, if there may be more. */
static bool is_maybe(const struct decide_batch *batch) {
    return batch->beyond && !batch->significant && batch->p <= GATE_MAYBE;
}

/* Whether not even pairs of one sign would be significant. */
static bool is_hopeless(int pairs, double alpha) { return ldexp(2, -pairs) > alpha; }

static void decide_first(struct decide_item *item, int tests, const struct decide_rules *rules) {
    const struct decide_batch *first = &item->batches[0];
    if (is_hopeless(first->count, GATE_ALPHA / tests))
        item->decision = CANNOT_SAY;
    else if (first->significant && first->beyond)
        item->decision = SUSPECT;
    else if (is_maybe(first))
        item->decision = UNSURE;
    else
        item->decision =
            first->significant && first->shift.value < -item->tolerance ? BETTER : SAME;
    if (item->decision == UNSURE)
        ask(item, 1, pairs_for(first, GATE_ALPHA / tests, item->tolerance, rules->limit));
}

/* A suspect, by as many pairs as have made it one. */
static void decide_second(struct decide_item *item, int suspects,
                          const struct decide_rules *rules) {
    const struct decide_batch *second = &item->batches[1];
    int missing = item->batches[0].run - second->run;
    if (second->significant && second->beyond)
        item->decision = WORSE;
    else if (missing > 0)
        ask(item, 2, missing);
    else if (is_hopeless(second->count, GATE_ALPHA / suspects))
        item->decision = CANNOT_SAY;
    else if (is_maybe(second)) {
        item->decision = UNSURE;
        ask(item, 2, pairs_for(second, GATE_ALPHA / suspects, item->tolerance, rules->limit));
    } else
        item->decision = NOT_CONFIRMED;
}

static void decide_mishap(struct decide_item *item, const struct decide_rules *rules) {
    struct decide_batch *first = &item->batches[0], *second = &item->batches[1];
    struct votes looks = count_votes(first), confirms = count_votes(second);
    struct votes both = {looks.against + confirms.against, looks.in_favour + confirms.in_favour};
    int missing = first->run - second->run;
    first->p = sign_test(looks);
    second->p = sign_test(both);
    first->significant = looks.against > 0 && (first->base_has_none || first->p <= GATE_MAYBE);
    second->significant = confirms.against > confirms.in_favour && second->p <= GATE_MISHAP_ALPHA;
    first->beyond = looks.against > looks.in_favour;
    second->beyond = confirms.against > confirms.in_favour;
    if (first->count == 0)
        item->decision = CANNOT_SAY;
    else if (!first->significant || !first->beyond)
        item->decision = SAME;
    else if (second->significant)
        item->decision = WORSE;
    else if (missing > 0) {
        item->decision = SUSPECT;
        ask(item, 2, missing);
    } else if (second->beyond) { /* it came again, too seldom to be sure */
        item->decision = UNSURE;
        int more = second->run / 2 + 1, left = rules->limit - second->run;
        ask(item, 2, more < left ? more : left);
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
static void wait_for_counts(struct decide_item *items, int count,
                            const struct decide_rules *rules) {
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

int decide_tests(const struct decide_item *items, int count) {
    int tests = 0;
    for (int i = 0; i < count; i++) tests += !items[i].mishap;
    return tests;
}

void decide(struct decide_item *items, int count, const struct decide_rules *rules) {
    bool *tested = xcalloc((size_t)count + 1, sizeof(*tested));
    int tests = decide_tests(items, count), suspects = 0;
    for (int i = 0; i < count; i++) {
        for (int b = 0; b < GATE_BATCHES; b++) look(&items[i], &items[i].batches[b]);
        ask(&items[i], 1, 0);
        tested[i] = !items[i].mishap;
    }
    test_together(items, tested, count, 0);
    for (int i = 0; i < count; i++) {
        if (items[i].mishap)
            decide_mishap(&items[i], rules);
        else
            decide_first(&items[i], tests, rules);
        tested[i] = !items[i].mishap && items[i].decision == SUSPECT;
        suspects += tested[i];
    }
    test_together(items, tested, count, 1);
    for (int i = 0; i < count; i++)
        if (tested[i]) decide_second(&items[i], suspects, rules);
    wait_for_counts(items, count, rules);
    free(tested);
}
