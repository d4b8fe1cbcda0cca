/* The engine: see engine.h. A binary heap ordered by time, then by the order of arming. */
#include "engine.h"

#include "base/memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

void engine_init(struct engine *engine, int64_t now_ns) {
    *engine = (struct engine){.now_ns = now_ns};
}

void engine_free(struct engine *engine) { free(engine->heap); }

/* --- the heap --------------------------------------------------------------------------------- */

static bool comes_before(const struct source *a, const struct source *b) {
    return a->at_ns < b->at_ns || (a->at_ns == b->at_ns && a->order < b->order);
}

static void put(struct engine *engine, size_t place, struct source *source) {
    engine->heap[place - 1] = source;
    source->place = place;
}

static void rise(struct engine *engine, struct source *source, size_t place) {
    for (; place > 1 && comes_before(source, engine->heap[place / 2 - 1]); place /= 2)
        put(engine, place, engine->heap[place / 2 - 1]);
    put(engine, place, source);
}

static void sink(struct engine *engine, struct source *source, size_t place) {
    for (size_t child; (child = 2 * place) <= engine->count; place = child) {
        struct source **below = &engine->heap[child - 1];
        if (child < engine->count && comes_before(below[1], below[0])) child++, below++;
        if (!comes_before(*below, source)) break;
        put(engine, place, *below);
    }
    put(engine, place, source);
}

/* --- arming ----------------------------------------------------------------------------------- */

void engine_disarm(struct engine *engine, struct source *source) {
    size_t place = source->place;
    if (place == 0) return;
    source->place = 0;
    struct source *last = engine->heap[--engine->count];
    if (last == source) return;
    if (place > 1 && comes_before(last, engine->heap[place / 2 - 1]))
        rise(engine, last, place);
    else
        sink(engine, last, place);
}

void engine_arm(struct engine *engine, struct source *source, int64_t at_ns) {
    engine_disarm(engine, source);
    if (at_ns == INT64_MAX) return;
    source->at_ns = at_ns > engine->now_ns ? at_ns : engine->now_ns;
    source->order = engine->armed++;
    engine->heap = xgrow(engine->heap, engine->count, sizeof(*engine->heap));
    rise(engine, source, ++engine->count);
}

void engine_run(struct engine *engine, int64_t until_ns) {
    while (engine->count > 0 && engine->heap[0]->at_ns < until_ns) {
        struct source *next = engine->heap[0];
        assert(next->at_ns >= engine->now_ns);
        engine->now_ns = next->at_ns;
        engine_disarm(engine, next);
        engine->fired++;
        next->fire(next);
    }
    if (until_ns > engine->now_ns) engine->now_ns = until_ns;
}
