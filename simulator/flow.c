/* A flow of messages: see flow.h. */
#include "flow.h"

#include "base/list.h"
#include "base/memory.h"

#include <stdbool.h>
#include <stdlib.h>

static void on_time(struct source *source);

void flow_init(struct flow *flow, struct engine *engine,
               void (*arrive)(struct flow *, const struct flight *), void *data) {
    *flow = (struct flow){
        .source.fire = on_time, .engine = engine, .arrive = arrive, .data = data, .room = 64};
    flow->ring = xcalloc(flow->room, sizeof(*flow->ring));
}

void flow_free(struct flow *flow) {
    free(flow->ring);
    free(flow->heap);
}

/* --- the ring: those in order ----------------------------------------------------------------- */

static struct flight *place(const struct flow *flow, size_t index) {
    return &flow->ring[(flow->first + index) & (flow->room - 1)];
}

static void grow(struct flow *flow) {
    struct flight *larger = xcalloc(2 * flow->room, sizeof(*larger));
    for (size_t i = 0; i < flow->count; i++) larger[i] = *place(flow, i);
    free(flow->ring);
    flow->ring = larger;
    flow->first = 0;
    flow->room *= 2;
}

/* --- the heap: the others --------------------------------------------------------------------- */

static void add_late(struct flow *flow, const struct flight *flight) {
    flow->heap = xgrow(flow->heap, flow->late, sizeof(*flow->heap));
    size_t at = flow->late++;
    for (; at > 0 && flight->at_ns < flow->heap[(at - 1) / 2].at_ns; at = (at - 1) / 2)
        flow->heap[at] = flow->heap[(at - 1) / 2];
    flow->heap[at] = *flight;
}

static struct flight take_late(struct flow *flow) {
    struct flight first = flow->heap[0], last = flow->heap[--flow->late];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < flow->late; at = child) {
        if (child + 1 < flow->late && flow->heap[child + 1].at_ns < flow->heap[child].at_ns)
            child++;
        if (last.at_ns <= flow->heap[child].at_ns) break;
        flow->heap[at] = flow->heap[child];
    }
    flow->heap[at] = last;
    return first;
}

/* --- both ------------------------------------------------------------------------------------- */

static bool late_is_next(const struct flow *flow) {
    if (flow->late == 0 || flow->count == 0) return flow->late > 0;
    return flow->heap[0].at_ns < place(flow, 0)->at_ns;
}

static void arm(struct flow *flow) {
    int64_t next_ns = late_is_next(flow) ? flow->heap[0].at_ns
                      : flow->count > 0  ? place(flow, 0)->at_ns
                                         : INT64_MAX;
    bool armed = flow->source.place != 0;
    if (!armed || flow->source.at_ns != next_ns) engine_arm(flow->engine, &flow->source, next_ns);
}

static void on_time(struct source *source) {
    struct flow *flow = list_entry(source, struct flow, source);
    struct flight next;
    if (late_is_next(flow)) {
        next = take_late(flow);
    } else {
        next = *place(flow, 0);
        flow->first = (flow->first + 1) & (flow->room - 1);
        flow->count--;
    }
    arm(flow);
    flow->arrive(flow, &next);
}

void flow_add(struct flow *flow, const struct flight *flight) {
    if (flow->count > 0 && flight->at_ns < place(flow, flow->count - 1)->at_ns) {
        add_late(flow, flight);
    } else {
        if (flow->count == flow->room) grow(flow);
        *place(flow, flow->count++) = *flight;
    }
    arm(flow);
}
