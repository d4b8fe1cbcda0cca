/* Being told to stop: SIGINT, SIGTERM and SIGHUP. */
#ifndef PUSHPULL_INTERRUPT_H
#define PUSHPULL_INTERRUPT_H

#include <uv.h>

#define INTERRUPT_SIGNALS 3

struct interrupt {
    uv_signal_t signals[INTERRUPT_SIGNALS];
    void (*heard)(void *data);
    void *data;
};

/* Calls `heard` from the loop for each signal. One that was ignored when the runner began (nohup, a
 * shell's background) stays ignored. Several may watch at a time: each hears every signal. */
void interrupt_watch(struct interrupt *, uv_loop_t *, void (*heard)(void *data), void *data);
void interrupt_close(struct interrupt *);

#endif
