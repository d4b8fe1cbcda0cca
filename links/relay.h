/* The relay: takes whole frames from one end of a link, and sends them on at the other when the law says.
 *
 * The kernel writes each frame with the time at which it came into a ring of memory that is shared with us;
 * from that time on its delay counts, not from when we come round to it. Between frames the relay sleeps;
 * it wakes up shortly before the next one is due and watches the clock, for a processor that sleeps takes
 * longer to wake up than a good link is late. */
#ifndef PUSHPULL_RELAY_H
#define PUSHPULL_RELAY_H

#include "frames.h"
#include "model/conversation.h"
#include "model/histogram.h"
#include "model/link.h"
#include "model/window.h"
#include "namespaces.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct relay;

/* What came or was due inside the window. */
struct relay_counts {
#define FIELD_OF_COUNT(name) uint64_t name;
    COUNTS_OF_THE_LINK(FIELD_OF_COUNT)
#undef FIELD_OF_COUNT
    uint64_t frames[2], bytes[2]; /* by enum link_direction */
    uint64_t stamps_dropped;      /* frames without a stamp of the kernel's that can be true */
    uint64_t flows_untold;        /* packets of connections beyond what can be told apart */
    uint64_t radio_users;
    double radio_awake_seconds;
};

/* Opens both ends, in the network namespace of the relay, and starts to relay. Returns NULL and sets
 * *error to a libuv error when it cannot. */
struct relay *relay_new(uv_loop_t *, const struct namespaces *, const struct link_settings *,
                        const struct link_faults *, uint64_t seed, int *error);
/* What came before was for the calibration: its connections are forgotten, and chance begins anew, as the seed
 * says. */
void relay_begin(struct relay *, uint64_t seed);
/* From now on the frames that go to or come from its address are kept there. */
void relay_trace(struct relay *, struct frames *);
/* What is counted from here to there. Before the window begins. */
void relay_measure(struct relay *, struct window);
/* Takes up what the kernel has counted, rings and interfaces, since the last time; and whether that counts: at
 * the start of the window it does not, at its end it does. */
void relay_settle(struct relay *, bool counts);
struct relay_counts relay_counts(const struct relay *);
/* Really sent - due to be sent, in ns, of the frames that were due in the window. */
const struct histogram *relay_lateness(const struct relay *);
/* Frames that came, ever; those on their way now. */
uint64_t relay_frames(const struct relay *);
uint64_t relay_on_their_way(const struct relay *);
/* Relays no more; the memory is for relay_free, after the loop has ended. */
void relay_close(struct relay *);
void relay_free(struct relay *);

#endif
