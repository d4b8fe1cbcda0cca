/* WebSocket, simulated: pushed as tcp is, each event a frame: 2, 4 or 10 bytes before its text (servers/websocket.c).
 *
 * In silence a ping, which each client answers with a pong: four segments where SSE's comment takes two. */
#include "models.h"
#include "push.h"

#include "base/clock.h"

#define PING_BYTES 3 /* 89 01 3F */
#define PONG_BYTES 7 /* 8A 81, a mask of four, the byte */

static uint64_t frame_bytes(const struct simulation *s, uint64_t number) {
    uint64_t text = s->events[number - 1].bytes;
    return text + (text < 126 ? 2 : text < 65536 ? 4 : 10);
}

static void start(struct simulation *s) {
    struct push *push = s->own;
    push->frame_bytes = frame_bytes;
    push->silence_ns = (int64_t)(simulation_number(s, "ping_seconds") * NS_PER_SECOND);
    push->sign_bytes = PING_BYTES;
    push->reply_bytes = PONG_BYTES;
    push_start(s);
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
