/* Faults on purpose. A measuring instrument is checked with things whose size is known: a server
 * that stands still for a known time, that is gone for a known time, that delays its events by a known distribution, that loses,
 * doubles or swaps known events. `make self-test` measures them back; labs use them too. */
#ifndef PUSHPULL_FAULT_H
#define PUSHPULL_FAULT_H

#include "base/options.h"

#include <stdbool.h>
#include <stdint.h>

struct fault {
    /* As the options say. */
    const char *stall_text, *cut_text, *delay_text;
    int64_t drop_every, duplicate_every, swap_every;
    /* What the texts mean: fault_init. */
    double stall_at_ms, stall_for_ms;
    double cut_at_ms, cut_for_ms;
    double delay_least_ms, delay_most_ms, delay_period_ms;
};

/* --stall, --cut, --delay, --drop-every, --duplicate-every, --swap-every: into a struct fault */
extern const struct option fault_options[];

/* Takes what the options said. */
void fault_init(struct fault *);

/* The stall: stand still for *for_ns from *at_ns on, counted from the start of the window (by hand it
 * opens at the start). Returns whether there is one. */
bool fault_stall(const struct fault *, int64_t *at_ns, int64_t *for_ns);
/* Stands still: nothing of this process runs until then. */
void fault_stand_still(int64_t for_ns);

/* The cut: from *at_ns on, counted the same way, the server is gone for *for_ns, as one that died and is started
 * again: it closes every connection and refuses new ones. What it remembers is still there when it is back, and
 * what became due meanwhile was published. Returns whether there is one. */
bool fault_cut(const struct fault *, int64_t *at_ns, int64_t *for_ns);

/* By how much an event due `since_start_ns` after the schedule's start is published late: a
 * triangular wave between the least and the most delay, so that over whole periods the delays are
 * uniformly distributed, and so gently sloped that events keep their order. */
int64_t fault_delay_ns(const struct fault *, int64_t since_start_ns);

/* "drop_every=10 stall=1000:500": what it was told to do, or NULL when nothing. The caller frees it. */
char *fault_description(const struct fault *);

enum fault_fate { FATE_PUBLISH, FATE_DROP, FATE_DUPLICATE, FATE_SWAP_WITH_NEXT };
/* What becomes of the event with this number. */
enum fault_fate fault_fate(const struct fault *, uint64_t number);

#endif
