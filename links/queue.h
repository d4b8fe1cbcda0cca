/* Frames on their way, by when they are to leave. Two lanes: one for those that keep their order, one for
 * those that were held back; in each of them a new frame nearly always belongs to the end, so that to add
 * one and to take the first cost the same however many are on their way. */
#ifndef PUSHPULL_QUEUE_H
#define PUSHPULL_QUEUE_H

#include "base/list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
    struct list link;
    int64_t pass_ns; /* when it is to leave */
    size_t length;
    bool held;
    unsigned char bytes[];
};

struct frame_queue {
    struct list lanes[2];
    size_t held_bytes; /* memory of all the frames in it */
};

void frame_queue_init(struct frame_queue *);
/* Adds a copy of the frame. Returns false when the queue is full (LINK_QUEUE_BYTES). */
bool frame_queue_add(struct frame_queue *, const void *bytes, size_t length, int64_t pass_ns,
                     bool held);
/* The frame that is to leave first, or NULL. */
struct frame *frame_queue_first(const struct frame_queue *);
/* Takes it out; it is the caller's to free. */
void frame_queue_remove(struct frame_queue *, struct frame *);
/* Frees all that is in it. */
void frame_queue_clear(struct frame_queue *);

#endif
