/* A flow: messages that are under way to one place, the next of which arrives when its time has come. Nearly all
 * arrive in the order in which they were sent, and wait in a ring; those that lost packets made late, or that overtake
 * others, wait in a heap beside it. One source of the engine, however many are under way. */
#ifndef PUSHPULL_FLOW_H
#define PUSHPULL_FLOW_H

#include "engine.h"

struct flight {
    int64_t at_ns;   /* when it arrives */
    int64_t sent_ns; /* when it was sent */
    uint64_t number; /* of the event that it carries, or answers; of whatever its flow is about */
    uint32_t user;
};

struct flow {
    struct source source;
    struct engine *engine;
    void (*arrive)(struct flow *, const struct flight *);
    void *data; /* of whoever it arrives at */
    struct flight *ring, *heap;
    size_t first, count, room; /* of the ring; room is a power of two */
    size_t late;               /* how many are in the heap */
};

void flow_init(struct flow *, struct engine *, void (*arrive)(struct flow *, const struct flight *),
               void *data);
void flow_free(struct flow *);
void flow_add(struct flow *, const struct flight *);

#endif
