/* WebSocket, simulated: each event is written to each open connection, one after the other (push.c), as a frame: a head of
 * 2, 4 or 10 bytes, by the length of the text (RFC 6455, section 5.2).
 *
 *     server   publishes 13: |-- 81 7E 00 C8 {"seq":13,...} to user 0 -->|
 *                             |-- the same to user 1 -->|
 *                              |-- ...
 *
 * So an event takes one way, and a write for each user before. The price: a write per user and event; and when no event
 * has come for ping_seconds a ping to each, which its client answers with a pong. Neither answers within the same turn
 * of a process, so that with their acknowledgements these are four segments, where SSE's comment takes two.
 *
 * Left out: see push.h. */
#include "models.h"
#include "push.h"

#include "base/clock.h"

#define PING_BYTES 3 /* 89 01 3F: a ping, one byte, that byte */
#define PONG_BYTES 7 /* 8A 81, a mask of four, the byte */

static uint64_t frame_bytes(const struct simulation *s, uint64_t number) {
    uint64_t text = s->events[number - 1].bytes;
    return text + (text < 126     ? 2
                   : text < 65536 ? 4
                                  : 10); /* one byte of length, two more, eight more */
}

static void start(struct simulation *s) {
    struct push *push = s->own;
    push->frame_bytes = frame_bytes;
    push->silence_ns = (int64_t)(simulation_number(s, "ping_seconds") * NS_PER_SECOND);
    push->sign_bytes = PING_BYTES;
    push->reply_bytes = PONG_BYTES;
    push_start(s);
    /* A client that has just asked for this waits with its acknowledgements, until it has once waited in vain. (Seen of
     * Linux, with WebSocket alone.) */
    for (uint32_t user = 0; user < s->users; user++) s->lines[user].prompt[LINK_UP] = true;
}

static const char *const options[] = {"ping_seconds", NULL};

const struct model websocket_model = {
    .name = "websocket",
    .options = options,
    .size = sizeof(struct push),
    .start = start,
    .publish = push_publish,
    .stop = push_stop,
};
