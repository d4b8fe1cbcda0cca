/* Frames on their way: see queue.h. */
#include "queue.h"

#include "base/limits.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

void frame_queue_init(struct frame_queue *queue) {
    list_init(&queue->lanes[0]);
    list_init(&queue->lanes[1]);
    queue->held_bytes = 0;
}

static struct frame *frame_of(struct list *link) { return list_entry(link, struct frame, link); }

/* From the end: what was stamped a moment too late, when the clocks were compared anew, goes before it. */
static void insert(struct list *lane, struct frame *frame) {
    struct list *before = lane->previous;
    while (before != lane && frame_of(before)->pass_ns > frame->pass_ns) before = before->previous;
    list_append(before->next, &frame->link); /* to append to a link is to stand before it */
}

bool frame_queue_add(struct frame_queue *queue, const void *bytes, size_t length, int64_t pass_ns,
                     bool held) {
    size_t size = sizeof(struct frame) + length;
    if (queue->held_bytes + size > LINK_QUEUE_BYTES) return false;
    struct frame *frame = xmalloc(size);
    *frame = (struct frame){.pass_ns = pass_ns, .length = length, .held = held};
    memcpy(frame->bytes, bytes, length);
    queue->held_bytes += size;
    insert(&queue->lanes[held], frame);
    return true;
}

struct frame *frame_queue_first(const struct frame_queue *queue) {
    struct frame *first = NULL;
    for (int lane = 0; lane < 2; lane++) {
        if (list_empty(&queue->lanes[lane])) continue;
        struct frame *frame = frame_of(queue->lanes[lane].next);
        if (first == NULL || frame->pass_ns < first->pass_ns) first = frame;
    }
    return first;
}

void frame_queue_remove(struct frame_queue *queue, struct frame *frame) {
    queue->held_bytes -= sizeof(struct frame) + frame->length;
    list_remove(&frame->link);
}

void frame_queue_clear(struct frame_queue *queue) {
    for (struct frame *frame; (frame = frame_queue_first(queue)) != NULL; free(frame))
        frame_queue_remove(queue, frame);
}
