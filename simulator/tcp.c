/* The floor, simulated: an event is its text and a line break, written into an open connection (servers/tcp.c). */
#include "models.h"
#include "push.h"

static uint64_t frame_bytes(const struct simulation *s, uint64_t number) {
    return s->events[number - 1].bytes + 1;
}

static void start(struct simulation *s) {
    struct push *push = s->own;
    push->frame_bytes = frame_bytes;
    push_start(s);
}

static const char *const options[] = {NULL};

const struct model tcp_model = {
    .name = "tcp",
    .options = options,
    .size = sizeof(struct push),
    .start = start,
    .publish = push_publish,
    .stop = push_stop,
};
