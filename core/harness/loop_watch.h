/* Does the loop come when something is due? Every ten milliseconds of the window something is: how late the
 * loop came to it is recorded, for each that was due meanwhile as well, so that a stop of a second is a
 * hundred late probes and not one (no coordinated omission in the detector either).
 *
 * A late loop has worked, or it stood still: what its own CPU time since the last probe does not explain.
 * Then it was stopped, or waited for a processor, or its machine stood. */
#ifndef PUSHPULL_LOOP_WATCH_H
#define PUSHPULL_LOOP_WATCH_H

#include "model/histogram.h"
#include "net/pacer.h"

#include <jansson.h>
#include <stdint.h>
#include <uv.h>

struct loop_watch {
    struct pacer pacer;
    struct histogram *lag; /* ns: how late the loop came */
    int64_t end_ns, due_ns;
    int64_t late_ns;  /* of the last probe */
    uint64_t late_at; /* the loop's time (uv_now) when it came: the same for all of one turn */
    int64_t cpu_ns;   /* of this process, at the last probe */
    int64_t stood_ns; /* so long it stood still, all times of more than 10 ms together */
    int64_t longest_standstill_ns;
};

/* Returns 0 or a libuv error. */
int loop_watch_init(struct loop_watch *, uv_loop_t *);
/* Watches from here to there, once. */
void loop_watch_window(struct loop_watch *, int64_t start_ns, int64_t end_ns);
/* So late the loop comes to what it handles at `now_ns`, in this turn; 0 outside the window. What had to wait
 * less than ten milliseconds may be missed, for nothing was due in between. */
int64_t loop_watch_lateness(const struct loop_watch *, int64_t now_ns);
/* The standstills, into a report. */
void loop_watch_report(const struct loop_watch *, json_t *message);
void loop_watch_close(struct loop_watch *);
void loop_watch_free(struct loop_watch *);

#endif
