/* What tcp, SSE and WebSocket have in common: the server writes each event to each open connection, one after the
 * other, and nobody asks. How an event is framed, and what is said in silence, is the strategy's own.
 *
 * Left out: a socket that is full (the subscriber reads as fast as it can); the greeting; what a client's answer to a
 * sign of life takes of anybody's processor. */
#ifndef PUSHPULL_PUSH_H
#define PUSHPULL_PUSH_H

#include "model.h"
#include "stream.h"

struct push {
    struct streams streams;
    uint64_t (*frame_bytes)(const struct simulation *, uint64_t number);
    int64_t
        silence_ns; /* after so long without any event the server gives a sign of life; 0: never */
    uint64_t sign_bytes, reply_bytes; /* of that; and of what a client answers, 0: nothing */
    struct source sign;
    struct simulation *simulation;
};

/* `push` is the model's own structure, with the fields from frame_bytes to reply_bytes filled in. */
void push_start(struct simulation *);
void push_publish(struct simulation *);
void push_stop(struct simulation *);

#endif
