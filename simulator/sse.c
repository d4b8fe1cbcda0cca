/* Server-Sent Events, simulated: one request long ago, and an answer that never ends. Each event is written to each open
 * stream, one after the other (push.c).
 *
 *     server   publishes 13: |-- chunk to user 0 -->|
 *                             |-- chunk to user 1 -->|
 *                              |-- ...
 *
 *     a1\r\n                                 a chunk: its length, in hexadecimal
 *     id: 5c1f09aa-13\n                      the cursor: where a client comes back to
 *     data: {"seq":13,...}\n\n\r\n          the event
 *
 * So an event takes one way, and a write for each user before. The price: a write and some thirty bytes per user and
 * event; and when no event has come for heartbeat_seconds a comment per stream, so that proxies do not cut it.
 *
 * Left out: see push.h. */
#include "models.h"
#include "push.h"

#include "base/clock.h"

#include <string.h>

static uint64_t chunk_bytes(uint64_t content) {
    uint64_t digits = 1;
    for (uint64_t rest = content; rest >= 16; rest /= 16) digits++;
    return digits + content + 2 * strlen("\r\n");
}

static uint64_t frame_bytes(const struct simulation *s, uint64_t number) {
    uint64_t id = strlen("id: \n") + cursor_bytes(number);
    return chunk_bytes(id + strlen("data: \n\n") + s->events[number - 1].bytes);
}

static void start(struct simulation *s) {
    struct push *push = s->own;
    push->frame_bytes = frame_bytes;
    push->silence_ns = (int64_t)(simulation_number(s, "heartbeat_seconds") * NS_PER_SECOND);
    push->sign_bytes = chunk_bytes(strlen(": still here\n\n"));
    push_start(s);
}

static const char *const options[] = {"heartbeat_seconds", NULL};

const struct model sse_model = {
    .name = "sse",
    .options = options,
    .size = sizeof(struct push),
    .start = start,
    .publish = push_publish,
    .stop = push_stop,
};
