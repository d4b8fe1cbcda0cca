/* Streams: connections on which events are pushed, one after the other, and which lose segments. What comes behind a
 * hole waits until the hole is filled: a later event that arrives tells the sender of it (RACK, RFC 8985), a round trip
 * after it was sent; without one the timer fires. Then all of them arrive at the same instant. From when it goes out
 * again until the sender hears that anything came, it keeps what is new: a loss closes the window.
 *
 * Left out: how wide the window is after that, which matters where more than a few segments are under way. */
#ifndef PUSHPULL_STREAM_H
#define PUSHPULL_STREAM_H

#include "flow.h"
#include "network.h"

struct hole;

/* All connections of a kind. */
struct streams {
    struct network *network;
    struct line *lines; /* by user */
    struct traffic *(*traffic_of)(void *data, uint32_t user);
    void (*deliver)(void *data, uint32_t user, uint64_t number, int64_t arrived_ns);
    void *data;
    struct flow repairs; /* when what was lost goes out again; its numbers are versions */
    uint64_t versions;
    struct hole **holes; /* by user; NULL: nothing is missing */
};

void streams_init(struct streams *, struct engine *, uint32_t users);
void streams_free(struct streams *, uint32_t users);

/* An event is written to the user's connection: it is delivered now, or when it is there. */
void stream_push(struct streams *, uint32_t user, uint64_t number, int64_t at_ns, uint64_t bytes);

#endif
