/* A wake-up at an absolute time. libuv's timers count milliseconds and may fire early; this is a
 * timerfd on the loop: nanoseconds, CLOCK_MONOTONIC, never early. */
#ifndef PUSHPULL_PACER_H
#define PUSHPULL_PACER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct pacer;
typedef void (*pacer_callback)(struct pacer *);

/* Embed it in whoever waits; its memory stays until the loop has closed its handles. Zeroed it is none,
 * and may be closed. */
struct pacer {
    uv_poll_t poll;
    uv_idle_t spinner; /* runs every turn of the loop while spinning */
    int fd;
    bool open, spin;
    int64_t at_ns;
    pacer_callback callback;
};

/* Returns 0, or a libuv error when the kernel gives no timerfd. */
int pacer_init(struct pacer *, uv_loop_t *, pacer_callback);
/* From now on wait by spinning through the loop instead of sleeping: costs a whole core, and is
 * exact to a few microseconds. */
void pacer_spin(struct pacer *);
/* (Re)arms: the callback runs once, at or after `at_ns`. A time in the past fires at once. */
void pacer_arm(struct pacer *, int64_t at_ns);
void pacer_close(struct pacer *);

#endif
