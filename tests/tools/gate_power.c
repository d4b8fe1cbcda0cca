/* How often does the gate cry wolf, and how much does it find? Takes the pairs of a paired run of a build against
 * itself, and plays thousands of gates with them: each draws its pairs from these, with replacement, and which of
 * the two was the candidate by lot, as the run did when it drew the order within a pair. So each is a gate on
 * real trials of this machine in which nothing differs; a regression is put in by multiplying a figure.
 *
 *     gate_power DATABASE EXPERIMENT GATES POWER_GATES
 *         GATES gates without a difference, and for each strategy POWER_GATES with a median latency, and as many
 *         with server CPU, that is 10 % higher. */
#include "base/memory.h"
#include "base/random.h"
#include "compare/gate.h"
#include "store/open.h"
#include "store/sql.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED 20260101
#define RISE 1.10

/* What was measured of an item: the differences of its pairs, all batches together. */
struct pool {
    double *differences;
    int count;
};

/* One gate that is played: which item is worse, and by what difference. */
struct play {
    struct gate *gate;
    const struct pool *pools;
    struct random *random;
    int worse; /* an item's number; -1: none */
};

/* Draws `pairs` more of one cell into a batch of all its items: the same pairs, and the same sides. */
static void draw(struct play *play, const struct gate_item *of, int batch, int pairs) {
    struct gate *gate = play->gate;
    for (int k = 0; k < pairs; k++) {
        uint64_t pair = random_below(play->random, 1u << 30);
        double side = random_below(play->random, 2) == 0 ? 1 : -1;
        for (int i = 0; i < gate->count; i++) {
            const struct gate_item *item = &gate->items[i];
            if (item->strategy != of->strategy || strcmp(item->parameters, of->parameters) != 0)
                continue;
            struct decide_batch *own = &item->decided->batches[batch];
            const struct pool *pool = &play->pools[i];
            own->run++;
            if (pool->count == 0) continue;
            double difference = side * pool->differences[pair % (uint64_t)pool->count];
            if (i == play->worse) difference += log(RISE);
            own->differences = xgrow(own->differences, (size_t)own->count, sizeof(double));
            own->differences[own->count++] = difference;
            if (item->decided->mishap && difference < 0) own->base_has_none = false;
        }
    }
}

static void forget(struct gate *gate) {
    for (int i = 0; i < gate->count; i++)
        for (int b = 0; b < GATE_BATCHES; b++) {
            free(gate->decided[i].batches[b].differences);
            gate->decided[i].batches[b] = (struct decide_batch){.base_has_none = true};
        }
}

/* Whether an item is the first of its cell. */
static bool is_first(const struct gate *gate, int i) {
    for (int k = 0; k < i; k++)
        if (gate->items[k].strategy == gate->items[i].strategy &&
            strcmp(gate->items[k].parameters, gate->items[i].parameters) == 0)
            return false;
    return true;
}

/* Plays one gate to its end, as `pushpull run --base` would. Returns how many pairs it took. */
static int play_one(struct play *play) {
    struct gate *gate = play->gate;
    int pairs = 0, more;
    forget(gate);
    for (int i = 0; i < gate->count; i++)
        if (is_first(gate, i)) {
            draw(play, &gate->items[i], 0, GATE_COUNT_PAIRS);
            pairs += GATE_COUNT_PAIRS;
        }
    do {
        more = 0;
        gate_decide(gate);
        int *asked = xcalloc((size_t)gate->count * GATE_BATCHES, sizeof(*asked));
        for (int i = 0; i < gate->count; i++)
            for (int b = 0; b < GATE_BATCHES; b++)
                if (is_first(gate, i))
                    asked[i * GATE_BATCHES + b] =
                        gate_asks(gate, gate->items[i].strategy, gate->items[i].parameters, b + 1);
        for (int i = 0; i < gate->count; i++)
            for (int b = 0; b < GATE_BATCHES; b++) {
                draw(play, &gate->items[i], b, asked[i * GATE_BATCHES + b]);
                more += asked[i * GATE_BATCHES + b];
            }
        free(asked);
        pairs += more;
    } while (more > 0);
    return pairs;
}

static void false_alarms(struct play *play, int gates) {
    int verdicts[3] = {0};
    double pairs = 0;
    long decisions = 0;
    play->worse = -1;
    for (int i = 0; i < gates; i++) {
        pairs += play_one(play);
        verdicts[play->gate->verdict]++;
        decisions += play->gate->gated;
    }
    printf(
        "without a difference  %d gates (%ld figures): %d red (%.2f %%), %d inconclusive (%.1f %%);"
        " %.0f pairs each\n",
        gates, decisions, verdicts[REGRESSION], 100.0 * verdicts[REGRESSION] / gates,
        verdicts[INCONCLUSIVE], 100.0 * verdicts[INCONCLUSIVE] / gates, pairs / gates);
}

static void power(struct play *play, int item, int gates) {
    struct gate *gate = play->gate;
    int found = 0, elsewhere = 0, inconclusive = 0;
    char *name = gate_item_name(&gate->items[item]);
    double deviation = scatter(play->pools[item].differences, play->pools[item].count);
    play->worse = item;
    for (int i = 0; i < gates; i++) {
        play_one(play);
        for (int k = 0; k < gate->gated; k++)
            if (gate_is_regression(gate, &gate->items[k])) *(k == item ? &found : &elsewhere) += 1;
        inconclusive += gate->verdict == INCONCLUSIVE;
    }
    printf("%+.0f %%  %-45s found in %5.1f %% of %d gates (inconclusive %.1f %%; elsewhere red %d);"
           " pairs scatter by %.1f %%\n",
           100 * (RISE - 1), name, 100.0 * found / gates, gates, 100.0 * inconclusive / gates,
           elsewhere, 100 * deviation);
    free(name);
}

static bool is_tried(const struct gate_item *item) {
    char name[METRIC_NAME_SIZE];
    if (item->metric.kind == NULL) return false;
    metric_name(name, item->metric);
    return strcmp(name, "delivery_latency_p50_us") == 0 ||
           strcmp(name, "server_cpu_us_per_delivery") == 0;
}

static struct pool *take_pools(struct gate *gate) {
    struct pool *pools = xcalloc((size_t)gate->count, sizeof(*pools));
    for (int i = 0; i < gate->count; i++)
        for (int b = 0; b < GATE_BATCHES; b++) {
            const struct decide_batch *batch = &gate->decided[i].batches[b];
            for (int k = 0; k < batch->count; k++) {
                pools[i].differences =
                    xgrow(pools[i].differences, (size_t)pools[i].count, sizeof(double));
                pools[i].differences[pools[i].count++] = batch->differences[k];
            }
        }
    return pools;
}

int main(int argc, char **argv) {
    struct gate gate;
    struct random random;
    if (argc != 5) {
        fprintf(stderr, "gate_power DATABASE EXPERIMENT GATES POWER_GATES\n");
        return 2;
    }
    sqlite3 *db = store_open_to_read(argv[1]);
    if (db == NULL || gate_read(&gate, db, strtoll(argv[2], NULL, 10)) != 0) return 1;
    gate.rules = (struct decide_rules){30, 60};
    gate.crowded = false;
    random_seed(&random, SEED);
    struct pool *pools = take_pools(&gate);
    struct play play = {&gate, pools, &random, -1};
    false_alarms(&play, atoi(argv[3]));
    for (int i = 0; i < gate.gated; i++)
        if (is_tried(&gate.items[i])) power(&play, i, atoi(argv[4]));
    for (int i = 0; i < gate.count; i++) free(pools[i].differences);
    free(pools);
    gate_free(&gate);
    return store_close(db) == 0 ? 0 : 1;
}
