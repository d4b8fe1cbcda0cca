/* A wake-up at an absolute time. libuv's timers count milliseconds and may fire early; this is a
 * timerfd on the loop: nanoseconds, CLOCK_MONOTONIC, never early. */
#ifndef PUSHPULL_PACER_H
#define PUSHPULL_PACER_H

#include <stdint.h>
#include <uv.h>

struct pacer;
typedef void (*pacer_callback)(void *data);

/* Returns NULL with a line on stderr when the kernel gives no timerfd. */
struct pacer *pacer_new(uv_loop_t *, pacer_callback, void *data);
/* From now on wait by spinning through the loop instead of sleeping: costs a whole core, and is
 * exact to a few microseconds. */
void pacer_spin(struct pacer *);
/* (Re)arms: the callback runs once, at or after `at_ns`. A time in the past fires at once. */
void pacer_arm(struct pacer *, int64_t at_ns);
void pacer_disarm(struct pacer *);
/* Frees it; the memory goes once libuv has closed the handle. NULL is allowed. */
void pacer_close(struct pacer *);

#endif
