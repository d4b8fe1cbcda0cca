/* Whether the other end of a WebSocket is still there: asked by a ping after silence, answered by a pong, or by taking
 * some of what waits for it. */
#ifndef PUSHPULL_PULSE_H
#define PUSHPULL_PULSE_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stdint.h>

/* Zeroed: we wait for nothing. */
struct pulse {
    int64_t asked_ns; /* since when we wait for a sign of life; 0: we do not */
    uint64_t taken;   /* how much its host had by then (wire_takes) */
};

/* It gave a sign of life. */
static inline void pulse_felt(struct pulse *pulse) { pulse->asked_ns = 0; }

/* Asks one that was `quiet`, or whose socket is `full`; hangs up on one that was asked `ping_ns` ago and has given no
 * sign since. */
void pulse_feel(struct pulse *, struct lws *, bool quiet, bool full, int64_t now_ns,
                int64_t ping_ns);

#endif
